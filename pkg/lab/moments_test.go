package lab

import (
	"reflect"
	"testing"

	"wavescore/pkg/moments"
)

// digits is a run of few procedural digits, with a cache of its own.
func digits(t *testing.T) Run {
	t.Helper()
	t.Setenv("WAVESCORE_CACHE", t.TempDir())
	return Setup(Run{Data: "digits", Side: 16, Train: 120, Test: 12, Seed: 3})
}

// The tables are those of Collect over the images of the run, and of one centre.
func TestTrainAndTestMoments(t *testing.T) {
	run := digits(t)
	family := moments.Family{Neighbourhood: moments.Neighbourhood{Orientations: true}, Terms: moments.Powers, Degree: 2, Sharing: moments.PerCoefficient}
	spec := moments.Spec{Family: family, Filter: "haar", Layout: run.Layout(2)}
	train := run.TrainMoments(spec)
	want := Must1(moments.Collect(t.Context(), spec, run.TrainImages(), "train", nil))
	if !reflect.DeepEqual(Must1(train.MarshalBinary()), Must1(want.MarshalBinary())) {
		t.Error("the train moments are not those of Collect")
	}
	test := run.TestMoments(spec)
	want = Must1(moments.Collect(t.Context(), want.Spec(), run.TestImages(), "test", nil))
	if !reflect.DeepEqual(Must1(test.MarshalBinary()), Must1(want.MarshalBinary())) {
		t.Error("the test moments are not those of Collect with the centre of the train images")
	}
	if run.TrainMoments(spec) != train || run.TestMoments(spec) != test {
		t.Error("a table is read twice")
	}
	fewer := run
	fewer.Train = 50
	if n := fewer.TrainMoments(spec).Images(); n != 50 {
		t.Errorf("a run of 50 train images has moments of %d", n)
	}
}
