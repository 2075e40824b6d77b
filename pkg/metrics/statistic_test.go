package metrics

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func normals(seed uint64, n int, mean, deviation float64) [][]float64 {
	rnd := rand.New(rand.NewPCG(seed, 0))
	rows := make([][]float64, n)
	for i := range rows {
		rows[i] = []float64{mean + deviation*rnd.NormFloat64()}
	}
	return rows
}

// TestIntervalCovers: of 400 samples of 60 normal numbers (seeds 0 to 399), the 95 % intervals of
// the mean hold the true mean in 90 to 98 %; percentile intervals of small samples are known to be
// a little short.
func TestIntervalCovers(t *testing.T) {
	covered := 0
	for seed := range uint64(400) {
		e := mean(normals(seed, 60, 3, 2)).Estimate(1)
		if e.Low <= 3 && 3 <= e.High {
			covered++
		}
		if !(e.Low <= e.Value && e.Value <= e.High) {
			t.Errorf("seed %d: %v is outside its interval", seed, e)
		}
	}
	if covered < 360 || covered > 392 {
		t.Errorf("%d of 400 intervals hold the mean", covered)
	}
}

// TestIntervalWidth: of the mean of 2000 normal numbers of deviation 2, about 2 x 1.96 x 2 / sqrt
// 2000, to 10 %.
func TestIntervalWidth(t *testing.T) {
	e := mean(normals(1, 2000, 0, 2)).Estimate(7)
	if width, want := e.High-e.Low, 2*1.96*2/math.Sqrt(2000); math.Abs(width/want-1) > 0.1 {
		t.Errorf("width %v, want %v", width, want)
	}
	if again := mean(normals(1, 2000, 0, 2)).Estimate(7); again != e {
		t.Errorf("the same seed gives %v and %v", e, again)
	}
}

// TestDifferenceIsPaired: numbers that differ by 1 plus a little have a difference near 1 with a
// small interval, however far they spread; unpaired it would be some 0.5 wide.
func TestDifferenceIsPaired(t *testing.T) {
	a, little := normals(2, 200, 0, 2), normals(3, 200, 1, 0.01)
	b := make([][]float64, len(a))
	for i := range b {
		b[i] = []float64{a[i][0] + little[i][0]}
	}
	e := mean(b).Minus(mean(a)).Estimate(1)
	if math.Abs(e.Value-mean(little).Value()) > 1e-12 || e.High-e.Low > 0.005 {
		t.Errorf("difference %v", e)
	}
	ratio := mean(b).Over(mean(a))
	if want := mean(b).Value() / mean(a).Value(); math.Abs(ratio.Value()-want) > 1e-12 {
		t.Errorf("ratio %v, want %v", ratio.Value(), want)
	}
	if !e.Above(0.9) || e.Above(0.998) || !e.Below(1.1) || e.Below(0.998) {
		t.Errorf("%v is not above 0.9 and below 1.1 alone", e)
	}
}

func TestStatisticMistakes(t *testing.T) {
	one := mean([][]float64{{1}})
	for name, mistake := range map[string]func(){
		"no images":       func() { NewStatistic(nil, nil) },
		"rows of lengths": func() { NewStatistic([][]float64{{1}, {1, 2}}, nil) },
		"not paired":      func() { one.Minus(mean([][]float64{{1}, {2}})) },
	} {
		if _, ok := recovered(mistake).(RowError); !ok {
			t.Errorf("%s: no RowError", name)
		}
	}
	if e := one.Estimate(1); e != (Estimate{1, 1, 1}) {
		t.Errorf("of one image: %v", e)
	}
}

// A ratio of means, where the images with large numbers count more than in a mean of ratios.
func ExampleNewStatistic() {
	rows := [][]float64{{1, 2}, {3, 4}, {2, 8}, {9, 10}}
	share := NewStatistic(rows, func(means []float64) float64 { return means[0] / means[1] })
	fmt.Println(share.Estimate(1))
	// Output: 0.625 [0.3, 0.875]
}
