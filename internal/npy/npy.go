// Package npy writes and reads arrays as NumPy does: files of format version 1.0 with row-major
// float32 or float64 arrays of any number of sides (it reads uint8 and uint16 too), one after
// another in a stream.
package npy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
)

const (
	magic  = "\x93NUMPY"
	before = 10 // bytes before the header
	align  = 64 // what the header is padded to
)

// ErrFormat is wrapped by the error of bytes that are no array that Read takes.
var ErrFormat = errors.New("not an array of NumPy's that can be read")

// Encode returns a row-major array of float32 as the bytes of a file. It panics unless the sides
// have the product len(values).
func Encode(values []float32, shape ...int) []byte {
	size, sides := 1, make([]string, len(shape))
	for i, n := range shape {
		size, sides[i] = size*n, strconv.Itoa(n)
	}
	if len(shape) == 1 {
		sides[0] += ","
	}
	if size != len(values) {
		panic(fmt.Sprintf("npy: %d values for an array of %v", len(values), shape))
	}
	header := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%s), }", strings.Join(sides, ", "))
	header += strings.Repeat(" ", align-1-(before+len(header))%align) + "\n"
	file := make([]byte, 0, before+len(header)+4*len(values))
	file = append(append(file, magic+"\x01\x00"...), byte(len(header)), byte(len(header)>>8))
	file = append(file, header...)
	for _, v := range values {
		file = binary.LittleEndian.AppendUint32(file, math.Float32bits(v))
	}
	return file
}

var fields = regexp.MustCompile(`^\{'descr': '(<f4|<f8|\|u1|<u2)', 'fortran_order': False, 'shape': \(([0-9, ]*)\),? *\} *\n?$`)

// Array is a row-major array.
type Array struct {
	Values []float64
	Shape  []int
	Bits   int // of the unsigned integers that the values were: 8 or 16; 0 of floating-point numbers
}

// Read reads one array of floating-point numbers from a stream, and no byte more. It returns an
// error that wraps ErrFormat for anything but a row-major array of float32 or float64, and for one
// of more than limit values, before memory of its size is taken.
func Read(r io.Reader, limit int) (values []float64, shape []int, err error) {
	a, err := ReadArray(r, limit)
	if err == nil && a.Bits != 0 {
		err = fmt.Errorf("%w: its values are integers of %d bits", ErrFormat, a.Bits)
	}
	return a.Values, a.Shape, err
}

// ReadArray is Read for arrays of uint8 and uint16 too.
func ReadArray(r io.Reader, limit int) (a Array, err error) {
	var start [before]byte
	if _, err := io.ReadFull(r, start[:]); err != nil {
		return a, err
	}
	if string(start[:len(magic)]) != magic || start[6] != 1 {
		return a, fmt.Errorf("%w: it begins with %q", ErrFormat, start)
	}
	header := make([]byte, binary.LittleEndian.Uint16(start[8:]))
	if _, err := io.ReadFull(r, header); err != nil {
		return a, fmt.Errorf("%w: its header is cut: %w", ErrFormat, err)
	}
	match := fields.FindStringSubmatch(string(header))
	if match == nil {
		return a, fmt.Errorf("%w: its header is %q", ErrFormat, header)
	}
	size := 1
	for _, side := range strings.FieldsFunc(match[2], func(r rune) bool { return r == ',' || r == ' ' }) {
		n, err := strconv.Atoi(side)
		if err != nil || n > 0 && size > limit/n {
			return a, fmt.Errorf("%w: its shape is (%s), of more than %d values", ErrFormat, match[2], limit)
		}
		a.Shape, size = append(a.Shape, n), size*n
	}
	width := int(match[1][2] - '0')
	if match[1][1] == 'u' {
		a.Bits = 8 * width
	}
	raw := make([]byte, width*size)
	if _, err := io.ReadFull(r, raw); err != nil {
		return a, fmt.Errorf("%w: its values are cut: %w", ErrFormat, err)
	}
	a.Values = make([]float64, size)
	for i := range a.Values {
		switch match[1] {
		case "|u1":
			a.Values[i] = float64(raw[i])
		case "<u2":
			a.Values[i] = float64(binary.LittleEndian.Uint16(raw[2*i:]))
		case "<f4":
			a.Values[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:])))
		default:
			a.Values[i] = math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:]))
		}
	}
	return a, nil
}
