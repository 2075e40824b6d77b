package dataset

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"io"
	"runtime"
	"slices"
	"testing"
)

// reader reads a file of one kind for its error.
type reader func(file io.Reader) error

func readImages(file io.Reader) error  { _, err := ReadIDX(file, "file"); return err }
func readLabels(file io.Reader) error  { _, err := ReadIDXLabels(file, "file"); return err }
func readCIFAR(file io.Reader) error   { _, err := ReadCIFAR(file, "file"); return err }
func readNames(file io.Reader) error   { _, err := readLines(file, "file"); return err }
func readPicture(file io.Reader) error { _, err := ReadPicture(file, "file"); return err }

// TestTruncation cuts a file of every kind at every byte.
func TestTruncation(t *testing.T) {
	images, labels := idxOf(random(1, 5, 1, 6, 6))
	cifar := cifarOf(random(2, 2, 3, 32, 32))
	grey := ramp(image.NewGray(image.Rect(0, 0, 8, 8)))
	colour := ramp(image.NewNRGBA(image.Rect(0, 0, 8, 8)))
	for name, c := range map[string]struct {
		file   []byte
		read   reader
		record int // a file cut between two records is a shorter file
	}{
		"IDX images":    {images, readImages, 0},
		"IDX labels":    {labels, readLabels, 0},
		"IDX images.gz": {gzipped(images), readImages, 0},
		"IDX labels.gz": {gzipped(labels), readLabels, 0},
		"CIFAR":         {cifar, readCIFAR, 1 + cifarPixels},
		"CIFAR.gz":      {gzipped(cifar), readCIFAR, 0},
		"grey PNG":      {pngOf(grey), readPicture, 0},
		"colour PNG":    {pngOf(colour), readPicture, 0},
		"grey JPEG":     {jpegOf(grey), readPicture, 0},
		"colour JPEG":   {jpegOf(colour), readPicture, 0},
	} {
		t.Run(name, func(t *testing.T) {
			if err := c.read(bytes.NewReader(c.file)); err != nil {
				t.Fatalf("whole: %v", err)
			}
			for n := range c.file {
				err := c.read(bytes.NewReader(c.file[:n]))
				if c.record > 0 && n > 0 && n%c.record == 0 {
					continue
				}
				if e := formatError(t, err); e.File != "file" || e.Want == "" || e.Found == "" || e.Offset < 0 {
					t.Fatalf("cut after %d of %d bytes: %+v", n, len(c.file), e)
				}
			}
		})
	}
}

// TestMemoryFollowsBytes reads small files that declare, or unpack to, far more than they may cost.
func TestMemoryFollowsBytes(t *testing.T) {
	bomb := gzipped(idx(magicImages, []uint32{1, 28, 28}, make([]byte, 1<<25)))
	manyLabels := gzipped(idx(magicLabels, []uint32{1 << 25}, make([]byte, 1<<25)))
	for name, c := range map[string]struct {
		file []byte
		read reader
	}{
		"a header of many images":   {idx(magicImages, []uint32{1 << 14, 1 << 7, 1 << 7}, make([]byte, 100)), readImages},
		"the same, gzip":            {gzipped(idx(magicImages, []uint32{1 << 14, 1 << 7, 1 << 7}, make([]byte, 100))), readImages},
		"a header of many labels":   {idx(magicLabels, []uint32{1 << 28}, make([]byte, 100)), readLabels},
		"zeros after what was said": {bomb, readImages},
		"a PNG of many pixels":      {pngDeclaring(1<<12, 1<<12), readPicture},
		"a JPEG of many pixels":     {jpegDeclaring(1<<12, 1<<12), readPicture},
		"more labels than images":   {manyLabels, readLabels},
		"endless class names":       {gzipped(bytes.Repeat([]byte("a\n"), 1<<24)), readNames},
	} {
		t.Run(name, func(t *testing.T) {
			frugal(t, 1<<24, func() { formatError(t, c.read(bytes.NewReader(c.file))) })
		})
	}
}

// frugal fails the test where f allocates more than most bytes, all that is freed included.
func frugal(t *testing.T, most uint64, f func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > most {
		t.Errorf("%d bytes were allocated, want at most %d", used, most)
	}
}

// TestReadersHoldOnce reads files whose content is held once, as what it is returned as: what is
// allocated on the way there is less than another copy of the file's bytes.
func TestReadersHoldOnce(t *testing.T) {
	const n = 1 << 24
	for name, c := range map[string]struct {
		file  []byte
		read  reader
		bytes uint64 // of a value
	}{
		"images":       {idx(magicImages, []uint32{1, 1 << 12, 1 << 12}, make([]byte, n)), readImages, 4},
		"images, gzip": {gzipped(idx(magicImages, []uint32{1, 1 << 12, 1 << 12}, make([]byte, n))), readImages, 4},
		"labels":       {idx(magicLabels, []uint32{n}, make([]byte, n)), readLabels, 8},
		"labels, gzip": {gzipped(idx(magicLabels, []uint32{n}, make([]byte, n))), readLabels, 8},
	} {
		t.Run(name, func(t *testing.T) {
			frugal(t, c.bytes*n+n*3/4, func() {
				if err := c.read(bytes.NewReader(c.file)); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// jpegDeclaring returns a JPEG that declares a size that it has no pixels for, with a comment of
// some kilobytes.
func jpegDeclaring(width, height uint16) []byte {
	file := jpegOf(image.NewGray(image.Rect(0, 0, 8, 8)))
	frame := bytes.Index(file, []byte{0xff, 0xc0})
	binary.BigEndian.PutUint16(file[frame+5:], height)
	binary.BigEndian.PutUint16(file[frame+7:], width)
	comment := append([]byte{0xff, 0xfe, 8, 2}, make([]byte, 1<<11)...)
	return slices.Concat(file[:2], comment, file[2:])
}

// TestReaderFails has the disk fail in the middle of a file.
func TestReaderFails(t *testing.T) {
	images, labels := idxOf(random(1, 5, 1, 6, 6))
	for name, c := range map[string]struct {
		file []byte
		read reader
	}{
		"IDX images":    {images, readImages},
		"IDX images.gz": {gzipped(images), readImages},
		"IDX labels":    {labels, readLabels},
		"CIFAR":         {cifarOf(random(2, 2, 3, 32, 32)), readCIFAR},
		"PNG":           {pngOf(ramp(image.NewGray(image.Rect(0, 0, 8, 8)))), readPicture},
	} {
		for _, n := range []int{0, 5, len(c.file) / 2, len(c.file)} {
			err := c.read(io.MultiReader(bytes.NewReader(c.file[:n]), failing{}))
			if !errors.Is(err, errDisk) {
				t.Errorf("%s, after %d bytes: %v, want the error of the disk", name, n, err)
			}
		}
	}
}

var errDisk = errors.New("the disk is broken")

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errDisk }
