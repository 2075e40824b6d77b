package metrics

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"wavescore/pkg/diffusion"
)

// Patches hold the pixels of an image at its own size, each once, and means over blocks below.
func TestPatches(t *testing.T) {
	shape := diffusion.Shape{C: 2, H: 8, W: 16}
	image := make([]float64, shape.Size())
	for i := range image {
		image[i] = float64(i)
	}
	patches := Patches(shape, image, 8)
	if want := []float64{0, 1, 2, 3, 16, 17, 18, 19, 32, 33, 34, 35, 48, 49, 50, 51}; !slices.Equal(patches[:16], want) {
		t.Errorf("the first patch is %v, want %v", patches[:16], want)
	}
	if patches[16] != 4 || patches[4*16] != 64 || patches[8*16] != 128 {
		t.Errorf("patches begin with %v, %v and %v", patches[16], patches[4*16], patches[8*16])
	}
	slices.Sort(patches)
	if !slices.Equal(patches, image) {
		t.Error("patches do not hold each pixel once")
	}
	coarse := Patches(shape, image, 4)
	if want := (0 + 1 + 16 + 17) / 4.0; len(coarse) != len(image)/4 || coarse[0] != want {
		t.Errorf("%d values from %v on, want %d from %v on", len(coarse), coarse[0], len(image)/4, want)
	}
	if sides := PatchSides(shape); !slices.Equal(sides, []int{4, 8}) {
		t.Errorf("sides %v", sides)
	}
	if sides := PatchSides(diffusion.Shape{C: 1, H: 6, W: 8}); sides != nil {
		t.Errorf("sides %v of images of 6 rows", sides)
	}
}

// Images are averaged down by whole blocks only.
func TestSideError(t *testing.T) {
	shape := diffusion.Shape{C: 1, H: 16, W: 8}
	for _, side := range []int{0, 2, 4, 6, 32} {
		func() {
			defer func() {
				if e, ok := recover().(SideError); !ok || e.Side != side {
					t.Errorf("side %d: panic with %v", side, e)
				}
			}()
			Patches(shape, make([]float64, shape.Size()), side)
		}()
	}
}

// References are at distance 0 from themselves, whatever their order, and their mean at 1 where it
// is the same in all patches. A brighter copy is at the same distance at every scale but for the
// unit, and noise that is independent in each pixel is nearest where it is averaged most.
func TestPatchScales(t *testing.T) {
	shape, n := diffusion.Shape{C: 1, H: 16, W: 16}, 60
	random := rand.New(rand.NewPCG(3, 0))
	images := make([]float64, n*shape.Size())
	for i := range n {
		grey := random.NormFloat64()
		for k := range shape.Size() {
			images[i*shape.Size()+k] = grey
		}
	}
	scales, err := NewPatchScales(shape, images, 1)
	if err != nil || !slices.Equal(scales.Sides, []int{4, 8, 16}) {
		t.Fatalf("sides %v (%v)", scales.Sides, err)
	}
	distances := func(images []float64) []float64 {
		t.Helper()
		d, err := scales.Distances(images)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	turned := append(slices.Clone(images[shape.Size():]), images[:shape.Size()]...)
	mean := MeanImage(images, shape.Size())
	noisy := slices.Clone(images)
	for i := range noisy {
		noisy[i] += random.NormFloat64()
	}
	same, grey, rough := distances(turned), distances(mean), distances(noisy)
	for k := range scales.Sides {
		if same[k] > 1e-12 || math.Abs(grey[k]-1) > 1e-9 {
			t.Errorf("side %d: distances %v of the references and %v of their mean", scales.Sides[k], same[k], grey[k])
		}
		if k > 0 && rough[k] <= rough[k-1] {
			t.Errorf("side %d: noise is at %v, and at %v where it is averaged", scales.Sides[k], rough[k], rough[k-1])
		}
	}
	if _, err := NewPatchScales(shape, make([]float64, 2*shape.Size()), 1); err == nil {
		t.Error("references without any contrast are accepted")
	}
	if _, err := NewPatchScales(shape, nil, 1); err == nil {
		t.Error("no references are accepted")
	}
}
