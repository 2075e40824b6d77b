package experiment

import (
	"reflect"
	"slices"
	"testing"

	"wavescore/pkg/lab"
	"wavescore/pkg/metrics"
	"wavescore/pkg/moments"
)

// The tables are those of Collect over the images of the run, and of one centre.
func TestTrainAndTestMoments(t *testing.T) {
	run := testStudy(t).Run
	family := moments.Family{Neighbourhood: moments.Neighbourhood{Orientations: true}, Terms: moments.Powers, Degree: 2, Sharing: moments.PerCoefficient}
	spec := moments.Spec{Family: family, Filter: "haar", Layout: run.Layout(2)}
	train := TrainMoments(run, spec)
	want := lab.Must1(moments.Collect(t.Context(), spec, run.TrainImages(), "train", nil))
	if !reflect.DeepEqual(lab.Must1(train.MarshalBinary()), lab.Must1(want.MarshalBinary())) {
		t.Error("the train moments are not those of Collect")
	}
	test := TestMoments(run, spec)
	want = lab.Must1(moments.Collect(t.Context(), want.Spec(), run.TestImages(), "test", nil))
	if !reflect.DeepEqual(lab.Must1(test.MarshalBinary()), lab.Must1(want.MarshalBinary())) {
		t.Error("the test moments are not those of Collect with the centre of the train images")
	}
	if TrainMoments(run, spec) != train || TestMoments(run, spec) != test {
		t.Error("a table is read twice")
	}
	fewer := run
	fewer.Train = 50
	if n := TrainMoments(fewer, spec).Images(); n != 50 {
		t.Errorf("a run of 50 train images has moments of %d", n)
	}
}

func TestLevelTable(t *testing.T) {
	text := append(make([]string, 0, 9), "family", "terms")
	table := LevelTable([]float64{0.02, 1}, text...)
	table.Row([]float64{0.5, 0.25}, "linear", 1)
	want := Table{Header: []string{"family", "terms", "σ = 0.02", "σ = 1"}, Rows: [][]any{{"linear", 1, 0.5, 0.25}}}
	if !reflect.DeepEqual(table, want) {
		t.Errorf("%+v, want %+v", table, want)
	}
	if LevelTable([]float64{3}, text...); !slices.Equal(table.Header, want.Header) {
		t.Errorf("another table changes this one's header to %v", table.Header)
	}
}

func TestPoints(t *testing.T) {
	means := []metrics.Mean{{Value: 3, Error: 0.5}, {Value: -1, Error: 0}}
	s := Points("means", []float64{1, 2}, func(i int) metrics.Mean { return means[i] })
	if !slices.Equal(s.Y, []float64{3, -1}) || !slices.Equal(s.Low, []float64{2, -1}) || !slices.Equal(s.High, []float64{4, -1}) {
		t.Errorf("%+v", s)
	}
}
