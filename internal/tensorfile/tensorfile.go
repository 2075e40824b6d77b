// Package tensorfile reads and writes the one file format of wavescore: safetensors with float64,
// float32 or uint8 tensors and text metadata, readable from Python with
// safetensors.numpy.load_file. Every file carries a digest of its contents, because safetensors
// itself would not notice a flipped bit in a tensor.
package tensorfile

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/nlpodyssey/safetensors"
)

// Tensors are named tensors with named texts beside them.
type Tensors struct {
	Text   map[string]string
	Values map[string]Tensor
}

// Len returns the number of values of all tensors.
func (t Tensors) Len() int {
	n := 0
	for _, v := range t.Values {
		n += len(v.Data) + len(v.Bytes)
	}
	return n
}

// Tensor is a row-major array.
type Tensor struct {
	Shape  []int
	Data   []float64
	Single bool // stored as float32, to which Data is rounded

	// Bytes are the values of a tensor of uint8, which has no Data.
	Bytes []byte
}

// bytes returns the data as they are stored.
func (t Tensor) bytes() []byte {
	if t.Bytes != nil {
		return t.Bytes
	}
	if t.Single {
		data := make([]byte, 4*len(t.Data))
		for i, x := range t.Data {
			binary.LittleEndian.PutUint32(data[4*i:], math.Float32bits(float32(x)))
		}
		return data
	}
	data := make([]byte, 8*len(t.Data))
	for i, x := range t.Data {
		binary.LittleEndian.PutUint64(data[8*i:], math.Float64bits(x))
	}
	return data
}

// ErrDamaged is wrapped by the error of bytes that are not a file that Encode made.
var ErrDamaged = errors.New("damaged or not a wavescore file")

// digest is the name of the text that holds the SHA-256 of all the rest.
const digest = "wavescore.sha256"

// Encode returns the bytes of a file. It returns an error where a tensor's data does not fill its
// shape.
func Encode(t Tensors) ([]byte, error) {
	views := make(map[string]safetensors.TensorView, len(t.Values))
	stored := make(map[string][]byte, len(t.Values))
	for name, v := range t.Values {
		stored[name] = v.bytes()
		shape := make([]uint64, len(v.Shape))
		for i, n := range v.Shape {
			shape[i] = uint64(n)
		}
		kind := safetensors.F64
		switch {
		case v.Bytes != nil:
			kind = safetensors.U8
		case v.Single:
			kind = safetensors.F32
		}
		view, err := safetensors.NewTensorView(kind, shape, stored[name])
		if err != nil {
			return nil, fmt.Errorf("tensor %s of shape %v with %d values: %w", name, v.Shape, len(v.Data), err)
		}
		views[name] = view
	}
	text := map[string]string{digest: sum(t, stored)}
	maps.Copy(text, t.Text)
	return safetensors.Serialize(views, text)
}

// Texts reads the texts of a file alone, which say what it holds. They are as yet unchecked:
// Decode compares the digest.
func Texts(b []byte) (map[string]string, error) {
	_, header, err := safetensors.ReadMetadata(b)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return header.Metadata(), nil
}

// Decode reads the bytes of a file. It returns an error that wraps ErrDamaged unless they are
// just what Encode made.
func Decode(b []byte) (Tensors, error) {
	file, err := safetensors.Deserialize(b)
	if err != nil {
		return Tensors{}, fmt.Errorf("%w: %d bytes: %w", ErrDamaged, len(b), err)
	}
	_, header, err := safetensors.ReadMetadata(b)
	if err != nil {
		return Tensors{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	t := Tensors{Text: maps.Clone(header.Metadata()), Values: make(map[string]Tensor)}
	want, ok := t.Text[digest]
	delete(t.Text, digest)
	if !ok {
		return Tensors{}, fmt.Errorf("%w: no %s in its metadata", ErrDamaged, digest)
	}
	stored := make(map[string][]byte)
	for _, v := range file.Tensors() {
		kind := v.TensorView.DType()
		if kind != safetensors.F64 && kind != safetensors.F32 && kind != safetensors.U8 {
			return Tensors{}, fmt.Errorf("%w: tensor %s is %v, not F64, F32 or U8", ErrDamaged, v.Name, kind)
		}
		var shape []int
		for _, n := range v.TensorView.Shape() {
			shape = append(shape, int(n))
		}
		stored[v.Name] = v.TensorView.Data()
		if kind == safetensors.U8 {
			t.Values[v.Name] = Tensor{Shape: shape, Bytes: stored[v.Name]}
			continue
		}
		t.Values[v.Name] = Tensor{Shape: shape, Data: numbers(stored[v.Name], kind), Single: kind == safetensors.F32}
	}
	if got := sum(t, stored); got != want {
		return Tensors{}, fmt.Errorf("%w: its contents have the SHA-256 %s, its metadata says %s", ErrDamaged, got, want)
	}
	return t, nil
}

// numbers returns stored data.
func numbers(raw []byte, kind safetensors.DType) []float64 {
	if kind == safetensors.F32 {
		data := make([]float64, len(raw)/4)
		for i := range data {
			data[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:])))
		}
		return data
	}
	data := make([]float64, len(raw)/8)
	for i := range data {
		data[i] = math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:]))
	}
	return data
}

// sum returns the SHA-256, in hexadecimal, of the texts and the tensors, given their data as they
// are stored, each in order of names, every item preceded by its length.
func sum(t Tensors, stored map[string][]byte) string {
	h := sha256.New()
	item := func(b []byte) {
		var n [8]byte
		binary.LittleEndian.PutUint64(n[:], uint64(len(b)))
		h.Write(n[:])
		h.Write(b)
	}
	for _, name := range slices.Sorted(maps.Keys(t.Text)) {
		item([]byte(name))
		item([]byte(t.Text[name]))
	}
	for _, name := range slices.Sorted(maps.Keys(t.Values)) {
		item([]byte(name))
		item(fmt.Append(nil, t.Values[name].Shape))
		item(stored[name])
	}
	return hex.EncodeToString(h.Sum(nil))
}
