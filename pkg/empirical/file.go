package empirical

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"

	"wavescore/internal/tensorfile"
	"wavescore/pkg/diffusion"
)

// The texts that mark the files of the denoisers here. A text is JSON: the shape of the images, and
// what else the denoiser is made with. The tensor "images" holds the training images, images x
// channels x rows x columns: as bytes where all of them are bytes of pictures, and else as float32.
const (
	IdealText       = "ideal"
	LocalText       = "local"
	CompositionText = "composition"
	PrincipalText   = "principal"
	SmoothedText    = "smoothed"
)

// header is the text of a file.
type header struct {
	Shape     diffusion.Shape
	Sides     Sides     `json:",omitzero"`
	Places    string    `json:",omitempty"`
	Locality  Locality  `json:",omitzero"`
	Smoothing Smoothing `json:",omitzero"`
}

// placeNames are the places of a Local in a file.
var placeNames = map[places]string{samePlace: "same", alike: "alike", everywhere: "everywhere"}

// MarshalBinary returns the denoiser as the bytes of a safetensors file, with all training images.
func (d *Ideal) MarshalBinary() ([]byte, error) {
	return marshal(IdealText, header{Shape: d.shape}, d.images, nil)
}

// MarshalBinary returns the machine as the bytes of a safetensors file, with all training images.
func (l *Local) MarshalBinary() ([]byte, error) {
	return marshal(LocalText, header{Shape: l.shape, Sides: l.sides, Places: placeNames[l.places]}, l.images, nil)
}

// MarshalBinary returns the machine as the bytes of a safetensors file, with all training images.
func (c *Composition) MarshalBinary() ([]byte, error) {
	return marshal(CompositionText, header{Shape: c.shape, Sides: c.sides}, c.images, nil)
}

// MarshalBinary returns the machine as the bytes of a safetensors file, with all training images and
// the eigenvectors of their covariance.
func (p *Principal) MarshalBinary() ([]byte, error) {
	n := p.shape.Size()
	return marshal(PrincipalText, header{Shape: p.shape, Locality: p.locality}, p.images, map[string]tensorfile.Tensor{
		"variances": {Shape: []int{n}, Data: p.values}, "axes": {Shape: []int{n, n}, Data: p.vectors}})
}

// MarshalBinary returns the denoiser as the bytes of a safetensors file, with all training images.
func (d *Smoothed) MarshalBinary() ([]byte, error) {
	return marshal(SmoothedText, header{Shape: d.Shape(), Smoothing: d.s}, d.ideal.images, nil)
}

func marshal(text string, h header, images diffusion.Images, tensors map[string]tensorfile.Tensor) ([]byte, error) {
	b, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	if tensors == nil {
		tensors = make(map[string]tensorfile.Tensor)
	}
	tensors["images"] = stored(h.Shape, images)
	return tensorfile.Encode(tensorfile.Tensors{Text: map[string]string{text: string(b)}, Values: tensors})
}

// stored returns images as a tensor.
func stored(shape diffusion.Shape, images diffusion.Images) tensorfile.Tensor {
	n, size := images.Len(), images.Size()
	dims := []int{n, shape.C, shape.H, shape.W}
	raw := make([]byte, 0, n*size)
	pixels := make([]float64, size)
	for i := range n {
		for _, v := range images.Batch(pixels, i, i+1) {
			b := math.Round((v + 1) * 127.5)
			if !(b >= 0 && b <= 255) || pixelOf(byte(b)) != v {
				return tensorfile.Tensor{Shape: dims, Data: images.Batch(nil, 0, n), Single: true}
			}
			raw = append(raw, byte(b))
		}
	}
	return tensorfile.Tensor{Shape: dims, Bytes: raw}
}

// pixelOf returns the pixel of a byte of a picture, as package dataset reads it.
func pixelOf(b byte) float64 { return float64(float32(float64(b)/127.5 - 1)) }

// kept are the training images of a file, of one shape.
type kept struct {
	size   int
	bytes  []byte // of pictures, or
	pixels []float64
}

func (k kept) Len() int { return max(len(k.bytes), len(k.pixels)) / k.size }

func (k kept) Size() int { return k.size }

// Batch implements diffusion.Images.
func (k kept) Batch(dst []float64, from, to int) []float64 {
	if dst == nil {
		dst = make([]float64, (to-from)*k.size)
	}
	if k.bytes == nil {
		copy(dst, k.pixels[from*k.size:to*k.size])
		return dst
	}
	for i, b := range k.bytes[from*k.size : to*k.size] {
		dst[i] = pixelOf(b)
	}
	return dst
}

// read returns what a file of one kind holds.
func read(text string, b []byte) (h header, images kept, t tensorfile.Tensors, err error) {
	if t, err = tensorfile.Decode(b); err != nil {
		return h, images, t, fmt.Errorf("empirical: %w", err)
	}
	if err := json.Unmarshal([]byte(t.Text[text]), &h); err != nil {
		return h, images, t, fmt.Errorf("empirical: the text %q: %w", text, err)
	}
	stored := t.Values["images"]
	values := max(len(stored.Bytes), len(stored.Data))
	s := h.Shape
	if s.C < 1 || s.H < 1 || s.W < 1 || float64(s.C)*float64(s.H)*float64(s.W) > float64(values) || values%s.Size() != 0 {
		return h, images, t, fmt.Errorf("empirical: %d values of training images: want whole images of %v, one at least", values, s)
	}
	return h, kept{s.Size(), stored.Bytes, stored.Data}, t, nil
}

// UnmarshalBinary reads what MarshalBinary returned. Anything else is an error.
func (d *Ideal) UnmarshalBinary(b []byte) error {
	h, images, _, err := read(IdealText, b)
	if err != nil {
		return err
	}
	fresh, err := NewIdeal(h.Shape, images)
	if err == nil {
		*d = *fresh
	}
	return err
}

// UnmarshalBinary reads what MarshalBinary returned. Anything else is an error.
func (l *Local) UnmarshalBinary(b []byte) error {
	h, images, _, err := read(LocalText, b)
	if err != nil {
		return err
	}
	for p, name := range placeNames {
		if name == h.Places {
			fresh, err := newLocal(h.Shape, images, h.Sides, p)
			if err == nil {
				*l = *fresh
			}
			return err
		}
	}
	return fmt.Errorf("empirical: patches are compared with those of %q: want same, alike or everywhere", h.Places)
}

// UnmarshalBinary reads what MarshalBinary returned. Anything else is an error.
func (c *Composition) UnmarshalBinary(b []byte) error {
	h, images, _, err := read(CompositionText, b)
	if err != nil {
		return err
	}
	fresh, err := NewComposition(h.Shape, images, h.Sides)
	if err == nil {
		*c = *fresh
	}
	return err
}

// UnmarshalBinary reads what MarshalBinary returned. Anything else is an error.
func (p *Principal) UnmarshalBinary(b []byte) error {
	h, images, t, err := read(PrincipalText, b)
	if err != nil {
		return err
	}
	if err := h.Locality.Check(); err != nil {
		return err
	}
	if err := checkImages(h.Shape, images, nil); err != nil {
		return err
	}
	n := h.Shape.Size()
	values, vectors := t.Values["variances"].Data, t.Values["axes"].Data
	if len(values) != n || float64(len(vectors)) != float64(n)*float64(n) {
		return fmt.Errorf("empirical: %d variances and %d values of axes for images of %d values", len(values), len(vectors), n)
	}
	if !finite(values) || !finite(vectors) {
		return errors.New("empirical: a variance or an axis is not finite")
	}
	p.shape, p.images, p.locality, p.values, p.vectors, p.masks = h.Shape, images, h.Locality, values, vectors, make(map[float64][]float32)
	return nil
}

func finite(values []float64) bool {
	sum := floats.Norm(values, math.Inf(1))
	return sum-sum == 0
}

// UnmarshalBinary reads what MarshalBinary returned. Anything else is an error.
func (d *Smoothed) UnmarshalBinary(b []byte) error {
	h, images, _, err := read(SmoothedText, b)
	if err != nil {
		return err
	}
	ideal, err := NewIdeal(h.Shape, images)
	if err != nil {
		return err
	}
	fresh, err := NewSmoothed(ideal, h.Smoothing)
	if err == nil {
		*d = *fresh
	}
	return err
}
