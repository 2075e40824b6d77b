package rival

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/stat"

	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/experiment"
	"wavescore/pkg/lab"
	"wavescore/pkg/metrics"
	"wavescore/pkg/shrinkage"
	"wavescore/pkg/viz"
)

// Photographs are pictures on which denoisers are compared as papers on photographs do.
type Photographs struct {
	Pictures *dataset.Images
	Levels   []float64 // standard deviations of the noise, of 255 steps from black to white
	Seed     uint64    // of the noise, which is the same for every denoiser
}

// FindPhotographs returns n square grey pictures with so many pixels a side, noise levels of 15, 25
// and 50 of 255 and a seed: of natural images where they are on this machine, and else dead leaves.
func FindPhotographs(side, n int, seed uint64) Photographs {
	return Photographs{Pictures: lab.Must1(dataset.Scenes(side, n, seed)), Levels: []float64{15, 25, 50}, Seed: seed}
}

// A PSNR is the peak signal-to-noise ratio of each of some pictures, in decibels, as published ones
// are: pixels are clipped to the range of pictures.
type PSNR []float64

// Mean is the mean over pictures.
func (p PSNR) Mean() float64 { return stat.Mean(p, nil) }

// Quality returns the PSNR of what a method of package shrinkage makes of the pictures at noise
// level i, spun over so many rows and columns.
func (p Photographs) Quality(method string, spin, i int) PSNR {
	inputs := []any{p.Pictures, p.Levels[i], p.Seed, method, spin}
	return lab.Must1(lab.Cached("psnr", inputs, func() (PSNR, error) {
		shape := diffusion.Shape{C: p.Pictures.Channels, H: p.Pictures.Height, W: p.Pictures.Width}
		d, err := shrinkage.Method(method, shape, spin)
		if err != nil {
			return nil, err
		}
		trial, err := metrics.Run(context.Background(), d, metrics.Set{Images: p.Pictures, Seed: p.Seed}, p.sigma(i))
		if err != nil {
			return nil, err
		}
		var all PSNR
		for from := 0; from < len(trial.Clean); from += shape.Size() {
			to := from + shape.Size()
			all = append(all, metrics.PSNR(trial.Denoised[from:to], trial.Clean[from:to]))
		}
		return all, nil
	}))
}

// sigma is noise level i in pixels of [-1, 1].
func (p Photographs) sigma(i int) float64 { return p.Levels[i] / 127.5 }

// Table lists the mean PSNR of methods of package shrinkage, each decimated and spun, at every
// noise level, and below them published ones of other pictures. BM3D has no grid of shifts, and so
// no decimated form.
func (p Photographs) Table(methods []string, published ...Published) experiment.Table {
	t := experiment.Table{Header: []string{fmt.Sprintf("mean PSNR in dB; pictures of the set %s: %d", p.Pictures.Name, p.Pictures.Len())}}
	for _, label := range viz.Labels(p.Levels) {
		t.Header = append(t.Header, "σ = "+label+"/255, decimated", "σ = "+label+"/255, spun or as published")
	}
	for _, method := range methods {
		row := []any{method}
		for i := range p.Levels {
			decimated := "–"
			if method != shrinkage.BlockMatching {
				decimated = fmt.Sprintf("%.2f", p.Quality(method, 1, i).Mean())
			}
			row = append(row, decimated, fmt.Sprintf("%.2f", p.Quality(method, shrinkage.Spin, i).Mean()))
		}
		t.Rows = append(t.Rows, row)
	}
	for _, other := range published {
		row := []any{other.Name}
		for _, level := range p.Levels {
			cell := "–"
			if decibels, known := other.Decibels[level]; known {
				cell = fmt.Sprintf("%.2f", decibels)
			}
			row = append(row, "–", cell)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// Published is a published mean PSNR, by the noise level of 255.
type Published struct {
	Name     string // with the pictures and the source
	Decibels map[float64]float64
}

// OnBSD68 are the published values of denoisers on the 68 test pictures of the Berkeley set that
// are known as BSD68 (Zhang, Zuo, Chen, Meng and Zhang, "Beyond a Gaussian denoiser", 2017, table
// II).
var OnBSD68 = []Published{
	{"BM3D on BSD68, published", map[float64]float64{15: 31.07, 25: 28.57, 50: 25.62}},
	{"EPLL on BSD68, published", map[float64]float64{15: 31.21, 25: 28.68, 50: 25.67}},
	{"DnCNN, a network, on BSD68, published", map[float64]float64{15: 31.73, 25: 29.23, 50: 26.23}},
}
