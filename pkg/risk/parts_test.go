package risk

import (
	"context"
	"math"
	"reflect"
	"slices"
	"testing"

	"wavescore/pkg/lab"
	"wavescore/pkg/moments"
)

// testParts are parts of few procedural digits, with a cache of its own.
func testParts(t *testing.T, sharing moments.Sharing) *Parts {
	run := testRun(t, 120, 12)
	return &Parts{Run: run, Ends: []float64{0.1, 0.4, 0.8, 1}, Spec: moments.Spec{Filter: "haar", Layout: run.Layout(2),
		Family: moments.Family{Neighbourhood: moments.Neighbourhood{Radius: 1}, Terms: moments.Gated, Degree: 2, Sharing: sharing}}}
}

// The parts add up to the train images, around one centre, which Collect finds too.
func TestParts(t *testing.T) {
	for _, sharing := range []moments.Sharing{moments.PerCoefficient, moments.PerBand} {
		p := testParts(t, sharing)
		whole := lab.Must1(moments.Collect(context.Background(), p.Spec, p.Run.TrainImages(), "train", nil))
		sum := new(moments.Moments)
		for _, table := range []*moments.Moments{p.Fit(), p.Validation()} {
			if err := sum.Merge(table); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(sum.Spec().Centre, whole.Spec().Centre) {
			t.Errorf("%s: the centre is not that of all train images", sharing)
		}
		for g := range whole.Groups() {
			got, want := sum.Clean(nil, g), whole.Clean(nil, g)
			for k := range want {
				if math.Abs(got[k]-want[k]) > 1e-9*(1+math.Abs(want[k])) {
					t.Fatalf("%s: moment %d of group %d is %v, want %v", sharing, k, g, got[k], want[k])
				}
			}
		}
		for table, want := range map[*moments.Moments]int{p.Part(0): 12, p.Part(1): 36, p.First(2): 48, p.Fit(): 96, p.Validation(): 24, p.Test(): 12, p.FirstTest(5): 5, p.FirstTest(99): 12} {
			if table.Images() != want {
				t.Errorf("%s: a table of %d images, want %d", sharing, table.Images(), want)
			}
			if err := table.Spec().SameVariables(whole.Spec()); err != nil {
				t.Errorf("%s: %v", sharing, err)
			}
		}
		again := &Parts{Run: p.Run, Spec: p.Spec, Ends: p.Ends} // reads what is kept
		if !slices.Equal(again.Fit().Clean(nil, 0), p.Fit().Clean(nil, 0)) {
			t.Errorf("%s: what is read is not what was computed", sharing)
		}
	}
}

// No part is empty, however few images there are.
func TestPartsOfFew(t *testing.T) {
	p := testParts(t, moments.PerCoefficient)
	p.Run.Train = 4
	if got := []int{p.Images(0), p.Images(1), p.Images(2), p.Images(3), p.Images(4)}; !slices.Equal(got, []int{0, 1, 2, 3, 4}) {
		t.Errorf("the parts of four images end at %v", got)
	}
	defer func() {
		if recover() == nil {
			t.Error("four parts of three images")
		}
	}()
	p.Run.Train = 3
	p.Images(1)
}

// Parts are known by all that they are made of.
func TestPartsKey(t *testing.T) {
	p := testParts(t, moments.PerCoefficient)
	others := []*Parts{testParts(t, moments.PerBand), {Run: p.Run, Spec: p.Spec, Ends: []float64{0.5, 1}}}
	for _, change := range []func(*lab.Run){func(r *lab.Run) { r.Train = 100 }, func(r *lab.Run) { r.Test = 3 }, func(r *lab.Run) { r.Side = 32 }} {
		run := p.Run
		change(&run)
		others = append(others, &Parts{Run: run, Spec: p.Spec, Ends: p.Ends})
	}
	for i, other := range others {
		if reflect.DeepEqual(p.CacheKey(), other.CacheKey()) {
			t.Errorf("parts %d have the key of others", i)
		}
	}
}
