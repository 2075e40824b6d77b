package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"

	"wavescore/internal/npy"
	"wavescore/internal/wholefile"
	"wavescore/pkg/dataset"
)

// pictureEndings are those of the files that pictures are read from and written to.
var pictureEndings = []string{".png", ".jpg", ".jpeg", ".npy"}

// isPicture reports whether a file's name ends as a picture's does. Those that begin with a point
// are notes of the system.
func isPicture(name string) bool {
	ending := strings.ToLower(filepath.Ext(name))
	for _, e := range pictureEndings {
		if ending == e {
			return !strings.HasPrefix(filepath.Base(name), ".")
		}
	}
	return false
}

// picture is one image, and how finely its file tells its values.
type picture struct {
	*dataset.Images
	bits int // 8 or 16; 0 of floating-point numbers
}

// readPicture reads a PNG, a JPEG or an array of NumPy's. An array is rows x columns, or has the
// channels before them or behind, one or three. Floating-point numbers are pixels of [-1, 1], and
// integers of 8 and 16 bits go from black, 0, to white.
func readPicture(path string) (p picture, err error) {
	if strings.ToLower(filepath.Ext(path)) == ".npy" {
		return readArray(path)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return p, err
	}
	if p.Images, err = dataset.ReadPicture(bytes.NewReader(content), path); err != nil {
		return p, err
	}
	p.bits = 8
	if config, _, err := image.DecodeConfig(bytes.NewReader(content)); err == nil {
		switch config.ColorModel {
		case color.Gray16Model, color.RGBA64Model, color.NRGBA64Model:
			p.bits = 16
		}
	}
	return p, nil
}

// maxArrayValues is how many values an array may have.
const maxArrayValues = 3 << 24

func readArray(path string) (p picture, err error) {
	file, err := os.Open(path)
	if err != nil {
		return p, err
	}
	defer file.Close()
	array, err := npy.ReadArray(file, maxArrayValues)
	if err != nil {
		return p, fmt.Errorf("%s: %w", path, err)
	}
	shape := array.Shape
	if len(shape) == 4 && shape[0] == 1 {
		shape = shape[1:]
	}
	if len(shape) == 2 {
		shape = []int{1, shape[0], shape[1]}
	}
	isChannels := func(n int) bool { return n == 1 || n == 3 }
	if len(shape) != 3 || len(array.Values) == 0 || !isChannels(shape[0]) && !isChannels(shape[2]) {
		return p, fmt.Errorf("%s: an array of the shape %v: want one picture, rows x columns, with 1 or 3 channels before or behind", path, array.Shape)
	}
	p.bits = array.Bits
	p.Images = &dataset.Images{Name: path, Channels: shape[0], Height: shape[1], Width: shape[2], Pixels: make([]float32, len(array.Values))}
	behind := !isChannels(shape[0])
	if behind {
		p.Channels, p.Height, p.Width = shape[2], shape[0], shape[1]
	}
	plane := p.Height * p.Width
	for i, v := range array.Values {
		if array.Bits > 0 {
			v = 2*v/float64(int(1)<<array.Bits-1) - 1
		}
		if behind {
			i = i%p.Channels*plane + i/p.Channels
		}
		p.Pixels[i] = float32(v)
	}
	return p, p.Check()
}

// write writes a picture: to a .npy in single precision and as it is, and else clipped to [-1, 1]
// with its bits, of which a JPEG has 8.
func (p picture) write(path string) error {
	var out bytes.Buffer
	switch ending := strings.ToLower(filepath.Ext(path)); {
	case ending == ".npy":
		return wholefile.Write(path, npy.Encode(p.Pixels, p.Channels, p.Height, p.Width))
	case ending != ".png":
		if err := jpeg.Encode(&out, p.Image(0), &jpeg.Options{Quality: jpegQuality}); err != nil {
			return err
		}
	case p.bits == 16:
		if err := png.Encode(&out, p.image16()); err != nil {
			return err
		}
	default:
		if err := png.Encode(&out, p.Image(0)); err != nil {
			return err
		}
	}
	return wholefile.Write(path, out.Bytes())
}

// image16 returns the picture with 16 bits a channel.
func (p picture) image16() image.Image {
	value := func(v float32) uint16 {
		return uint16(min(max(math.Round((float64(v)+1)/2*math.MaxUint16), 0), math.MaxUint16))
	}
	bounds, plane := image.Rect(0, 0, p.Width, p.Height), p.Height*p.Width
	if p.Channels == 1 {
		grey := image.NewGray16(bounds)
		for i, v := range p.Pixels[:plane] {
			grey.SetGray16(i%p.Width, i/p.Width, color.Gray16{Y: value(v)})
		}
		return grey
	}
	colour := image.NewNRGBA64(bounds)
	for i := range plane {
		colour.SetNRGBA64(i%p.Width, i/p.Width, color.NRGBA64{
			R: value(p.Pixels[i]), G: value(p.Pixels[plane+i]), B: value(p.Pixels[2*plane+i]), A: math.MaxUint16})
	}
	return colour
}
