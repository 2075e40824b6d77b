package lab

import "wavescore/pkg/wavelet"

// TrainValues returns the values of one wavelet coefficient in the train images of the run, in the
// transform of as many levels as its own. They are kept in the cache.
func (r Run) TrainValues(filter string, place wavelet.Place) []float64 {
	return Must1(Cached("values", []any{r.TrainSet(), filter, place}, func() (values []float64, err error) {
		f, err := wavelet.ParseFilter(filter)
		if err != nil {
			return nil, err
		}
		layout, images := r.Layout(place.Level), r.TrainImages()
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
