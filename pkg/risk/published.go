package risk

import (
	"fmt"

	"wavescore/pkg/dataset"
	"wavescore/pkg/experiment"
	"wavescore/pkg/moments"
)

// The published protocol for MNIST that PublishedTable follows.
const (
	unpadded      = 28     // the side of its images, interpolated to 32
	publishedUnit = 0.6162 // of its noise levels, in pixels of [-1, 1]: 2 x 0.3081
)

var (
	publishedSigmas = []float64{1, 2, 3, 4}
	publishedErrors = []struct {
		name   string
		errors []float64
	}{
		{"full linear (Wiener), published", []float64{.00923, .01889, .02678, .03296}},
		{"U-Net, 1 block, 16 channels, published", []float64{.00347, .01103, .02163, .03121}},
		{"U-Net, 4 blocks, 16 channels, published", []float64{.00276, .00715, .01351, .02136}},
		{"U-Net, 4 blocks, 64 channels, published", []float64{.00261, .00661, .01226, .01910}},
	}
	firstTrain = part{dataset.Train, 0, 20}
	someTest   = part{dataset.Test, 0, 20}
)

// HasPublished tells whether errors are published for the images of the bench: MNIST at 32 x 32.
func (b *Bench) HasPublished() bool { return b.Run.Data == "mnist" && b.Run.Side == 32 }

// PublishedTable lists errors that one of the paper's authors published for MNIST in notebooks that
// compare denoisers: images resized bilinearly from 28 to 32 pixels, errors per pixel of [0, 1],
// unclipped, on the first 2500 train images. Their noise level sigma is in units of pixels divided
// by 0.3081, so that noise has the standard deviation 0.6162 sigma in pixels of [-1, 1]; their
// denoisers were told sigma.
//
// It is followed by rows such as PublishedRows returns.
func PublishedTable(rows ...[]any) experiment.Table {
	t := experiment.Table{Header: []string{"denoiser", "images", "told"}}
	for _, sigma := range publishedSigmas {
		t.Header = append(t.Header, fmt.Sprintf("σ = %v", sigma))
	}
	for _, p := range publishedErrors {
		t.Rows = append(t.Rows, publishedRow(p.name, "train", "σ", p.errors))
	}
	t.Rows = append(t.Rows, rows...)
	return t
}

func publishedRow(name, images, told string, errors []float64) []any {
	row := []any{name, images, told}
	for _, e := range errors {
		row = append(row, e)
	}
	return row
}

// PublishedRows returns the errors of the machine of a family under the protocol of PublishedTable,
// as three rows of it: on the first fifth of the train images, told what was told there, and told
// the true noise level; and that on a fifth of the test images.
func (b *Bench) PublishedRows(f moments.Family) (rows [][]any) {
	resized := b.In(b.Filter, b.Levels, f)
	resized.resized = true
	called := fmt.Sprintf("%s, %s", familyName(f), b.Basis())
	if f.Degree > 1 {
		called = fmt.Sprintf("%s, %s, %s", familyName(f), termsName(f), b.Basis())
	}
	for _, c := range []struct {
		p       part
		told    string
		matched bool
	}{{firstTrain, "σ", false}, {firstTrain, "matched", true}, {someTest, "matched", true}} {
		var errors []float64
		for _, sigma := range publishedSigmas {
			truth := publishedUnit * sigma
			told := sigma
			if c.matched {
				told = truth
			}
			errors = append(errors, resized.risk(f, c.p, told, truth).PerPixel/4) // of pixels in [0, 1]
		}
		rows = append(rows, publishedRow(called, fmt.Sprint(c.p.Split), c.told, errors))
	}
	return rows
}
