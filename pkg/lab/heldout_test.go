package lab

import (
	"slices"
	"testing"

	"wavescore/pkg/dataset"
)

// Held-out images are the last of the set's train images, fitted to the side, and none where the
// run learns from them.
func TestHeldOut(t *testing.T) {
	t.Setenv("WAVESCORE_CACHE", t.TempDir())
	run := Setup(Run{Data: "digits", Train: 55000})
	from, to := run.HeldOut(3)
	if from != dataset.DigitsTrain-3 || to != dataset.DigitsTrain {
		t.Errorf("the last three of %d images are those from %d to %d", dataset.DigitsTrain, from, to)
	}
	if from, to := run.HeldOut(1 << 20); to-from != 5000 {
		t.Errorf("a twelfth of 60000 images is %d", to-from)
	}
	for _, learns := range []int{0, 55001} {
		run := Setup(Run{Data: "digits", Train: learns})
		if from, to := run.HeldOut(3); from != 0 || to != 0 || run.HeldOutImages(3) != nil {
			t.Errorf("a run that learns from %d images keeps those from %d to %d", learns, from, to)
		}
	}
	if from, to := Setup(Run{Data: "digits", Side: 16, Train: 9}).HeldOut(3); to-from != 3 {
		t.Error("digits whose middle is cut out keep none")
	}
	if testing.Short() {
		return // makes all digits
	}
	all, err := dataset.Open("digits", dataset.Train)
	if err != nil {
		t.Fatal(err)
	}
	want, err := all.Slice(from, to).Pad(32, 32)
	if err != nil {
		t.Fatal(err)
	}
	got := run.HeldOutImages(3)
	if !slices.Equal(got.Pixels, want.Pixels) || !slices.Equal(got.Labels, want.Labels) {
		t.Error("these are not the last three, padded")
	}
}
