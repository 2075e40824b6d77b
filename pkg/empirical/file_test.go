package empirical

import (
	"encoding"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"wavescore/internal/tensorfile"
	"wavescore/pkg/diffusion"
)

// TestFiles: what is read denoises as what was written, to the bit, of bytes and of other pixels. A
// file of another kind is refused.
func TestFiles(t *testing.T) {
	shape := diffusion.Shape{C: 1, H: 8, W: 8}
	_, bytes, _ := pictures(20, 8)
	for i, p := range bytes.Pixels {
		bytes.Pixels[i] = float32(pixelOf(byte((p + 1) * 127.5)))
	}
	for what, images := range map[string]diffusion.Images{"bytes": bytes, "numbers": noise(shape, 20, 3)} {
		y := withNoise(rand.New(rand.NewPCG(20, 0)), images.Batch(nil, 0, 3), 0.4)
		for name, d := range every(t, shape, images, Sides{Sigmas: []float64{0.1, 1}, Pixels: []int{3, 5}}) {
			b, err := d.(encoding.BinaryMarshaler).MarshalBinary()
			if err != nil {
				t.Fatal(err)
			}
			again := reflect.New(reflect.TypeOf(d).Elem()).Interface().(diffusion.Denoiser)
			if err := again.(encoding.BinaryUnmarshaler).UnmarshalBinary(b); err != nil {
				t.Fatalf("%s of %s: %v", name, what, err)
			}
			want, got := slices.Clone(y), slices.Clone(y)
			if err := d.Denoise(t.Context(), want, want, 0.4); err != nil {
				t.Fatal(err)
			}
			if err := again.Denoise(t.Context(), got, got, 0.4); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s of %s: another denoiser is read than was written", name, what)
			}
			file, err := tensorfile.Decode(b)
			if err != nil {
				t.Fatal(err)
			}
			if stored := file.Values["images"]; (stored.Bytes != nil) != (what == "bytes") {
				t.Errorf("%s: %s are stored as others", name, what)
			}
			if err := new(Ideal).UnmarshalBinary(b); (err == nil) != (name == "ideal") {
				t.Errorf("%s, read as an ideal: %v", name, err)
			}
		}
	}
}

// TestDamagedFiles: texts and tensors that do not go together are refused.
func TestDamagedFiles(t *testing.T) {
	shape, images, _ := pictures(10, 8)
	p, err := NewPrincipal(t.Context(), shape, images, Locality{Threshold: 0.1})
	if err != nil {
		t.Fatal(err)
	}
	whole, err := p.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range []func(f *tensorfile.Tensors){
		func(f *tensorfile.Tensors) { f.Text[PrincipalText] = "{" },
		func(f *tensorfile.Tensors) { f.Text[PrincipalText] = `{"Shape":{"C":1,"H":3000000000,"W":3000000000}}` },
		func(f *tensorfile.Tensors) { f.Text[PrincipalText] = `{"Shape":{"C":0,"H":8,"W":8}}` },
		func(f *tensorfile.Tensors) { f.Text[PrincipalText] = `{"Shape":{"C":1,"H":8,"W":4}}` },
		func(f *tensorfile.Tensors) {
			f.Text[PrincipalText] = `{"Shape":{"C":1,"H":8,"W":8},"Locality":{"Threshold":3}}`
		},
		func(f *tensorfile.Tensors) { delete(f.Values, "images") },
		func(f *tensorfile.Tensors) { delete(f.Values, "axes") },
		func(f *tensorfile.Tensors) {
			f.Values["variances"] = tensorfile.Tensor{Shape: []int{2}, Data: []float64{1, 2}}
		},
	} {
		f, err := tensorfile.Decode(whole)
		if err != nil {
			t.Fatal(err)
		}
		change(&f)
		b, err := tensorfile.Encode(f)
		if err != nil {
			t.Fatal(err)
		}
		if new(Principal).UnmarshalBinary(b) == nil {
			t.Errorf("a file with the text %s and tensors %d is read", f.Text[PrincipalText], len(f.Values))
		}
	}
}
