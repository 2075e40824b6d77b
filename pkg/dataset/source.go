package dataset

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

// MaxValues is the largest number of values that a reader accepts in one file: 1 GiB as float32.
// CIFAR-10's 60 000 images have 1.8e8.
const MaxValues = 1 << 28

// FormatError says where a file is not what it should be.
type FormatError struct {
	File        string
	Offset      int64 // in bytes, of the unpacked content where the file is compressed
	Compressed  bool
	Want, Found string
	Err         error // the cause below, if there is one
}

func (e *FormatError) Error() string {
	where := "byte"
	if e.Compressed {
		where = "unpacked byte"
	}
	return fmt.Sprintf("dataset: %s: at %s %d: expected %s, found %s", e.File, where, e.Offset, e.Want, e.Found)
}

func (e *FormatError) Unwrap() error { return e.Err }

// source reads a binary file from front to back, unpacks it where its content is gzip, and knows
// where it is.
type source struct {
	name       string
	r          io.Reader
	compressed bool
	offset     int64
}

func newSource(r io.Reader, name string) (*source, error) {
	buffered := bufio.NewReaderSize(r, 1<<16)
	s := &source{name: name, r: buffered}
	magic, err := buffered.Peek(2)
	if len(magic) == 0 {
		return nil, s.broken("data", err)
	}
	if !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return s, nil
	}
	unpacked, err := gzip.NewReader(buffered)
	if err != nil {
		return nil, s.broken("a gzip header", err)
	}
	s.r, s.compressed = unpacked, true
	return s, nil
}

// wrong is the error of content that was read and is not what it should be.
func (s *source) wrong(want, found string) error {
	return &FormatError{File: s.name, Offset: s.offset, Compressed: s.compressed, Want: want, Found: found}
}

// broken is the error of content that could not be read.
func (s *source) broken(want string, err error) error {
	found := err.Error()
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		found, err = "the end of the file", io.ErrUnexpectedEOF
	}
	return &FormatError{File: s.name, Offset: s.offset, Compressed: s.compressed, Want: want, Found: found, Err: err}
}

// read fills buf; what names the content in errors.
func (s *source) read(buf []byte, what string) error {
	n, err := io.ReadFull(s.r, buf)
	s.offset += int64(n)
	if err != nil {
		return s.broken(what, err)
	}
	return nil
}

// end checks that nothing follows, and with it the checksum of a compressed file.
func (s *source) end(after string) error {
	var one [1]byte
	switch n, err := io.ReadFull(s.r, one[:]); {
	case n > 0:
		return s.wrong("the end of the file after "+after, "more data")
	case err != io.EOF:
		return s.broken("the end of the file after "+after, err)
	}
	return nil
}

// take reads n bytes and returns the value of each, by a table, in memory that grows as they
// arrive: a damaged size claims none. It grows so much at a time that little is copied.
func take[T any](s *source, n int, valueOf *[256]T, what string) ([]T, error) {
	const first, factor = 1 << 20, 64
	values := make([]T, min(n, 1<<12))
	var block [1 << 12]byte
	for at := 0; at < n; {
		part := block[:min(n-at, len(block))]
		if err := s.read(part, what); err != nil {
			return nil, err
		}
		if at+len(part) > len(values) {
			longer := make([]T, min(n, max(first, factor*at)))
			copy(longer, values)
			values = longer
		}
		for i, b := range part {
			values[at+i] = valueOf[b]
		}
		at += len(part)
	}
	return values, nil
}
