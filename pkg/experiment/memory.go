package experiment

import (
	"context"
	"encoding"
	"fmt"

	"wavescore/internal/tensorfile"
	"wavescore/pkg/analytic"
	"wavescore/pkg/diffusion"
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

// SizeTable lists the bytes of each denoiser's file, and of the train images that it was fitted to,
// at 8 bits a value.
func (s *Study) SizeTable(denoisers ...Denoiser) Table {
	t := Table{Header: []string{"denoiser", "holds", "MB", "train images", "MB of these"}}
	for _, d := range s.Available(denoisers...) {
		kept, images := s.Memory(d), d.Images(s.Run)
		t.Rows = append(t.Rows, []any{d.Name, kept.Holds, fmt.Sprintf("%.1f", kept.Bytes/1e6), images,
			fmt.Sprintf("%.1f", float64(images*s.Run.Shape().Size())/1e6)})
	}
	return t
}

// Memory is what a denoiser keeps of what it has learnt, as its file has it.
type Memory struct {
	Holds   string // "moments", "weights", "mixtures", "train images", "nothing" or "not known"
	Numbers int    // values in its file; a pixel counts as one
	Bytes   float64
}

// Memory returns what a denoiser keeps: what its recipe says, where that has a method Memory, and
// else what its file has.
func (s *Study) Memory(d Denoiser) Memory {
	if known, ok := d.Recipe.(interface{ Memory() Memory }); ok {
		return known.Memory()
	}
	return lab.Must1(lab.Cached("memory", s.inputs(d), func() (kept Memory, err error) {
		var saved any
		switch r := d.Recipe.(type) {
		case machine:
			kept.Holds = "moments"
			saved, err = analytic.NewMachine(r.table(s.Run, d.Name), r.Mimic.Settings)
		case network:
			kept.Holds, saved = "weights", r.load(s.Run)
		default:
			kept.Holds, saved = "mixtures", s.Make(d)
			if _, keeps := saved.(interface{ Images() diffusion.Images }); keeps {
				kept.Holds = "train images"
			}
		}
		if err != nil {
			return kept, err
		}
		marshaler, ok := saved.(encoding.BinaryMarshaler)
		if !ok {
			return kept, fmt.Errorf("experiment: the %s has no file to look into: it is a %T", d.Name, saved)
		}
		file, err := marshaler.MarshalBinary()
		if err != nil {
			return kept, err
		}
		tensors, err := tensorfile.Decode(file)
		kept.Numbers, kept.Bytes = tensors.Len(), float64(len(file))
		return kept, err
	}))
}
