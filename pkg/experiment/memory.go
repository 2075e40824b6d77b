package experiment

import (
	"context"
	"encoding"
	"fmt"

	"wavescore/pkg/analytic"
	"wavescore/pkg/lab"
	"wavescore/pkg/metrics"
	"wavescore/pkg/viz"
)

// Nearest returns the two nearest of the first train images of each of n samples of a denoiser.
func (s *Study) Nearest(d Denoiser, n, train int) []metrics.Neighbours {
	return nearest(s.Run, train, s.inputs(d, n), func() []float64 { return s.Samples(d, n) })
}

// NearestHeldOut returns the two nearest of the first train images of each of the study's test
// images: what the distances are where nothing can be remembered.
func (s *Study) NearestHeldOut(train int) []metrics.Neighbours {
	return nearest(s.Run, train, []any{s.Run.TestSet(), s.Images}, func() []float64 {
		test := s.set(s.Images).Images
		return test.Batch(nil, 0, test.Len())
	})
}

// nearest returns the two nearest of the first train images of each of some images, which are known
// by inputs.
func nearest(run lab.Run, train int, inputs []any, images func() []float64) []metrics.Neighbours {
	return lab.Must1(lab.Cached("nearest", append(inputs, firstOf(run, train)), func() ([]metrics.Neighbours, error) {
		return metrics.Nearest(context.Background(), images(), first(run, train))
	}))
}

// heldOut is what test images are called beside samples.
const heldOut = "held-out images"

// eachNearest calls with the study's test images, and then with n samples of each denoiser.
func (s *Study) eachNearest(n, train int, denoisers []Denoiser, do func(name string, nearest []metrics.Neighbours)) {
	do(heldOut, s.NearestHeldOut(train))
	for _, d := range s.Available(denoisers...) {
		do(d.Name, s.Nearest(d, n, train))
	}
}

// NearestRatios draws how far the nearest of the first train images is, as a share of the distance
// to the next, from the study's test images and from n samples of each denoiser.
func (s *Study) NearestRatios(n, train int, denoisers ...Denoiser) viz.Histogram {
	figure := viz.Histogram{Title: "Distance to the nearest train image, as a share of that to the next",
		X: viz.Axis{Label: "distance to the nearest / to the next", Max: 1}, Bins: 20}
	s.eachNearest(n, train, denoisers, func(name string, nearest []metrics.Neighbours) {
		sample := viz.Sample{Name: name}
		for _, neighbours := range nearest {
			sample.Values = append(sample.Values, neighbours.Ratio())
		}
		figure.Samples = append(figure.Samples, sample)
	})
	return figure
}

// CopiesTable lists the shares of copies of the first train images, by the ratio test, among the
// study's test images and among n samples of each denoiser.
func (s *Study) CopiesTable(n, train int, denoisers ...Denoiser) Table {
	t := Table{Header: []string{"", "images", "share of copies", "95 % interval"}}
	s.eachNearest(n, train, denoisers, func(name string, nearest []metrics.Neighbours) {
		e := metrics.Copies(nearest)
		t.Rows = append(t.Rows, []any{name, len(nearest), fmt.Sprintf("%.3f", e.Value), fmt.Sprintf("[%.3f, %.3f]", e.Low, e.High)})
	})
	return t
}

// SizeTable lists how many bytes denoisers hold, beside those of the train images that they are of.
// Bytes are those of the file of a machine or a network. Images have 8 bits a value, as has what
// the ideal score holds.
func (s *Study) SizeTable(denoisers ...Denoiser) Table {
	t := Table{Header: []string{"denoiser", "holds", "MB", "train images", "MB of these"}}
	for _, d := range s.Available(denoisers...) {
		images := d.Images(s.Run)
		ofImages := float64(images * s.Run.Shape().Size())
		holds, bytes := s.size(d)
		if bytes == 0 {
			bytes = ofImages
		}
		t.Rows = append(t.Rows, []any{d.Name, holds, fmt.Sprintf("%.1f", bytes/1e6), images, fmt.Sprintf("%.1f", ofImages/1e6)})
	}
	return t
}

// size returns what a denoiser holds and the bytes of its file, or 0 where it holds its images.
func (s *Study) size(d Denoiser) (holds string, bytes float64) {
	var saved func() encoding.BinaryMarshaler
	switch r := d.Recipe.(type) {
	case machine:
		holds, saved = "moments", func() encoding.BinaryMarshaler {
			return lab.Must1(analytic.NewMachine(r.table(s.Run, d.Name), r.Mimic.Settings))
		}
	case network:
		holds, saved = "weights", func() encoding.BinaryMarshaler { return r.load(s.Run) }
	case ideal:
		return "train images", 0
	default:
		holds, saved = "mixtures", func() encoding.BinaryMarshaler { return s.Make(d).(encoding.BinaryMarshaler) }
	}
	return holds, lab.Must1(lab.Cached("bytes", s.inputs(d), func() (float64, error) {
		b, err := saved().MarshalBinary()
		return float64(len(b)), err
	}))
}
