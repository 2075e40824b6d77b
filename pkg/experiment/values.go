package experiment

import (
	"wavescore/pkg/lab"
	"wavescore/pkg/wavelet"
)

// Values returns the values of one wavelet coefficient in the train images of a run, in the transform
// of as many levels as its own. They are kept in the cache.
func Values(run lab.Run, filter string, place wavelet.Place) []float64 {
	return lab.Must1(lab.Cached("values", []any{run.TrainSet(), filter, place}, func() (values []float64, err error) {
		f, err := wavelet.ParseFilter(filter)
		if err != nil {
			return nil, err
		}
		layout, images := run.Layout(place.Level), run.TrainImages()
		t := wavelet.NewTransform(f, layout)
		const some = 4096
		for from := 0; from < images.Len(); from += some {
			w := t.Forward(nil, images.Batch(nil, from, min(from+some, images.Len())))
			for at := layout.Index(place); at < len(w); at += layout.Len() {
				values = append(values, w[at])
			}
		}
		return values, nil
	}))
}
