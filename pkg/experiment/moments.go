package experiment

import (
	"context"
	"fmt"
	"sync"

	"wavescore/pkg/dataset"
	"wavescore/pkg/lab"
	"wavescore/pkg/moments"
)

// TrainMoments returns the moments of a spec over the train images of a run. They are taken in one
// pass over the images, and read from the cache after that; a program reads them once.
func TrainMoments(run lab.Run, spec moments.Spec) *moments.Moments {
	return keptMoments(spec, "train", []lab.Selection{run.TrainSet()}, run.TrainImages)
}

// TestMoments returns the moments of a spec over the test images of a run, as TrainMoments does
// those over the train images, and centred as these are: a machine of TrainMoments has its exact
// risk on them.
func TestMoments(run lab.Run, spec moments.Spec) *moments.Moments {
	centred := TrainMoments(run, spec).Spec()
	return keptMoments(centred, "test", []lab.Selection{run.TestSet()}, run.TestImages)
}

var collected sync.Map // func() *moments.Moments of this program, by a text of the inputs

// keptMoments returns the moments of a spec over the images of some selections.
func keptMoments(spec moments.Spec, source string, of []lab.Selection, images func() *dataset.Images) *moments.Moments {
	table, _ := collected.LoadOrStore(fmt.Sprint(source, of, spec), sync.OnceValue(func() *moments.Moments {
		return lab.Must1(lab.Cached(source+"-moments", []any{of, spec}, func() (*moments.Moments, error) {
			return moments.Collect(context.Background(), spec, images(), source, lab.Progress(source+" moments"))
		}))
	}))
	return table.(func() *moments.Moments)()
}
