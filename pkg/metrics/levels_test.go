package metrics

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"

	"wavescore/pkg/wavelet"
)

func haarOf(t *testing.T, channels, side, levels int) *wavelet.Transform {
	t.Helper()
	filter, err := wavelet.ParseFilter("haar")
	if err != nil {
		t.Fatal(err)
	}
	layout, err := wavelet.NewLayout(channels, side, side, levels)
	if err != nil {
		t.Fatal(err)
	}
	return wavelet.NewTransform(filter, layout)
}

// The energies of the levels sum to that of the image, and those of an image made of one level's
// coefficients are that level's alone.
func TestLevelEnergies(t *testing.T) {
	transform := haarOf(t, 2, 8, 3)
	layout := transform.Layout()
	if names := LevelNames(layout); !slices.Equal(names, []string{"approximation", "level 3", "level 2", "level 1"}) {
		t.Errorf("levels %q", names)
	}
	random := rand.New(rand.NewPCG(1, 0))
	images := make([]float64, 5*layout.Len())
	for i := range images {
		images[i] = random.NormFloat64()
	}
	for i, row := range LevelEnergies(transform, images) {
		if want := squaredNorm(images[i*layout.Len() : (i+1)*layout.Len()]); math.Abs(floats.Sum(row)-want) > 1e-9*want {
			t.Errorf("image %d: energies sum to %v, want %v", i, floats.Sum(row), want)
		}
	}
	for c := range layout.Len() {
		w := make([]float64, layout.Len())
		w[c] = 3
		place, want := layout.Place(c), 0
		if place.Orientation != wavelet.Approximation {
			want = 4 - place.Level
		}
		for level, e := range LevelEnergies(transform, transform.Inverse(nil, w))[0] {
			if (level == want) != (math.Abs(e-9) < 1e-9) || level != want && e > 1e-9 {
				t.Errorf("coefficient %d of row %d: energy %v in row %d", c, want, e, level)
			}
		}
	}
}

// The variances are sums of the sample variances of single coefficients, wherever the mean is.
func TestLevelVariances(t *testing.T) {
	transform := haarOf(t, 1, 8, 2)
	size, n := transform.Layout().Len(), 40
	random := rand.New(rand.NewPCG(2, 0))
	images := make([]float64, n*size)
	for i := range images {
		images[i] = float64(i%size) + random.NormFloat64()
	}
	w := transform.Forward(nil, images)
	want := make([]float64, 3)
	for c := range size {
		var values []float64
		for i := range n {
			values = append(values, w[i*size+c])
		}
		level := 0
		if p := transform.Layout().Place(c); p.Orientation != wavelet.Approximation {
			level = 3 - p.Level
		}
		want[level] += stat.Variance(values, nil)
	}
	for level, s := range LevelVariances(transform, images) {
		e := s.Estimate(1)
		if math.Abs(e.Value-want[level]) > 1e-9*want[level] || !(e.Low < e.Value && e.Value < e.High) {
			t.Errorf("row %d: variance %v, want %v", level, e, want[level])
		}
	}
}
