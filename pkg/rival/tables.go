package rival

import (
	"context"
	"fmt"
	"slices"
	"time"

	"wavescore/pkg/experiment"
	"wavescore/pkg/lab"
	"wavescore/pkg/metrics"
	"wavescore/pkg/viz"
)

// ExplainedTable lists how much of a network's outputs denoisers explain at noise level i of a
// study, of its score and of its denoised image, in both definitions in use, with their intervals:
// 1 - SSE / variance, and the squared correlation. The first is what is left when the denoiser
// takes the network's place; the second allows the denoiser a gain and another mean image, and
// cannot be less.
func ExplainedTable(study *experiment.Study, i int, network experiment.Denoiser, denoisers ...experiment.Denoiser) experiment.Table {
	t := experiment.Table{Header: []string{fmt.Sprintf("explained of the %s at σ = %s", network.Name, viz.Labels(study.Sigmas)[i]),
		"score, 1 − SSE/variance", "score, r²", "image, 1 − SSE/variance", "image, r²"}}
	for _, d := range study.Available(Without(denoisers, network)...) {
		row := []any{d.Name}
		a, b := study.Trials(network)[i], study.Trials(d)[i]
		for _, output := range []metrics.Output{metrics.Score, metrics.Denoised} {
			for _, explained := range []metrics.Statistic{metrics.Explained(a, b, output), metrics.R2(a, b, output)} {
				e := explained.Estimate(study.Run.Seed)
				row = append(row, fmt.Sprintf("%.3f [%.3f, %.3f]", e.Value, e.Low, e.High))
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// WinnersTable names the denoiser of least error at each noise level of a study, the next, and by
// how much its error is smaller, with the paired interval.
func WinnersTable(study *experiment.Study, denoisers ...experiment.Denoiser) experiment.Table {
	t := experiment.Table{Header: []string{"noise", "least error", "next", "error of the next / least"}}
	for i, label := range viz.Labels(study.Sigmas) {
		best, next := Best(study, i, denoisers...)
		t.Rows = append(t.Rows, []any{"σ = " + label, best.Name, next.Name, interval(study.ErrorRatio(next, best, i))})
	}
	return t
}

// GroupTable names the denoiser of each group that has the least error at each noise level of a
// study, and its error as a multiple of a reference's, with the paired interval. The reference
// itself is left out.
func GroupTable(study *experiment.Study, reference experiment.Denoiser, groups ...Group) experiment.Table {
	t := experiment.LevelTable(study.Sigmas, "best of its group: error / error of the "+reference.Name)
	for _, g := range groups {
		row := []any{g.Title}
		for i := range study.Sigmas {
			best, _ := Best(study, i, Without(g.Denoisers, reference)...)
			row = append(row, best.Name+", "+interval(study.ErrorRatio(best, reference, i)))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// Without returns the denoisers but some.
func Without(denoisers []experiment.Denoiser, some ...experiment.Denoiser) []experiment.Denoiser {
	return slices.DeleteFunc(slices.Clone(denoisers), func(d experiment.Denoiser) bool { return slices.Contains(some, d) })
}

// Best returns the denoiser of least error at noise level i of a study, and the next, which is the
// zero value where there is but one. It panics if there is none.
func Best(study *experiment.Study, i int, denoisers ...experiment.Denoiser) (best, next experiment.Denoiser) {
	available := study.Available(denoisers...)
	switch len(available) {
	case 0:
		panic("rival: the best of no denoisers")
	case 1:
		return available[0], next
	}
	loss := func(d experiment.Denoiser) float64 { return study.Trials(d)[i].Error().Value() }
	best, next = available[0], available[1]
	if loss(next) < loss(best) {
		best, next = next, best
	}
	for _, d := range available[2:] {
		switch e := loss(d); {
		case e < loss(best):
			best, next = d, best
		case e < loss(next):
			next = d
		}
	}
	return best, next
}

func interval(e metrics.Estimate) string {
	return fmt.Sprintf("%.2f [%.2f, %.2f]", e.Value, e.Low, e.High)
}

// CostTable lists what denoisers hold, of how many train images they are, and the milliseconds that
// an image takes at noise level i of a study: of so many of its images, measured when the table is
// made, on the machine that makes it.
func CostTable(study *experiment.Study, i, images int, denoisers ...experiment.Denoiser) experiment.Table {
	t := experiment.Table{Header: []string{"denoiser", "holds", "numbers", "MB", "train images", fmt.Sprintf("ms an image at σ = %s", viz.Labels(study.Sigmas)[i])}}
	for _, d := range study.Available(denoisers...) {
		s := study.Memory(d)
		t.Rows = append(t.Rows, []any{d.Name, s.Holds, fmt.Sprint(s.Numbers), fmt.Sprintf("%.1f", s.Bytes/1e6), fmt.Sprint(d.Images(study.Run)),
			fmt.Sprintf("%.3g", 1e3*seconds(study, d, i, images))})
	}
	return t
}

// seconds returns how long a denoiser takes for an image at noise level i of a study, in a batch of
// so many. It has denoised one before, so that what is prepared once for a level is not counted.
func seconds(study *experiment.Study, d experiment.Denoiser, i, images int) float64 {
	made, size := study.Make(d), study.Run.Shape().Size()
	images = min(images, study.Trials(d)[i].Len())
	noisy := study.Trials(d)[i].Noisy[:images*size]
	denoised := make([]float64, len(noisy))
	lab.Must(made.Denoise(context.Background(), denoised[:size], noisy[:size], study.Sigmas[i]))
	start := time.Now()
	lab.Must(made.Denoise(context.Background(), denoised, noisy, study.Sigmas[i]))
	return time.Since(start).Seconds() / float64(images)
}

// PreselectionTable lists, for numbers of preselected images, the error of a score at each noise
// level as a multiple of that with all its images, and the milliseconds that an image takes at the
// last, measured on so many images when the table is made.
func PreselectionTable(study *experiment.Study, score experiment.Denoiser, images int, numbers ...int) experiment.Table {
	last := len(study.Sigmas) - 1
	t := experiment.LevelTable(study.Sigmas, fmt.Sprintf("%s of %d: error / with all images", score.Name, score.Images(study.Run)))
	t.Header = append(t.Header, "ms an image at σ = "+viz.Labels(study.Sigmas)[last])
	row := func(name string, d experiment.Denoiser) {
		cells := []any{name}
		for i := range study.Sigmas {
			cells = append(cells, interval(study.ErrorRatio(d, score, i)))
		}
		t.Rows = append(t.Rows, append(cells, fmt.Sprintf("%.3g", 1e3*seconds(study, d, last, images))))
	}
	for _, n := range numbers {
		row(fmt.Sprintf("nearest %d", n), Preselected(score, n))
	}
	row("all", score)
	return t
}

// SampleTable compares n images that denoisers draw with those that networks draw from the same
// noise: the median over the images of the squared correlation of their pixels, and its 95 %
// interval. It is how Kamb and Ganguli compare their machines with networks. As the mean image is
// not removed it is not the r² of ExplainedTable.
func SampleTable(study *experiment.Study, n int, networks []experiment.Denoiser, denoisers ...experiment.Denoiser) experiment.Table {
	t := experiment.Table{Header: []string{"median r² of samples from the same noise"}}
	networks = study.Available(networks...)
	for _, network := range networks {
		t.Header = append(t.Header, network.Name)
	}
	for _, d := range study.Available(denoisers...) {
		row := []any{d.Name}
		for _, network := range networks {
			row = append(row, interval(SampleCorrelation(study, n, d, network)))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// SampleCorrelation returns the median squared correlation, over n images, between the pixels that
// two denoisers draw from the same noise.
func SampleCorrelation(study *experiment.Study, n int, one, other experiment.Denoiser) metrics.Estimate {
	return metrics.Median(correlations(study.Samples(one, n), study.Samples(other, n), study.Run.Shape().Size()))
}
