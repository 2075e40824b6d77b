package viz

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"wavescore/pkg/wavelet"
)

// TestExtremeRanges draws every kind of figure that has an axis over ranges at the ends of what a
// number can be. Each must be drawn soon and without NaN or infinities, or refused in words.
func TestExtremeRanges(t *testing.T) {
	if testing.Short() {
		t.Skip("draws some hundred figures")
	}
	up := math.Nextafter
	for _, c := range []struct {
		name       string
		axis       Axis // of linear figures and, where all is positive, of logarithmic ones too
		values     []float64
		refused    string // words of the error; none: it must be drawn
		refusedLog string // the same for a logarithmic axis
		signed     bool   // there is no logarithmic axis for such values
	}{
		{name: "equal up to rounding", values: []float64{1, 1 + 1e-14}},
		{name: "one ulp apart", values: []float64{up(1, 2), 1, 1}},
		{name: "large and one ulp apart", values: []float64{1e290, up(1e290, 1e300)}},
		{name: "negative and near-equal", values: []float64{-3, up(-3, 0), -3 - 1e-12}, signed: true},
		{name: "narrow", values: []float64{1, 1 + 2e-9, 1 + 1e-9}},
		{name: "narrow at a high place", values: []float64{1e16, 1e16 + 4e8}},
		{name: "smallest number", values: []float64{5e-324}, refusedLog: "numbers from 1e-300"},
		{name: "zero and the smallest number", values: []float64{0, 5e-324}, signed: true},
		{name: "denormal", values: []float64{1e-310, 2e-310}, refusedLog: "numbers from 1e-300"},
		{name: "denormal and one", values: []float64{1e-310, 1}, refusedLog: "numbers from 1e-300"},
		{name: "400 decades", values: []float64{1e-200, 1e200}},
		{name: "600 decades", values: []float64{1e-300, 1e300}},
		{name: "widest", values: []float64{-1e300, 1e300}, signed: true},
		{name: "the difference overflows", values: []float64{-1e308, 1e308},
			refused: "-1e+308; only numbers between", signed: true},
		{name: "largest number", values: []float64{1, math.MaxFloat64},
			refused: "1.7976931348623157e+308; only numbers between", refusedLog: "e+308; only numbers between"},
		{name: "set, one ulp", axis: Axis{Min: 1, Max: up(1, 2)}, values: []float64{1, up(1, 2)},
			refused: "axis runs from 1 to 1.0000000000000002", refusedLog: "axis runs from 1 to 1.0000000000000002"},
		{name: "set, denormal", axis: Axis{Min: -5e-324, Max: 5e-324}, values: []float64{0},
			refused: "axis runs from -5e-324 to 5e-324", signed: true},
		{name: "set, overflowing", axis: Axis{Min: -1e308, Max: 1e308}, values: []float64{0, 1},
			refused: "axis runs from -1e+308 to 1e+308", signed: true},
		{name: "set, from a denormal", axis: Axis{Min: 1e-310, Max: 1}, values: []float64{0.5, 1},
			refusedLog: "starts at 1e-310"},
		{name: "set, values far outside", axis: Axis{Min: 1, Max: 1 + 1e-8},
			values: []float64{1 + 1e-9, 1e300, 1 + 2e-9, 1e-300}},
	} {
		for kind, figure := range figuresOver(t, c.axis, c.values) {
			log := strings.Contains(kind, "logarithmic")
			if log && c.signed {
				continue
			}
			refusal := c.refused
			if log {
				refusal = c.refusedLog
			}
			t.Run(c.name+"/"+kind, func(t *testing.T) {
				done := make(chan string, 1)
				go func() { done <- drawnOrRefused(figure, refusal) }()
				select {
				case fault := <-done:
					if fault != "" {
						t.Error(fault)
					}
				case <-time.After(20 * time.Second):
					t.Fatal("still not drawn after 20 seconds")
				}
			})
		}
	}
}

// drawnOrRefused says what is wrong with a figure's pictures, or with its error where the words of
// one are given; "" if nothing is.
func drawnOrRefused(f Figure, refusal string) string {
	p, err := planned(f)
	if refusal != "" {
		if err == nil || !strings.Contains(err.Error(), refusal) {
			return fmt.Sprintf("got %v, want an error with %q", err, refusal)
		}
		return ""
	}
	if err != nil {
		return err.Error()
	}
	var svg, numbers bytes.Buffer
	rasterise(p, pageWidth, 24)
	_, liveErr := json.Marshal(p.live(pageWidth)) // JSON has no infinities
	if err := errors.Join(writeSVG(&svg, p), writeCSV(&numbers, p), liveErr); err != nil {
		return err.Error()
	}
	for _, bad := range []string{"NaN", "Inf"} { // letters are shapes
		if strings.Contains(svg.String(), bad) {
			return "the picture holds " + bad
		}
	}
	return ""
}

// figuresOver returns figures of every kind with the values along each of their axes.
func figuresOver(t *testing.T, a Axis, values []float64) map[string]Figure {
	a.Label = "a"
	log := a
	log.Log = true
	plain, one := Axis{Label: "b"}, make([]float64, len(values))
	counted := make([]string, len(values))
	for i := range one {
		one[i], counted[i] = float64(i), fmt.Sprint(i)
	}
	across, upright := []Series{{X: values, Y: one}}, []Series{{X: one, Y: values}}
	banded := []Series{{X: one, Y: values, Low: values, High: values}}
	curve := []Series{{Name: "c", X: one, Y: values}}
	sample := []Sample{{Name: "s", Values: one}}
	figures := map[string]Figure{
		"lines, x":                Lines{X: a, Y: plain, Series: across},
		"lines, y":                Lines{X: plain, Y: a, Series: banded},
		"lines, x logarithmic":    Lines{X: log, Y: plain, Series: across},
		"lines, y logarithmic":    Lines{X: plain, Y: log, Series: banded},
		"scatter, x":              Scatter{X: a, Y: plain, Series: across},
		"scatter, y":              Scatter{X: plain, Y: a, Series: banded},
		"scatter, x logarithmic":  Scatter{X: log, Y: plain, Series: across},
		"scatter, y logarithmic":  Scatter{X: plain, Y: log, Series: upright},
		"histogram":               Histogram{X: a, Samples: []Sample{{Name: "", Values: values}}},
		"histogram, y":            Histogram{X: plain, Y: a, Samples: sample, Curves: curve},
		"histogram, logarithmic":  Histogram{X: plain, Y: log, Samples: sample, Curves: curve},
		"bars":                    Bars{Y: a, Categories: counted, Groups: []Group{{Name: "", Values: values}}},
		"bars, logarithmic":       Bars{Y: log, Categories: counted, Groups: []Group{{Name: "", Values: values}}},
		"heat map":                heatMapOver(a, counted, values),
		"heat map, logarithmic":   heatMapOver(log, counted, values),
		"joint, x":                Joint{X: a, Y: plain, XValues: values, YValues: one},
		"joint, y":                Joint{X: plain, Y: a, XValues: one, YValues: values, Conditional: true},
		"panels":                  Panels{Columns: 2, Figures: []Figure{Lines{X: plain, Y: a, Series: upright}}},
		"panels, logarithmic":     Panels{Columns: 2, Figures: []Figure{Lines{X: log, Y: plain, Series: across}}},
		"histogram, one with bin": Histogram{X: a, Bins: 1, Samples: []Sample{{Name: "", Values: values}}},
	}
	if a.Min == a.Max { // these have no axis that can be set
		diverging := heatMapOver(a, counted, values)
		diverging.Diverging = true
		figures["heat map, diverging"] = diverging
		figures["grid"] = Grid{Channels: 1, Height: 1, Width: 1, Columns: 2, Images: values, Diverging: true}
		layout, err := wavelet.NewLayout(1, 2, 2, 1)
		if err != nil {
			t.Fatal(err)
		}
		padded := slices.Concat(values, values, values, values)[:4]
		figures["mosaic"] = Mosaic{Layout: layout, Coefficients: padded}
		figures["mosaic, per band"] = Mosaic{Layout: layout, Coefficients: padded, PerBand: true}
	}
	return figures
}

func heatMapOver(a Axis, columns []string, values []float64) HeatMap {
	return HeatMap{Colour: a, Rows: []string{"r"}, Columns: columns, Values: [][]float64{values}}
}

// A grid's limit is an end of its colours.
func TestExtremeLimits(t *testing.T) {
	for limit, refusal := range map[float64]string{
		1e-300: "", 1e300: "", 5e-324: "Limit is 5e-324", 1e308: "Limit is 1e+308",
	} {
		f := Grid{Channels: 1, Height: 1, Width: 1, Columns: 1, Images: []float64{0}, Limit: limit, Diverging: true}
		if fault := drawnOrRefused(f, refusal); fault != "" {
			t.Errorf("limit %v: %s", limit, fault)
		}
	}
}

// FuzzTicks: whatever range two numbers make, as data or as a set range, there are 2 to 2n ticks,
// finite, ascending, and within the range up to rounding.
func FuzzTicks(f *testing.F) {
	for _, lo := range []float64{0, 1, -1, 5e-324, 1e-310, 1e-300, 1e-200, -1e300, 1e308, -1e308} {
		for _, hi := range []float64{1, math.Nextafter(1, 2), 1 + 1e-14, 1 + 2e-9, 5e-324, 1e200, 1e300, 1e308} {
			f.Add(lo, hi, false)
			f.Add(lo, hi, true)
		}
	}
	f.Fuzz(func(t *testing.T, lo, hi float64, log bool) {
		values := []float64{lo, hi}
		data, set := Axis{Label: "a", Log: log}, Axis{Label: "a", Log: log, Min: lo, Max: hi}
		var scales []scale
		if checkValues("values", values, log) == nil {
			scales = append(scales, data.scale(0, values), data.scale(0.05, values), data.fromZero(0.05, values))
		}
		if set.check("x") == nil && lo != hi {
			scales = append(scales, set.scale(0.05, values))
		}
		for _, s := range scales {
			for _, n := range []int{3, 8, 15, 32} {
				start := time.Now()
				ticks := s.ticks(n)
				if len(ticks) < 2 || len(ticks) > 2*n {
					t.Errorf("%v to %v, at most %d: %d ticks", s.min, s.max, n, len(ticks))
				}
				minor := s.minorTicks()
				if len(minor) > 100 {
					t.Errorf("%v to %v: %d ticks without label", s.min, s.max, len(minor))
				}
				if took := time.Since(start); took > time.Second {
					t.Errorf("%v to %v: the ticks took %v", s.min, s.max, took)
				}
				for _, all := range [][]float64{ticks, minor} {
					for i, v := range all {
						at := s.at(v)
						if !(at >= -1e-6 && at <= 1+1e-6) || i > 0 && v <= all[i-1] {
							t.Fatalf("%v to %v (log %v), at most %d: tick %d of %v is misplaced, at %v",
								s.min, s.max, log, n, i, all, at)
						}
					}
				}
			}
		}
	})
}
