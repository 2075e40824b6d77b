package cache

import (
	"bytes"
	"crypto/sha256"
	"encoding"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"os"
	"reflect"
	"syscall"
)

// errCode says that an entry was computed by code that has changed.
var errCode = errors.New("computed by other code")

// Mapped is a value of which the larger part can stay in the file: load maps it into memory instead
// of reading it, so that a program pays for the pages that it looks at alone.
type Mapped interface {
	// MarshalMapped returns what is read at once, and the part that is mapped.
	MarshalMapped() (head, mapped []byte, err error)
	// UnmarshalMapped sets the value from both. The value may keep mapped, which begins at a
	// multiple of 4096 and stays in memory until the program ends, and may write to it: the file
	// does not change.
	UnmarshalMapped(head, mapped []byte) error
}

// An entry is
//
//	the SHA-256 of what follows, up to the mapped part
//	8 bytes: where the mapped part begins, or the length of the entry where there is none
//	8 bytes: the length of the mapped part
//	as gob the code that computed the value
//	the value: of a Mapped its head, of a pointer to what has MarshalBinary and UnmarshalBinary
//	its own bytes, which may be hundreds of megabytes, of anything else gob
//	zeros up to a multiple of 4096, and the mapped part
//
// The checksum leaves the mapped part out: to read it would be to load it.
const entryStart = sha256.Size + 16

// entryFormat is the number of this form of an entry. Entries of another have other keys.
const entryFormat = 2

// pageSize is what a mapped part begins at a multiple of.
const pageSize = 4096

// load reads an entry, as encode makes it.
func load(path string, value any, here *program) error {
	entry, err := mapFile(path)
	if err != nil {
		return err
	}
	isKept := false // the value is in the mapped memory
	defer func() {
		if !isKept && entry != nil {
			syscall.Munmap(entry)
		}
	}()
	if len(entry) < entryStart {
		return fmt.Errorf("%d bytes, too short for an entry", len(entry))
	}
	end, mapped := binary.BigEndian.Uint64(entry[sha256.Size:]), binary.BigEndian.Uint64(entry[sha256.Size+8:])
	if end < entryStart || end > uint64(len(entry)) || mapped != uint64(len(entry))-end {
		return fmt.Errorf("%d bytes of an entry of %d and %d", len(entry), end, mapped)
	}
	sum := sha256.Sum256(entry[sha256.Size:end])
	if !bytes.Equal(sum[:], entry[:sha256.Size]) {
		return errors.New("its checksum does not fit")
	}
	rest := bytes.NewReader(entry[entryStart:end]) // from which gob reads no further than it must
	decoder := gob.NewDecoder(rest)
	var by code
	if err := decoder.Decode(&by); err != nil {
		return err
	}
	if by.Sum != here.sum(by.Packages) {
		return errCode
	}
	pointer := reflect.ValueOf(value).Elem()
	if isMapped(pointer.Type()) {
		var head []byte
		if err := decoder.Decode(&head); err != nil {
			return err
		}
		pointer.Set(reflect.New(pointer.Type().Elem()))
		err := pointer.Interface().(Mapped).UnmarshalMapped(head, entry[end:])
		isKept = err == nil
		return err
	}
	if hasBytes(pointer.Type()) {
		pointer.Set(reflect.New(pointer.Type().Elem()))
		unmarshaler := pointer.Interface().(encoding.BinaryUnmarshaler)
		return unmarshaler.UnmarshalBinary(entry[end-uint64(rest.Len()) : end])
	}
	return decoder.Decode(value)
}

// errMapping is wrapped by the error of an entry that is there and cannot be mapped into memory.
var errMapping = errors.New("the entry cannot be mapped")

// mapFile returns the content of a file, mapped into memory. Writing to it changes this program's
// memory and not the file.
func mapFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || info.Size() == 0 {
		return nil, err
	}
	content, err := syscall.Mmap(int(file.Fd()), 0, int(info.Size()), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", errMapping, path, err)
	}
	return content, nil
}

// isMapped says whether values of a type are mapped.
func isMapped(t reflect.Type) bool {
	return t.Kind() == reflect.Pointer && t.Implements(reflect.TypeFor[Mapped]())
}

// hasBytes says whether values of a type are kept in their own bytes.
func hasBytes(t reflect.Type) bool {
	return t.Kind() == reflect.Pointer &&
		t.Implements(reflect.TypeFor[encoding.BinaryMarshaler]()) &&
		t.Implements(reflect.TypeFor[encoding.BinaryUnmarshaler]())
}

// encode returns the entry of what value points to, in two parts: the second is the mapped one, and
// empty for most values.
func encode(value any, by code) (entry, mapped []byte, err error) {
	content := bytes.NewBuffer(make([]byte, entryStart))
	encoder := gob.NewEncoder(content)
	if err := encoder.Encode(by); err != nil {
		return nil, nil, err
	}
	pointed := reflect.ValueOf(value).Elem()
	isNil := pointed.Kind() == reflect.Pointer && pointed.IsNil()
	if isMapped(pointed.Type()) && !isNil {
		var head []byte
		if head, mapped, err = pointed.Interface().(Mapped).MarshalMapped(); err == nil {
			err = encoder.Encode(head)
		}
		content.Write(make([]byte, (pageSize-content.Len()%pageSize)%pageSize))
	} else if hasBytes(pointed.Type()) && !isNil {
		var b []byte
		b, err = pointed.Interface().(encoding.BinaryMarshaler).MarshalBinary()
		content.Write(b)
	} else {
		err = encoder.Encode(value)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("cache: a value of type %v cannot be kept: %w", pointed.Type(), err)
	}
	entry = content.Bytes()
	binary.BigEndian.PutUint64(entry[sha256.Size:], uint64(len(entry)))
	binary.BigEndian.PutUint64(entry[sha256.Size+8:], uint64(len(mapped)))
	sum := sha256.Sum256(entry[sha256.Size:])
	copy(entry, sum[:])
	return entry, mapped, nil
}
