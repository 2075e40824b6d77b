package viz

import (
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestHistogramCounts compares the bins, whose edges are exact binary fractions, with counts by
// search in the sorted sample.
func TestHistogramCounts(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	sample := Sample{Name: "s"}
	for range 5000 {
		sample.Values = append(sample.Values, rng.NormFloat64())
	}
	sorted := slices.Sorted(slices.Values(sample.Values))
	f := Histogram{X: Axis{Label: "x", Min: -1, Max: 2}, Bins: 24, Samples: []Sample{sample}}
	b := planOf(t, f).(histogram).bins[0]
	for i, count := range b.counts {
		from, _ := slices.BinarySearch(sorted, -1+float64(i)/8)
		to, _ := slices.BinarySearch(sorted, -1+float64(i+1)/8)
		if count != to-from {
			t.Errorf("bin %d from %v to %v counts %d, want %d", i, b.edges[i], b.edges[i+1], count, to-from)
		}
		// Values beyond the axis count in the density.
		if want := float64(to-from) / 5000 * 8; math.Abs(b.density[i]-want) > 1e-15 {
			t.Errorf("bin %d has the density %v, want %v", i, b.density[i], want)
		}
	}
	f.X = Axis{Label: "x"}
	if b := planOf(t, f).(histogram).bins[0]; b.total != 5000 || b.edges[0] != sorted[0] {
		t.Errorf("an axis made for the sample starts at %v and holds %d values, want %v and 5000", b.edges[0], b.total, sorted[0])
	}
}

// TestJointCounts compares the cells with a count of all pairs cell by cell.
func TestJointCounts(t *testing.T) {
	f := jointSpecimen(false)
	f.Bins, f.XValues, f.YValues = 8, f.XValues[:2000], f.YValues[:2000]
	counts := planOf(t, f).(joint).counts
	for row := range 8 {
		for column := range 8 {
			want := 0.0
			for i := range f.XValues {
				x, y := f.XValues[i]+4-float64(column), f.YValues[i]+4-float64(row) // cells of side 1 from -4
				if x >= 0 && x < 1 && y >= 0 && y < 1 {
					want++
				}
			}
			if got := counts.values[row*8+column]; got != want {
				t.Errorf("cell (%d, %d) counts %v, want %v", row, column, got, want)
			}
		}
	}
	f.Conditional = true
	shown := planOf(t, f).(joint).shown
	for column := range 8 {
		most := 0.0
		for row := range 8 {
			most = max(most, shown.values[row*8+column])
		}
		if most != 1 {
			t.Errorf("column %d has a largest share of %v, want 1", column, most)
		}
	}
}

// TestLiveNumbers checks that the live chart gets the numbers of the figure, to six digits.
func TestLiveNumbers(t *testing.T) {
	f := linesSpecimen()
	o := f.live(pageWidth).Panels[0].Option
	for i, s := range f.Series {
		data := o.Series[i].Data.([][]float64)
		for j := range s.X {
			if math.Abs(data[j][0]/s.X[j]-1) > 1e-5 || math.Abs(data[j][1]/s.Y[j]-1) > 1e-5 {
				t.Errorf("series %q, point %d: (%v, %v), want (%v, %v)", s.Name, j, data[j][0], data[j][1], s.X[j], s.Y[j])
			}
		}
	}
	band := o.Series[len(f.Series)].Data.([][]float64)
	if s := f.Series[2]; band[3][1] != short(s.Low[3]) || band[3][2] != short(s.High[3]) {
		t.Errorf("the band at point 3 is %v, want %v to %v", band[3], s.Low[3], s.High[3])
	}
}

// lightness is L* of CIE 1976 for an sRGB colour, 0 to 100.
func lightness(r, g, b float64) float64 {
	linear := func(v float64) float64 {
		if v /= 255; v <= 0.04045 {
			return v / 12.92
		} else {
			return math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	y := 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
	if y <= 216.0/24389 {
		return y * 24389 / 27
	}
	return 116*math.Cbrt(y) - 16
}

// TestColourMaps: the sequential map gets lighter in even steps, the diverging one is as dark at
// both ends, and white in the middle.
func TestColourMaps(t *testing.T) {
	at := func(m colourMap, x float64) float64 {
		c := m.at(x)
		return lightness(float64(c.R), float64(c.G), float64(c.B))
	}
	const steps = 50
	mean := (at(sequential, 1) - at(sequential, 0)) / steps
	for i := range steps {
		step := at(sequential, float64(i+1)/steps) - at(sequential, float64(i)/steps)
		if step < 0.5*mean || step > 1.6*mean {
			t.Errorf("lightness rises by %v from %v of the sequential map, by %v on average", step, float64(i)/steps, mean)
		}
	}
	for i := range steps / 2 {
		x, next := float64(i)/steps, float64(i+1)/steps
		if at(diverging, x) > at(diverging, next) || at(diverging, 1-x) > at(diverging, 1-next) {
			t.Errorf("the diverging map gets darker towards its middle at %v", x)
		}
		if d := at(diverging, x) - at(diverging, 1-x); math.Abs(d) > 8 {
			t.Errorf("the diverging map is lighter by %v at %v than at its mirror image", d, x)
		}
	}
	if c := diverging.at(0.5); c != white {
		t.Errorf("the middle of the diverging map is %v, want white", c)
	}
}

// TestPinnedECharts: the address and the checksum in the page, the package list and the lock file
// name the same ECharts.
func TestPinnedECharts(t *testing.T) {
	var list struct{ Dependencies map[string]string }
	var lock struct {
		Packages map[string]struct{ Version, Integrity, Resolved string }
	}
	for path, into := range map[string]any{"package.json": &list, "package-lock.json": &lock} {
		text, err := os.ReadFile("../../environment/" + path)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, into); err != nil {
			t.Fatal(err)
		}
	}
	version := list.Dependencies["echarts"]
	if got := lock.Packages["node_modules/echarts"].Version; got != version {
		t.Errorf("package.json pins ECharts %s, the lock file %s", version, got)
	}
	if !strings.Contains(echartsURL, "/echarts@"+version+"/") {
		t.Errorf("package.json pins ECharts %s, pages load %s", version, echartsURL)
	}
	for name, p := range lock.Packages {
		if name != "" && !strings.HasPrefix(p.Integrity, "sha512-") {
			t.Errorf("the lock file has no checksum of %s", name)
		}
		if p.Resolved != "" && !strings.HasPrefix(p.Resolved, "https://registry.npmjs.org/") {
			t.Errorf("the lock file takes %s from %s", name, p.Resolved)
		}
	}
	library, err := os.ReadFile(echartsFile)
	if err != nil {
		t.Skipf("NOT RUN in full: ECharts is not installed, so the checksum in the page was not compared: %v", err)
	}
	sum := sha512.Sum384(library)
	if got := "sha384-" + base64.StdEncoding.EncodeToString(sum[:]); got != echartsIntegrity {
		t.Errorf("the installed ECharts has the checksum %s, pages ask for %s", got, echartsIntegrity)
	}
}
