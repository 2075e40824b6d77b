package experiment

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"

	"wavescore/pkg/diffusion"
	"wavescore/pkg/lab"
	"wavescore/pkg/metrics"
)

// BeginTable lists how much too bright the walks of a denoiser end that begin around 0, and around
// the mean of its images, at several noise levels: the mean pixel at the end of a walk that begins
// there without noise, less that of the images. Beside them stands what a Gaussian does whose mean
// pixel has the images' mean m and, times the root of the number of pixels, their deviation s,
//
//	-m s / sqrt(s^2 + sigma^2).
//
// A machine that denoises the mean pixel alone, and linearly, does just this. Machines walk without
// their guard.
func (w Walks) BeginTable(d Denoiser, begins ...float64) Table {
	t := Table{Header: []string{"walk begins at σ", "too bright by, formula", "begun around 0", "begun around the mean"}}
	ctx, denoiser := context.Background(), d.Make(w.Run, d.Name)
	mean := lab.Must1(diffusion.Mean(ctx, denoiser, meanSigma))
	m, size := brightness(mean), float64(len(mean))
	images := first(w.Run, d.Images(w.Run))
	var variance float64 // of the images' mean pixel
	for i := range images.Len() {
		off := brightness(images.Batch(nil, i, i+1)) - m
		variance += off * off / float64(images.Len())
	}
	s := math.Sqrt(size * variance)
	for _, sigma := range begins {
		row := []any{sigma, fmt.Sprintf("%.4f", -m*s/math.Hypot(s, sigma))}
		for _, begin := range [][]float64{make([]float64, len(mean)), mean} {
			x := append([]float64(nil), begin...)
			lab.Must(w.Sampler.Sample(ctx, denoiser, x, w.From(sigma).Levels(), diffusion.Run{Seed: w.Seed}))
			row = append(row, fmt.Sprintf("%.4f", math.Round(1e4*(brightness(x)-m))/1e4+0)) // + 0: no -0
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// brightness returns the mean of pixels.
func brightness(pixels []float64) float64 { return floats.Sum(pixels) / float64(len(pixels)) }

// MeanPixelTable lists the mean pixel of the test images and of the samples of denoisers.
func (w Walks) MeanPixelTable(denoisers ...Denoiser) Table {
	t := Table{Header: []string{"images of", "how many", "mean pixel"}}
	size := w.Run.Shape().Size()
	add := func(name string, images []float64) {
		var rows [][]float64
		for i := 0; i < len(images); i += size {
			rows = append(rows, []float64{brightness(images[i : i+size])})
		}
		mean := metrics.NewStatistic(rows, func(means []float64) float64 { return means[0] })
		t.Rows = append(t.Rows, []any{name, len(rows), interval(mean.Estimate(w.Run.Seed), 3)})
	}
	test := w.tests()
	add("test images", test.Batch(nil, 0, test.Len()))
	for _, d := range w.available(denoisers) {
		add(d.Name, w.Samples(d))
	}
	return t
}

// LossTable lists, for denoisers, how many of their walks leave the data without a guard, and how
// far their samples with one are from test images, at the largest and at the smallest of Sides.
func (w Walks) LossTable(first string, denoisers ...Denoiser) Table {
	t := Table{Header: []string{first, "lost without a guard, %", "distance, strokes (guarded)", "distance, whole image (guarded)"}}
	for _, d := range w.available(denoisers) {
		lost, distances := w.Lost(d), w.Distances(d)
		share := scaled(lost[len(lost)-1], 100)
		t.Rows = append(t.Rows, []any{d.Name, interval(share, 0), fmt.Sprintf("%.3f", distances[len(distances)-1]), fmt.Sprintf("%.3f", distances[0])})
	}
	return t
}

// MethodTable lists how far the samples of a denoiser by some methods, at one number of
// evaluations, are from test images, at each of Sides.
func (w Walks) MethodTable(d Denoiser, evaluations int, methods ...Method) Table {
	t := Table{Header: append([]string{"distance from test images, pixels a side:"}, w.sideLabels()...)}
	for _, m := range methods {
		row := []any{m.Name}
		for _, distance := range w.By(m, evaluations).Distances(d) {
			row = append(row, fmt.Sprintf("%.3f", distance))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// NearestTable lists how far samples of denoisers are from the nearest of the first train images,
// and how far as many test images are: the root mean square per pixel, the least and the mean with
// its 95 % interval.
func (w Walks) NearestTable(train int, denoisers ...Denoiser) Table {
	t := Table{Header: []string{"images of", "how many", "nearest train image, least rms", "mean rms"}}
	root := math.Sqrt(float64(w.Run.Shape().Size()))
	add := func(name string, nearest []metrics.Neighbours) {
		least, rows := math.Inf(1), [][]float64{}
		for _, n := range nearest {
			least, rows = min(least, n.First/root), append(rows, []float64{n.First / root})
		}
		mean := metrics.NewStatistic(rows, func(means []float64) float64 { return means[0] })
		t.Rows = append(t.Rows, []any{name, len(nearest), fmt.Sprintf("%.4f", least), interval(mean.Estimate(w.Run.Seed), 3)})
	}
	add("test images", w.NearestToTests(train))
	for _, d := range w.available(denoisers) {
		add(d.Name, w.Nearest(d, train))
	}
	return t
}
