package main

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
)

// npy returns the bytes of a NumPy file, format version 1.0, of a row-major array of float32
// whose shape has two sides or more.
func npy(values []float32, shape ...int) []byte {
	const before, align = 10, 64 // bytes before the header, and what it is padded to
	header := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%s), }", strings.Trim(strings.Join(strings.Fields(fmt.Sprint(shape)), ", "), "[]"))
	header += strings.Repeat(" ", align-1-(before+len(header))%align) + "\n"
	file := append([]byte("\x93NUMPY\x01\x00"), byte(len(header)), byte(len(header)>>8))
	file = append(file, header...)
	for _, v := range values {
		file = binary.LittleEndian.AppendUint32(file, math.Float32bits(v))
	}
	return file
}
