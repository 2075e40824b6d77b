package cache

import (
	"bytes"
	"crypto/sha256"
	"encoding"
	"encoding/gob"
	"errors"
	"fmt"
	"os"
	"reflect"
)

// errCode says that an entry was computed by code that has changed.
var errCode = errors.New("computed by other code")

// load reads an entry, as encode makes it.
func load(path string, value any, here *program) error {
	entry, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if len(entry) < sha256.Size {
		return fmt.Errorf("%d bytes, too short for an entry", len(entry))
	}
	sum := sha256.Sum256(entry[sha256.Size:])
	if !bytes.Equal(sum[:], entry[:sha256.Size]) {
		return errors.New("its checksum does not fit")
	}
	rest := bytes.NewReader(entry[sha256.Size:]) // from which gob reads no further than it must
	decoder := gob.NewDecoder(rest)
	var by code
	if err := decoder.Decode(&by); err != nil {
		return err
	}
	if by.Sum != here.sum(by.Packages) {
		return errCode
	}
	if pointer := reflect.ValueOf(value).Elem(); hasBytes(pointer.Type()) {
		fresh := reflect.New(pointer.Type().Elem())
		pointer.Set(fresh)
		unmarshaler := fresh.Interface().(encoding.BinaryUnmarshaler)
		return unmarshaler.UnmarshalBinary(entry[len(entry)-rest.Len():])
	}
	return decoder.Decode(value)
}

// hasBytes says whether values of a type are kept in their own bytes.
func hasBytes(t reflect.Type) bool {
	return t.Kind() == reflect.Pointer &&
		t.Implements(reflect.TypeFor[encoding.BinaryMarshaler]()) &&
		t.Implements(reflect.TypeFor[encoding.BinaryUnmarshaler]())
}

// encode returns an entry: the SHA-256 of the rest, then as gob the code that computed the value,
// then what value points to. A pointer to what has MarshalBinary and UnmarshalBinary is written in
// its own bytes, which may be hundreds of megabytes, and anything else as gob.
func encode(value any, by code) ([]byte, error) {
	entry := bytes.NewBuffer(make([]byte, sha256.Size))
	encoder := gob.NewEncoder(entry)
	if err := encoder.Encode(by); err != nil {
		return nil, err
	}
	var err error
	if pointed := reflect.ValueOf(value).Elem(); hasBytes(pointed.Type()) && !pointed.IsNil() {
		var b []byte
		b, err = pointed.Interface().(encoding.BinaryMarshaler).MarshalBinary()
		entry.Write(b)
	} else {
		err = encoder.Encode(value)
	}
	if err != nil {
		return nil, fmt.Errorf("cache: a value of type %v cannot be kept: %w",
			reflect.TypeOf(value).Elem(), err)
	}
	sum := sha256.Sum256(entry.Bytes()[sha256.Size:])
	copy(entry.Bytes(), sum[:])
	return entry.Bytes(), nil
}
