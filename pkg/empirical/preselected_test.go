package empirical

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"wavescore/internal/tensorfile"
	"wavescore/pkg/diffusion"
)

// TestNearest finds the nearest block means by sorting what a loop over blocks says, of an image
// whose last blocks are smaller.
func TestNearest(t *testing.T) {
	set := noise(rectangle, 40, 1)
	ideal, err := NewIdeal(rectangle, set)
	if err != nil {
		t.Fatal(err)
	}
	const block = 4
	p, err := NewPreselected(ideal, Select(7, block))
	if err != nil {
		t.Fatal(err)
	}
	y := noise(rectangle, 1, 2).Batch(nil, 0, 1)
	distance := func(n int) (d float64) {
		x := set.Batch(nil, n, n+1)
		for c := range rectangle.C {
			for top := range (rectangle.H + block - 1) / block {
				for left := range (rectangle.W + block - 1) / block {
					difference, pixels := 0.0, 0.0
					for row := range rectangle.H {
						for column := range rectangle.W {
							if row/block == top && column/block == left {
								i := (c*rectangle.H+row)*rectangle.W + column
								difference += y[i] - x[i]
								pixels++
							}
						}
					}
					d += difference * difference / pixels
				}
			}
		}
		return d
	}
	var want []int
	for n := range set.Len() {
		want = append(want, n)
	}
	slices.SortFunc(want, func(a, b int) int {
		return int(math.Copysign(1, distance(a)-distance(b)))
	})
	want = want[:7]
	slices.Sort(want)
	if got := p.nearest(y, 7); !slices.Equal(got, want) {
		t.Errorf("the nearest are %v, want %v", got, want)
	}
}

// TestPreselected: a score of selected images is that of a set of these alone, each noisy image
// having its own; of all images it is the score itself.
func TestPreselected(t *testing.T) {
	shape, set, images := pictures(60, 8)
	sides := Sides{Sigmas: []float64{0.1, 1}, Pixels: []int{3, 5}}
	y := withNoise(rand.New(rand.NewPCG(3, 0)), images[:3*shape.Size()], 0.4)
	nineOrAll := Selection{Block: 2, Sigmas: []float64{0.1, 2}, Images: []int{9, 60}}
	for name, d := range every(t, shape, set, sides) {
		score, is := d.(Score)
		if !is {
			continue
		}
		p, err := NewPreselected(score, nineOrAll)
		if err != nil {
			t.Fatal(err)
		}
		whole, got := slices.Clone(y), slices.Clone(y)
		if err := score.Denoise(t.Context(), whole, y, 2); err != nil {
			t.Fatal(err)
		}
		if err := p.Denoise(t.Context(), got, y, 2); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, whole) {
			t.Errorf("%s: with all images selected it is another denoiser", name)
		}
		if err := p.Denoise(t.Context(), got, y, 0.1); err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			noisy := y[i*shape.Size():][:shape.Size()]
			selected := subset{set, p.nearest(noisy, 9)}
			if principal, is := d.(*Principal); is { // which sees what the whole set's covariance says
				score = &Principal{shape: shape, images: selected, locality: principal.locality, values: principal.values,
					vectors: principal.vectors, masks: make(map[float64][]float32)}
			} else {
				score = every(t, shape, selected, sides)[name].(Score)
			}
			want := slices.Clone(noisy)
			if err := score.Denoise(t.Context(), want, noisy, 0.1); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got[i*shape.Size():][:shape.Size()], want) {
				t.Errorf("%s, image %d: another mean than that of the selected images", name, i)
			}
		}
	}
}

// TestSelectionRefused: selections without a block, without levels or without images, and files of
// scores that cannot be selected for.
func TestSelectionRefused(t *testing.T) {
	_, set, _ := pictures(5, 8)
	ideal, err := NewIdeal(diffusion.Shape{C: 1, H: 8, W: 8}, set)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []Selection{{}, Select(0, 2), Select(3, 0), {Block: 2, Sigmas: []float64{1, 0.5}, Images: []int{1, 1}}, {Block: 2, Sigmas: []float64{1}, Images: []int{1, 2}}} {
		if _, err := NewPreselected(ideal, s); err == nil {
			t.Errorf("%+v is a selection", s)
		}
	}
	p, err := NewPreselected(ideal, Select(3, 2))
	if err != nil {
		t.Fatal(err)
	}
	whole, err := p.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		`{"Shape":{"C":1,"H":8,"W":8},"Of":"smoothed","Selection":{"Block":2,"Sigmas":[1],"Images":[3]}}`,
		`{"Shape":{"C":1,"H":8,"W":8},"Of":"ideal"}`,
		`{"Shape":{"C":1,"H":8,"W":8},"Of":"local","Selection":{"Block":2,"Sigmas":[1],"Images":[3]}}`,
	} {
		f, err := tensorfile.Decode(whole)
		if err != nil {
			t.Fatal(err)
		}
		f.Text[PreselectedText] = text
		b, err := tensorfile.Encode(f)
		if err != nil {
			t.Fatal(err)
		}
		if new(Preselected).UnmarshalBinary(b) == nil {
			t.Errorf("%s is read", text)
		}
	}
}
