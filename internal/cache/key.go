package cache

import (
	"crypto/sha256"
	"encoding"
	"encoding/binary"
	"encoding/gob"
	"fmt"
	"hash"
	"math"
	"reflect"
	"slices"
	"strings"
)

// A key feeds values, types and files to a hash, each with its kind and length, so that no two
// different sequences of them look the same.
type key struct {
	hash      hash.Hash
	cellTypes map[string]bool // of the program itself, met in the inputs: their names
}

func newKey() key { return key{hash: sha256.New(), cellTypes: make(map[string]bool)} }

// add adds what a cached value is known by, besides source: its name, its inputs and its type.
func (k key) add(name string, inputs any, result reflect.Type) error {
	k.word("format %d", entryFormat)
	k.word("%q", name)
	if err := k.value(reflect.ValueOf(inputs), "inputs", 0); err != nil {
		return err
	}
	if isMapped(result) {
		k.word("%v", result)
		return nil
	}
	return k.typ(result, result.String(), map[reflect.Type]bool{})
}

func (k key) word(format string, args ...any) {
	word := fmt.Sprintf(format, args...)
	fmt.Fprintf(k.hash, "%d:%s;", len(word), word)
}

// value adds what v holds, following pointers, with the types of all it meets; unexported fields
// count too. Path says where v is, for errors.
func (k key) value(v reflect.Value, path string, depth int) error {
	if depth > 100 {
		return fmt.Errorf("cache: %s... is nested too deeply for a cache key, or refers to itself",
			path[:min(len(path), 100)])
	}
	if !v.IsValid() {
		k.word("nil")
		return nil
	}
	k.word("%v", v.Type())
	k.note(v.Type())
	if known, as, ok := standIn(v); ok {
		return k.value(reflect.ValueOf(known), path+as, depth+1)
	}
	switch v.Kind() {
	case reflect.Bool:
		k.word("%t", v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		k.word("%d", v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		k.word("%d", v.Uint())
	case reflect.Float32, reflect.Float64:
		k.word("%x", math.Float64bits(v.Float()))
	case reflect.Complex64, reflect.Complex128:
		k.word("%x %x", math.Float64bits(real(v.Complex())), math.Float64bits(imag(v.Complex())))
	case reflect.String:
		k.word("%s", v.String())
	case reflect.Pointer, reflect.Interface:
		return k.value(v.Elem(), path, depth+1)
	case reflect.Slice, reflect.Array:
		k.word("%d", v.Len())
		if v.CanInterface() && numeric(v.Type().Elem().Kind()) {
			// Much faster than one by one.
			return binary.Write(k.hash, binary.LittleEndian, v.Interface())
		}
		for i := range v.Len() {
			if err := k.value(v.Index(i), fmt.Sprintf("%s[%d]", path, i), depth+1); err != nil {
				return err
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			k.word("%s", name)
			if err := k.value(v.Field(i), path+"."+name, depth+1); err != nil {
				return err
			}
		}
	case reflect.Map:
		return k.pairs(v, path, depth)
	default:
		return fmt.Errorf("cache: %s is a %v, which cannot be part of a cache key: "+
			"give the values that it stands for", path, v.Type())
	}
	return nil
}

// standIn returns what a value is known by instead of all that it holds, if its type says so, and
// the method that gives it.
func standIn(v reflect.Value) (known any, as string, ok bool) {
	if !v.CanInterface() || v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer && v.IsNil() {
		return nil, "", false
	}
	switch v := v.Interface().(type) {
	case interface{ CacheKey() any }:
		return v.CacheKey(), ".CacheKey()", true
	case interface {
		Identity() (digest string, from int)
		Len() int
	}:
		digest, from := v.Identity()
		return []any{digest, from, v.Len()}, ".Identity()", true
	}
	return nil, "", false
}

// note takes down a type that the program itself declares, and those that it is made of: a value
// of it brings its methods to compute, though the source of compute may never name the type.
func (k key) note(t reflect.Type) {
	name, _, _ := strings.Cut(t.Name(), "[") // without type arguments
	if t.PkgPath() == "main" {
		if k.cellTypes[name] {
			return
		}
		k.cellTypes[name] = true
	} else if name != "" {
		return // it is of a package
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		k.note(t.Elem())
	case reflect.Map:
		k.note(t.Key())
		k.note(t.Elem())
	}
}

// pairs adds a map, in an order of its own: that of the digests of the pairs.
func (k key) pairs(v reflect.Value, path string, depth int) error {
	digests := make([]string, 0, v.Len())
	for _, name := range v.MapKeys() {
		pair := key{hash: sha256.New(), cellTypes: k.cellTypes}
		if err := pair.value(name, path+" (a key)", depth+1); err != nil {
			return err
		}
		if err := pair.value(v.MapIndex(name), fmt.Sprintf("%s[%v]", path, name), depth+1); err != nil {
			return err
		}
		digests = append(digests, string(pair.hash.Sum(nil)))
	}
	slices.Sort(digests)
	k.word("%d", len(digests))
	for _, digest := range digests {
		k.word("%x", digest)
	}
	return nil
}

// numeric says that a kind has a fixed size, so that encoding/binary takes slices of it.
func numeric(kind reflect.Kind) bool {
	return kind >= reflect.Int8 && kind <= reflect.Int64 ||
		kind >= reflect.Uint8 && kind <= reflect.Uint64 ||
		kind == reflect.Float32 || kind == reflect.Float64
}

// typ adds the structure of a result's type, and refuses a type of which gob would drop a part: an
// unexported field comes back as zero, without a word.
func (k key) typ(t reflect.Type, path string, seen map[reflect.Type]bool) error {
	k.word("%v %v", t, t.Kind())
	if seen[t] {
		return nil
	}
	seen[t] = true
	if encodesItself(t) || encodesItself(reflect.PointerTo(t)) {
		return nil
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return k.typ(t.Elem(), path+" (an element)", seen)
	case reflect.Map:
		if err := k.typ(t.Key(), path+" (a key)", seen); err != nil {
			return err
		}
		return k.typ(t.Elem(), path+" (an element)", seen)
	case reflect.Struct:
		for i := range t.NumField() {
			field := t.Field(i)
			if !field.IsExported() {
				return fmt.Errorf("cache: %s.%s would be lost in the cache: export it, or give %v "+
					"the methods MarshalBinary and UnmarshalBinary", path, field.Name, t)
			}
			k.word("%s", field.Name)
			if err := k.typ(field.Type, path+"."+field.Name, seen); err != nil {
				return err
			}
		}
	case reflect.Interface, reflect.Func, reflect.Chan, reflect.UnsafePointer:
		return fmt.Errorf("cache: %s is a %v, which cannot be kept in the cache", path, t)
	}
	return nil
}

func encodesItself(t reflect.Type) bool {
	return t.Implements(reflect.TypeFor[gob.GobEncoder]()) ||
		t.Implements(reflect.TypeFor[encoding.BinaryMarshaler]())
}
