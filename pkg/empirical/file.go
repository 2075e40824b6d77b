package empirical

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

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
	PreselectedText = "preselected"
)

// header is the text of a file.
type header struct {
	Shape     diffusion.Shape
	Sides     Sides     `json:",omitzero"`
	Places    string    `json:",omitempty"`
	Locality  Locality  `json:",omitzero"`
	Smoothing Smoothing `json:",omitzero"`
	Selection Selection `json:",omitzero"`
	Of        string    `json:",omitempty"` // the text of the score that compares with selected images
}

// A stored denoiser says what its file holds besides its images, and is restored from it.
type stored interface {
	// describe returns the text that marks the file, the header and the tensors.
	describe() (text string, h header, tensors map[string]tensorfile.Tensor)

	// restore makes the denoiser of a header, images and tensors.
	restore(h header, images kept, tensors map[string]tensorfile.Tensor) error
}

// placeNames are the places of a Local in a file.
var placeNames = map[places]string{samePlace: "same", alike: "alike", everywhere: "everywhere"}

func (d *Ideal) describe() (string, header, map[string]tensorfile.Tensor) {
	return IdealText, header{Shape: d.shape}, nil
}

func (d *Ideal) restore(h header, images kept, _ map[string]tensorfile.Tensor) error {
	fresh, err := NewIdeal(h.Shape, images)
	if err == nil {
		*d = *fresh
	}
	return err
}

func (l *Local) describe() (string, header, map[string]tensorfile.Tensor) {
	return LocalText, header{Shape: l.shape, Sides: l.sides, Places: placeNames[l.places]}, nil
}

func (l *Local) restore(h header, images kept, _ map[string]tensorfile.Tensor) error {
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

func (c *Composition) describe() (string, header, map[string]tensorfile.Tensor) {
	return CompositionText, header{Shape: c.shape, Sides: c.sides}, nil
}

func (c *Composition) restore(h header, images kept, _ map[string]tensorfile.Tensor) error {
	fresh, err := NewComposition(h.Shape, images, h.Sides)
	if err == nil {
		*c = *fresh
	}
	return err
}

// describe keeps the eigenvectors of the images' covariance.
func (p *Principal) describe() (string, header, map[string]tensorfile.Tensor) {
	n := p.shape.Size()
	return PrincipalText, header{Shape: p.shape, Locality: p.locality}, map[string]tensorfile.Tensor{
		"variances": {Shape: []int{n}, Data: p.values}, "axes": {Shape: []int{n, n}, Data: p.vectors}}
}

func (p *Principal) restore(h header, images kept, tensors map[string]tensorfile.Tensor) error {
	if err := h.Locality.Check(); err != nil {
		return err
	}
	if err := checkImages(h.Shape, images, nil); err != nil {
		return err
	}
	n := h.Shape.Size()
	values, vectors := tensors["variances"].Data, tensors["axes"].Data
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

func (d *Smoothed) describe() (string, header, map[string]tensorfile.Tensor) {
	return SmoothedText, header{Shape: d.Shape(), Smoothing: d.s}, nil
}

func (d *Smoothed) restore(h header, images kept, _ map[string]tensorfile.Tensor) error {
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

func (p *Preselected) describe() (string, header, map[string]tensorfile.Tensor) {
	text, h, tensors := p.score.describe()
	h.Of, h.Selection = text, p.selection
	return PreselectedText, h, tensors
}

func (p *Preselected) restore(h header, images kept, tensors map[string]tensorfile.Tensor) error {
	score := map[string]Score{IdealText: new(Ideal), LocalText: new(Local), CompositionText: new(Composition), PrincipalText: new(Principal)}[h.Of]
	if score == nil {
		return fmt.Errorf("empirical: images are selected for a score of kind %q: want %s, %s, %s or %s", h.Of, IdealText, LocalText, CompositionText, PrincipalText)
	}
	if err := score.restore(h, images, tensors); err != nil {
		return err
	}
	fresh, err := NewPreselected(score, h.Selection)
	if err == nil {
		*p = *fresh
	}
	return err
}

// MarshalBinary returns the denoiser as the bytes of a safetensors file, with all training images.
func (d *Ideal) MarshalBinary() ([]byte, error) { return marshal(d, d.Images()) }

// UnmarshalBinary reads what MarshalBinary returned. Anything else is an error.
func (d *Ideal) UnmarshalBinary(b []byte) error { return unmarshal(IdealText, d, b) }

// MarshalBinary returns the machine as the bytes of a safetensors file, with all training images.
func (l *Local) MarshalBinary() ([]byte, error) { return marshal(l, l.Images()) }

// UnmarshalBinary reads what MarshalBinary returned. Anything else is an error.
func (l *Local) UnmarshalBinary(b []byte) error { return unmarshal(LocalText, l, b) }

// MarshalBinary returns the machine as the bytes of a safetensors file, with all training images.
func (c *Composition) MarshalBinary() ([]byte, error) { return marshal(c, c.Images()) }

// UnmarshalBinary reads what MarshalBinary returned. Anything else is an error.
func (c *Composition) UnmarshalBinary(b []byte) error { return unmarshal(CompositionText, c, b) }

// MarshalBinary returns the machine as the bytes of a safetensors file, with all training images
// and the eigenvectors of their covariance.
func (p *Principal) MarshalBinary() ([]byte, error) { return marshal(p, p.Images()) }

// UnmarshalBinary reads what MarshalBinary returned. Anything else is an error.
func (p *Principal) UnmarshalBinary(b []byte) error { return unmarshal(PrincipalText, p, b) }

// MarshalBinary returns the denoiser as the bytes of a safetensors file, with all training images.
func (d *Smoothed) MarshalBinary() ([]byte, error) { return marshal(d, d.Images()) }

// UnmarshalBinary reads what MarshalBinary returned. Anything else is an error.
func (d *Smoothed) UnmarshalBinary(b []byte) error { return unmarshal(SmoothedText, d, b) }

// MarshalBinary returns the machine as the bytes of a safetensors file, with all training images.
func (p *Preselected) MarshalBinary() ([]byte, error) { return marshal(p, p.Images()) }

// UnmarshalBinary reads what MarshalBinary returned. Anything else is an error.
func (p *Preselected) UnmarshalBinary(b []byte) error { return unmarshal(PreselectedText, p, b) }

func marshal(d stored, images diffusion.Images) ([]byte, error) {
	text, h, tensors := d.describe()
	b, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	if tensors == nil {
		tensors = make(map[string]tensorfile.Tensor)
	}
	tensors["images"] = imageTensor(h.Shape, images)
	return tensorfile.Encode(tensorfile.Tensors{Text: map[string]string{text: string(b)}, Values: tensors})
}

func unmarshal(text string, d stored, b []byte) error {
	t, err := tensorfile.Decode(b)
	if err != nil {
		return fmt.Errorf("empirical: %w", err)
	}
	var h header
	if err := json.Unmarshal([]byte(t.Text[text]), &h); err != nil {
		return fmt.Errorf("empirical: the text %q: %w", text, err)
	}
	images := t.Values["images"]
	values := max(len(images.Bytes), len(images.Data))
	s := h.Shape
	if s.C < 1 || s.H < 1 || s.W < 1 || float64(s.C)*float64(s.H)*float64(s.W) > float64(values) || values%s.Size() != 0 {
		return fmt.Errorf("empirical: %d values of training images: want whole images of %v, one at least", values, s)
	}
	// The bytes of images are those of b, which is the caller's.
	return d.restore(h, kept{s.Size(), slices.Clone(images.Bytes), images.Data}, t.Values)
}

// imageTensor returns images as a tensor.
func imageTensor(shape diffusion.Shape, images diffusion.Images) tensorfile.Tensor {
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
