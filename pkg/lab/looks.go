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
	"pixels": 6,
	// The Gaussian score, which has several names.
	"linear": 7, "linear (Wiener)": 7, "Wiener filter": 7, "one Gaussian": 7,
	// Machines that imitate networks, and these.
	"CNN mimic": 8, "U-Net mimic": 8, "moments": 8, "decimated machine": 16,
	"U-Net": 9, "circular CNN": 12, "CNN": 12, "zero-padded CNN": 13,
	// The score that remembers, and scores that are conditioned on a latent.
	"ideal": 11, "conditional": 10, "local mixture, 5 × 5": 17, "local mixture, 8 × 8": 17,
	"window 4": 19, "window 8": 20, "window 16": 26, "window 32": 27, "window 6": 23,
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
		f.Series = seriesWithLooks(f.Series)
		return f
	case viz.Scatter:
		f.Series = seriesWithLooks(f.Series)
		return f
	case viz.Bars:
		f.Groups = slices.Clone(f.Groups)
		p := newPalette(len(f.Groups), func(i int) (viz.Look, string) { return f.Groups[i].Look, f.Groups[i].Name })
		for i := range f.Groups {
			f.Groups[i].Look = p.look(f.Groups[i].Look, f.Groups[i].Name)
		}
		return f
	case viz.Histogram:
		f.Samples = slices.Clone(f.Samples)
		p := newPalette(len(f.Samples), func(i int) (viz.Look, string) { return f.Samples[i].Look, f.Samples[i].Name })
		for i := range f.Samples {
			f.Samples[i].Look = p.look(f.Samples[i].Look, f.Samples[i].Name)
		}
		return f
	}
	return figure
}

func seriesWithLooks(series []viz.Series) []viz.Series {
	series = slices.Clone(series)
	p := newPalette(len(series), func(i int) (viz.Look, string) { return series[i].Look, series[i].Name })
	for i := range series {
		series[i].Look = p.look(series[i].Look, series[i].Name)
	}
	return series
}

// colours is how many looks differ in colour.
const colours = 7

// A palette gives the series of a figure their looks.
type palette struct {
	taken [colours]bool
	any   bool // a series has a look of its own
}

func newPalette(n int, series func(i int) (look viz.Look, name string)) *palette {
	p := new(palette)
	for i := range n {
		if look := lookOf(series(i)); look > 0 {
			p.taken[(look-1)%colours], p.any = true, true
		}
	}
	return p
}

// look returns the look of the next series: 0, that of its place, where no series of the figure
// has one of its own, or all colours are taken.
func (p *palette) look(look viz.Look, name string) viz.Look {
	if look = lookOf(look, name); look > 0 || !p.any {
		return look
	}
	if free := slices.Index(p.taken[:], false); free >= 0 {
		p.taken[free] = true
		return viz.Look(free + 1)
	}
	return 0
}

// lookOf returns a series' own look, else that of its name.
func lookOf(look viz.Look, name string) viz.Look {
	if look == 0 {
		return looks[name]
	}
	return look
}
