package lab

import (
	"context"
	"fmt"
	"sync"

	"wavescore/pkg/dataset"
	"wavescore/pkg/moments"
)

// TrainMoments returns the moments of a spec over the train images of the run. They are taken in
// one pass over the images, and read from the cache after that; a program reads them once.
func (r Run) TrainMoments(spec moments.Spec) *moments.Moments {
	return keptMoments(spec, "train", r.TrainSet(), r.TrainImages)
}

// TestMoments returns the moments of a spec over the test images of the run, as TrainMoments does
// those over the train images, and centred as these are: a machine of TrainMoments has its exact
// risk on them.
func (r Run) TestMoments(spec moments.Spec) *moments.Moments {
	return keptMoments(r.TrainMoments(spec).Spec(), "test", r.TestSet(), r.TestImages)
}

var collected sync.Map // func() *moments.Moments of this program, by a text of the inputs

// keptMoments returns the moments of a spec over the selected images.
func keptMoments(spec moments.Spec, source string, of Selection, images func() *dataset.Images) *moments.Moments {
	table, _ := collected.LoadOrStore(fmt.Sprint(source, of, spec), sync.OnceValue(func() *moments.Moments {
		return Must1(Cached(source+"-moments", []any{of, spec}, func() (*moments.Moments, error) {
			return moments.Collect(context.Background(), spec, images(), source, Progress(source+" moments"))
		}))
	}))
	return table.(func() *moments.Moments)()
}
