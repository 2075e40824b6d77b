package dataset

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

// MaxValues is the largest number of values that a reader accepts in one file: 1 GiB as float32. CIFAR-10's 60 000 images
// have 1.8e8.
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

// source reads a binary file from front to back, unpacks it where its content is gzip, and knows where it is.
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

// take reads n bytes into memory that grows as they arrive: a damaged size claims none. After the first million a file is taken at its word,
// as growing costs more than reading.
func (s *source) take(n int, what string) ([]byte, error) {
	const trusted = 1 << 20
	var b bytes.Buffer
	got, err := io.CopyN(&b, s.r, int64(min(n, trusted)))
	if err == nil && n > trusted {
		var rest int64
		b.Grow(min(n-trusted, 64*trusted) + bytes.MinRead)
		rest, err = io.CopyN(&b, s.r, int64(n-trusted))
		got += rest
	}
	s.offset += got
	if err != nil {
		return nil, s.broken(what, err)
	}
	return b.Bytes(), nil
}
