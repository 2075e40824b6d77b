package experiment

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"wavescore/pkg/analytic"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/metrics"
	"wavescore/pkg/viz"
)

// Errors, ratios and distances are those of the pixels.
func TestComparedErrors(t *testing.T) {
	s := testStudy(t)
	a, b := several[1], several[2]
	mean := func(i int, square func(clean, a, b float64) float64) (sum float64) {
		x, y := s.Trials(a)[i], s.Trials(b)[i]
		for p, clean := range x.Clean {
			sum += square(clean, x.Denoised[p], y.Denoised[p]) / float64(len(x.Clean))
		}
		return sum
	}
	for i := range s.Sigmas {
		ofA := mean(i, func(x, a, _ float64) float64 { return (a - x) * (a - x) })
		ofB := mean(i, func(x, _, b float64) float64 { return (b - x) * (b - x) })
		apart := mean(i, func(_, a, b float64) float64 { return (a - b) * (a - b) })
		for what, pair := range map[string][2]float64{
			"ratio":    {s.ErrorRatio(a, b, i).Value, ofA / ofB},
			"distance": {s.Distance(a, b, i).Value, apart},
			"error":    {s.ErrorsAgainst("", i, []int{1, 2}, func(n int) Denoiser { return []Denoiser{a, b}[n-1] }).Y[1], ofB},
		} {
			if math.Abs(pair[0]-pair[1]) > 1e-9 {
				t.Errorf("%s at level %d: %v, want %v", what, i, pair[0], pair[1])
			}
		}
		if e := s.ErrorRatio(a, a, i); e.Value != 1 || e.Low != 1 || e.High != 1 {
			t.Errorf("a denoiser's error is %v of its own", e)
		}
		want := fmt.Sprintf("%.2f [", ofA/ofB)
		if cell := s.RatioTable(b, a).Rows[0][1+i].(string); !strings.HasPrefix(cell, want) {
			t.Errorf("level %d of the table of ratios is %s, want %s...", i, cell, want)
		}
	}
	table := s.LevelTable("level", Row{"index", func(i int) string { return fmt.Sprint(i) }})
	if got := fmt.Sprint(table); got != "{[level σ = 0.2 σ = 1] [[index 0 1]]}" {
		t.Errorf("a table of levels is %s", got)
	}
}

// The first row of one image is noise, the last is clean, and between them is what each denoiser
// makes of it.
func TestOneImageThrough(t *testing.T) {
	s := testStudy(t)
	figure := s.OneImageThrough(3, several[1], several[2])
	if _, err := viz.NewDrawing(figure); err != nil {
		t.Fatal(err)
	}
	if want := []string{"noisy", "Wiener filter", "ideal", "clean"}; !slices.Equal(figure.RowLabels, want) {
		t.Errorf("rows %q, want %q", figure.RowLabels, want)
	}
	size := s.Run.Shape().Size()
	for i := range s.Sigmas {
		for row, batch := range [][]float64{s.Trials(several[1])[i].Noisy, s.Trials(several[1])[i].Denoised, s.Trials(several[2])[i].Denoised, s.Trials(several[1])[i].Clean} {
			from := (row*len(s.Sigmas) + i) * size
			if !slices.Equal(figure.Images[from:from+size], batch[3*size:4*size]) {
				t.Errorf("row %d at level %d is another image", row, i)
			}
		}
	}
}

// Nothing lies outside of images, only the pixel itself within a distance of 0, and shares fall
// between.
func TestOutside(t *testing.T) {
	f := Fingerprint{Field: [][]float64{{1, 1, 1, 1, 1}, {1, 2, 2, 2, 1}, {1, 2, 8, 2, 1}, {1, 2, 2, 2, 1}, {1, 1, 1, 1, 1}}}
	for distance, want := range []float64{32. / 40, 16. / 40, 0} {
		if got := f.Outside(distance); got != want {
			t.Errorf("beyond %d lies %v, want %v", distance, got, want)
		}
	}
}

// A spun denoiser averages over shifts; a machine and its unspun form differ by that alone.
func TestSpun(t *testing.T) {
	s := testStudy(t)
	same(t, s, "spun", s.Make(Spun(several[1], 2)), diffusion.CycleSpin(s.Make(several[1]), 2))
	mimic := Machine("CNN mimic", analytic.CNNMimic(), 40)
	same(t, s, "spun again", s.Make(Spun(mimic.Unspun(), 2)), s.Make(mimic))
	if got := s.Commutes(mimic.Unspun()); len(got) > 0 {
		t.Errorf("a decimated machine commutes with shifts by 1 at %v", got)
	}
}

// The ideal score's samples are copies, and test images are none; the intervals are exact.
func TestCopiesTable(t *testing.T) {
	s := testStudy(t)
	table := s.CopiesTable(6, 50, Ideal(50))
	for row, want := range []metrics.Estimate{metrics.Proportion(0, 10), metrics.Proportion(6, 6)} {
		cells := table.Rows[row]
		if cells[2] != fmt.Sprintf("%.3f", want.Value) || cells[3] != fmt.Sprintf("[%.3f, %.3f]", want.Low, want.High) {
			t.Errorf("%v has %v, want %v", cells[0], cells[2:], want)
		}
	}
	nearest, err := metrics.Nearest(context.Background(), s.Samples(Ideal(50), 6), s.Run.TrainImages().Slice(0, 50))
	if err != nil {
		t.Fatal(err)
	}
	figure := s.NearestRatios(6, 50, Ideal(50))
	for k, n := range nearest {
		if got := figure.Samples[1].Values[k]; got != n.Ratio() {
			t.Errorf("sample %d is at %v, want %v", k, got, n.Ratio())
		}
	}
	if _, err := viz.NewDrawing(figure); err != nil {
		t.Error(err)
	}
}

// A mixture holds its numbers of eight bytes, and the ideal score the values of its images, of four
// bytes as these are no pictures of eight bits.
func TestSizeTable(t *testing.T) {
	s := testStudy(t)
	w := testWindows(s)
	rows := s.SizeTable(Ideal(50), w.Blocks(4), several[1]).Rows
	values := 50 * s.Run.Shape().Size()
	if m := s.Memory(Ideal(50)); m.Holds != "train images" || m.Numbers != values || math.Abs(m.Bytes-float64(4*values)) > 1000 {
		t.Errorf("the ideal score of %d values holds %+v", values, m)
	}
	if rows[0][1] != "train images" || rows[0][3] != 50 || rows[0][4] != fmt.Sprintf("%.1f", float64(values)/1e6) {
		t.Errorf("the row of the ideal score is %v", rows[0])
	}
	// Each site has a mean, axes and variances of 16 values, and 3 components of a weight, a mean,
	// 16 axes, their variances and one for the rest.
	numbers := 64 * (16 + 16*16 + 16 + 3*(1+16+16*16+16+1))
	var mb float64
	if _, err := fmt.Sscan(rows[1][2].(string), &mb); err != nil || math.Abs(mb-8*float64(numbers)/1e6) > 0.06 {
		t.Errorf("blocks of 4 hold %v MB of mixtures, want %.1f (%v)", rows[1][2], 8*float64(numbers)/1e6, err)
	}
	if rows[2][1] != "moments" {
		t.Errorf("a machine holds %v", rows[2][1])
	}
}
