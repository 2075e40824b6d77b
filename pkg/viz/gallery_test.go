package viz

import (
	"math"
	"math/rand/v2"
)

// specimen is a figure with the name of its golden picture.
type specimen struct {
	name string
	Figure
}

// gallery holds one figure of every kind, and those variants that are drawn differently.
func gallery() []specimen {
	return []specimen{
		{"lines", linesSpecimen()},
		{"grid", gridSpecimen()},
		{"grid-diverging", divergingGridSpecimen()},
	}
}

func logspace(lo, hi float64, n int) []float64 {
	xs := make([]float64, n)
	for i := range xs {
		xs[i] = lo * math.Pow(hi/lo, float64(i)/float64(n-1))
	}
	return xs
}

func linesSpecimen() Lines {
	sigma := logspace(0.02, 20, 13)
	series := func(name string, power float64) Series {
		s := Series{Name: name, X: sigma}
		for _, x := range sigma {
			s.Y = append(s.Y, power*x*x/(power+x*x))
		}
		return s
	}
	banded := series("local-coupled", 0.05)
	for _, y := range banded.Y {
		banded.Low, banded.High = append(banded.Low, y*0.8), append(banded.High, y*1.25)
	}
	return Lines{
		Title:   "Denoising error against noise level",
		Caption: "Local coupling is below the other families at every noise level.",
		X:       Axis{Label: "noise level sigma (pixels in [-1, 1])", Log: true},
		Y:       Axis{Label: "mean squared error per pixel", Log: true},
		Series: []Series{
			series("independent", 0.25), series("band-tied", 0.12), banded, series("linear", 0.4),
		},
	}
}

// disc draws a bright disc on black, with a little noise.
func disc(side int, radius, sigma float64, rng *rand.Rand) []float64 {
	img := make([]float64, side*side)
	centre := float64(side-1) / 2
	for i := range img {
		r := math.Hypot(float64(i/side)-centre, float64(i%side)-centre)
		img[i] = 2/(1+math.Exp(2*(r-radius))) - 1 + sigma*rng.NormFloat64()
	}
	return img
}

func gridSpecimen() Grid {
	rng := rand.New(rand.NewPCG(1, 2))
	g := Grid{
		Title:        "One disc, four noise levels",
		Caption:      "The disc drowns in noise from left to right.",
		Channels:     1,
		Height:       16,
		Width:        16,
		Columns:      4,
		ColumnLabels: Labels([]float64{0, 0.1, 0.5, 1}),
		RowLabels:    []string{"small", "large"},
	}
	for _, radius := range []float64{3, 6} {
		for _, sigma := range []float64{0, 0.1, 0.5, 1} {
			g.Images = append(g.Images, disc(16, radius, sigma, rng)...)
		}
	}
	return g
}

func divergingGridSpecimen() Grid {
	g := Grid{Title: "Weights", Channels: 1, Height: 5, Width: 5, Columns: 3, Diverging: true}
	for _, f := range []float64{0.5, 1, 2} {
		for i := range 25 {
			g.Images = append(g.Images, f*math.Sin(float64(i)))
		}
	}
	return g
}
