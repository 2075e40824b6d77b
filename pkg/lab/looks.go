package lab

import (
	"slices"

	"wavescore/pkg/viz"
)

// looks gives a denoiser one colour and marker in all figures of all notebooks, by the name that
// their legends have for it. Those that meet in one figure differ in colour, or else in dashes and
// marker: numbers that are equal modulo 7 have one colour.
var looks = map[string]viz.Look{
	// The dependency families.
	"independent": 1, "band-tied": 2, "local-coupled": 3, "cross-scale": 4, "combined": 5,
	"pixels": 6, "combined, linear": 12,
	// The Gaussian score, which has several names.
	"linear": 7, "linear (Wiener)": 7, "Wiener filter": 7, "one Gaussian": 7,
	// Machines that imitate networks, and these.
	"CNN mimic": 8, "U-Net mimic": 8, "moments": 8, "decimated machine": 16,
	"U-Net": 9, "circular CNN": 12, "CNN": 12, "zero-padded CNN": 13,
	// The score that remembers, and scores that are conditioned on a latent.
	"ideal": 11, "conditional": 10, "local mixture, 5 × 5": 17, "local mixture, 8 × 8": 17,
	"mixture of images": 34, "shared patches": 40,
	// Scores of the training set, and the classics.
	"LS": 29, "ELS": 24, "PSPC": 27, "PCA locality": 28, "smoothed": 33,
	"universal-soft": 36, "bayes": 31, "sure-let": 32, "bls-gsm": 47, "bm3d": 41,
	// Filters as guests.
	"local Wiener": 15, "bilateral": 38, "median": 48,
	// Windows of one size.
	"window 4": 19, "window 8": 20, "window 16": 22, "window 32": 23, "window 6": 26,
}

// withLooks returns a figure in which the denoisers have their looks. A series that has a look
// keeps it, and one of another name has a colour that none of them has, as long as there is one.
func withLooks(figure viz.Figure) viz.Figure {
	switch f := figure.(type) {
	case viz.Panels:
		f.Figures = slices.Clone(f.Figures)
		for i := range f.Figures {
			f.Figures[i] = withLooks(f.Figures[i])
		}
		return f
	case viz.Lines:
		f.Series = slices.Clone(f.Series)
		giveLooks(len(f.Series), func(i int) (*viz.Look, string) { return &f.Series[i].Look, f.Series[i].Name })
		return f
	case viz.Scatter:
		f.Series = slices.Clone(f.Series)
		giveLooks(len(f.Series), func(i int) (*viz.Look, string) { return &f.Series[i].Look, f.Series[i].Name })
		return f
	case viz.Bars:
		f.Groups = slices.Clone(f.Groups)
		giveLooks(len(f.Groups), func(i int) (*viz.Look, string) { return &f.Groups[i].Look, f.Groups[i].Name })
		return f
	case viz.Histogram:
		f.Samples = slices.Clone(f.Samples)
		giveLooks(len(f.Samples), func(i int) (*viz.Look, string) { return &f.Samples[i].Look, f.Samples[i].Name })
		return f
	}
	return figure
}

// colours is how many looks differ in colour.
const colours = 7

// giveLooks sets the looks of the n series of a figure: those of their names first, and then, where
// there is one, the first colours that are not taken. Where none is left a series keeps the look
// of its place.
func giveLooks(n int, series func(i int) (look *viz.Look, name string)) {
	var taken [colours]bool
	named := false
	for i := range n {
		look, name := series(i)
		if *look == 0 {
			*look = looks[name]
		}
		if *look > 0 {
			taken[(*look-1)%colours], named = true, true
		}
	}
	for i := 0; i < n && named; i++ {
		look, _ := series(i)
		if free := slices.Index(taken[:], false); *look == 0 && free >= 0 {
			*look, taken[free] = viz.Look(free+1), true
		}
	}
}
