package dataset

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// TestDeadLeavesCovariance compares products of pixels with theory, within 4 standard errors. Two
// points at distance d have one colour, of variance v, if one leaf is the first to cover either
// and covers both: with probability g(d) / (2 g(0) - g(d)), where g(d) is the expected area that
// a leaf and the leaf shifted by d share (Lee, Mumford and Huang, 2001, section 4); otherwise the
// colours are independent and of mean 0. Pixels are means of points.
func TestDeadLeavesCovariance(t *testing.T) {
	for _, radii := range [][2]float64{{0.8, 10}, {6, 6}} {
		testDeadLeavesCovariance(t, radii[0], radii[1])
	}
}

func testDeadLeavesCovariance(t *testing.T, smallest, largest float64) {
	const (
		n             = 3000
		height, width = 4, 17
		points        = leafSamples * leafSamples
	)
	leaves, err := NewDeadLeaves(height, width, smallest, largest)
	if err != nil {
		t.Fatal(err)
	}
	x := leaves.Draw(n, 3).Batch(nil, 0, n)

	shared := func(d float64) (area float64) {
		const steps = 1000 // of the share of leaves with a smaller radius, by the midpoint rule
		for i := range steps {
			r := leaves.radius((float64(i) + 0.5) / steps)
			if d < 2*r {
				area += (2*r*r*math.Acos(d/2/r) - d/2*math.Sqrt(4*r*r-d*d)) / steps
			}
		}
		return area
	}
	covariance := func(rows, cols int) (mean float64) {
		for p := range points {
			for q := range points {
				dy := float64(rows) + float64(q/leafSamples-p/leafSamples)/leafSamples
				dx := float64(cols) + float64(q%leafSamples-p%leafSamples)/leafSamples
				g := shared(math.Hypot(dy, dx))
				mean += g / (2*shared(0) - g) / (points * points)
			}
		}
		return mean
	}
	brightness, deviation := 1.4*1.4/12, 0.6*0.6/12 // variances of uniform distributions
	for _, c := range []struct {
		rows, cols, channels int
		variance             float64
	}{
		{0, 0, 0, brightness + deviation}, {0, 1, 0, brightness + deviation}, {1, 0, 0, brightness + deviation},
		{2, 3, 0, brightness + deviation}, {3, 0, 0, brightness + deviation}, {0, 6, 0, brightness + deviation}, {0, 16, 0, brightness + deviation},
		{0, 0, 1, brightness}, {0, 2, 2, brightness},
	} {
		want := c.variance * covariance(c.rows, c.cols)
		var mean, square float64
		for i := range n {
			var product, pairs float64
			for ch := 0; ch+c.channels < 3; ch++ {
				for r := 0; r+c.rows < height; r++ {
					for l := 0; l+c.cols < width; l++ {
						a := ((i*3+ch)*height+r)*width + l
						b := ((i*3+ch+c.channels)*height+r+c.rows)*width + l + c.cols
						product += x[a] * x[b]
						pairs++
					}
				}
			}
			mean, square = mean+product/pairs/n, square+product*product/pairs/pairs/n
		}
		if e := math.Sqrt((square - mean*mean) / n); math.Abs(mean-want) > 4*e {
			t.Errorf("radii %v to %v: covariance %d, %d, %d channels apart is %v, want %v within %v",
				smallest, largest, c.rows, c.cols, c.channels, mean, want, e)
		}
	}
}

// TestDeadLeavesRadii: a share of (a^-2 - r^-2) / (a^-2 - b^-2) of the leaves is smaller than r.
func TestDeadLeavesRadii(t *testing.T) {
	leaves := &DeadLeaves{8, 8, 0.5, 8}
	for _, r := range []float64{0.5, 0.6, 1, 2, 7.9, 8} {
		u := (4 - 1/(r*r)) / (4 - 1./64)
		if got := leaves.radius(u); math.Abs(got-r) > 1e-12 {
			t.Errorf("a share %v of the leaves is smaller than %v, want %v", u, got, r)
		}
	}
}

func TestDeadLeavesDependOnSeedAndIndex(t *testing.T) {
	leaves, err := NewDeadLeaves(8, 12, 1, 1) // discs of one size are allowed
	if err != nil {
		t.Fatal(err)
	}
	want := leaves.Draw(31, 5)
	if err := want.Check(); err != nil {
		t.Fatal(err)
	}
	if low, high := slices.Min(want.Pixels), slices.Max(want.Pixels); low < -1 || high > 1 {
		t.Errorf("pixels span [%v, %v]", low, high)
	}
	for _, procs := range []int{1, 3} {
		onProcs(procs, func() {
			if got := leaves.Draw(17, 5); !slices.Equal(got.Pixels, want.Slice(0, 17).Pixels) {
				t.Errorf("GOMAXPROCS %d: 17 images are not the first of 31", procs)
			}
		})
	}
	if slices.Equal(leaves.Draw(31, 6).Pixels, want.Pixels) {
		t.Error("seeds 5 and 6 give the same images")
	}
}

func TestDeadLeavesErrors(t *testing.T) {
	for _, c := range []struct {
		height, width     int
		smallest, largest float64
		want              string
	}{
		{0, 8, 1, 2, "must be positive"}, {8, -1, 1, 2, "must be positive"},
		{8, 8, 0, 2, "0.25 <= smallest"}, {8, 8, 3, 2, "smallest <= largest"}, {8, 8, 1, 33, "largest <= 32"},
		{8, 8, math.NaN(), 2, "0.25"}, {8, 8, 1, math.NaN(), "0.25"}, {8, 8, 1, math.Inf(1), "largest <= 32"},
	} {
		if _, err := NewDeadLeaves(c.height, c.width, c.smallest, c.largest); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: error %v", c, err)
		}
	}
}

func BenchmarkDeadLeaves(b *testing.B) {
	leaves, err := NewDeadLeaves(32, 32, 1, 16)
	if err != nil {
		b.Fatal(err)
	}
	const n = 64
	for b.Loop() {
		leaves.Draw(n, 1)
	}
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "images/s")
}
