package viz

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"wavescore/pkg/wavelet"
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
		{"scatter", scatterSpecimen()},
		{"histogram", histogramSpecimen(false)},
		{"histogram-log", histogramSpecimen(true)},
		{"bars", barsSpecimen()},
		{"bars-log", logBarsSpecimen()},
		{"bars-intervals", intervalBarsSpecimen()},
		{"heatmap", heatMapSpecimen()},
		{"heatmap-diverging", divergingHeatMapSpecimen()},
		{"joint", jointSpecimen(false)},
		{"joint-conditional", jointSpecimen(true)},
		{"mosaic", mosaicSpecimen()},
		{"panels", panelsSpecimen()},
		{"panels-one-scale", oneScaleSpecimen()},
		{"panels-one-legend", oneLegendSpecimen()},
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

func scatterSpecimen() Scatter {
	rng := rand.New(rand.NewPCG(3, 4))
	noisy := func(name string, gain float64) Series {
		s := Series{Name: name}
		for range 120 {
			x := rng.NormFloat64()
			s.X, s.Y = append(s.X, x), append(s.Y, gain*x+0.2*rng.NormFloat64())
		}
		return s
	}
	checked := Series{Name: "checked", X: []float64{-2, -1, 0, 1, 2}, Y: []float64{-1.8, -1.1, 0.1, 0.9, 2.1}}
	for _, y := range checked.Y {
		checked.Low, checked.High = append(checked.Low, y-0.4), append(checked.High, y+0.4)
	}
	return Scatter{
		Title:   "Transport against sampling",
		Caption: "The points lie on the diagonal.",
		X:       Axis{Label: "moment by transport"},
		Y:       Axis{Label: "moment by sampling"},
		Series:  []Series{noisy("independent", 1), noisy("band-tied", 0.5), checked},
		Curves:  []Series{{Name: "equal", X: []float64{-3, 3}, Y: []float64{-3, 3}}},
	}
}

func histogramSpecimen(log bool) Histogram {
	rng := rand.New(rand.NewPCG(5, 6))
	var gauss, laplace []float64
	for range 20000 {
		gauss = append(gauss, rng.NormFloat64())
		laplace = append(laplace, rng.ExpFloat64()-rng.ExpFloat64())
	}
	normal := Series{Name: "N(0, 1)"}
	for x := -4.0; x <= 4; x += 0.05 {
		normal.X, normal.Y = append(normal.X, x), append(normal.Y, math.Exp(-x*x/2)/math.Sqrt(2*math.Pi))
	}
	return Histogram{
		Title:   "Coefficients of noise and of images",
		Caption: "Image coefficients have a peak and heavy tails; noise has neither.",
		X:       Axis{Label: "coefficient / standard deviation", Min: -6, Max: 6},
		Y:       Axis{Log: log},
		Samples: []Sample{{Name: "noise", Values: gauss}, {Name: "images", Values: laplace}},
		Curves:  []Series{normal},
	}
}

func barsSpecimen() Bars {
	return Bars{
		Title:      "Gain over the plain Wiener filter",
		Caption:    "Coarse levels gain nothing.",
		X:          "level",
		Y:          Axis{Label: "gain (dB)"},
		Categories: []string{"1 (finest)", "2", "3", "4", "5 (coarsest)"},
		Groups: []Group{
			{Name: "horizontal", Values: []float64{1.2, 0.9, 0.5, 0.15, -0.1}},
			{Name: "vertical", Values: []float64{1.4, 1.0, 0.55, 0.2, -0.05}},
			{Name: "diagonal", Values: []float64{0.7, 0.6, 0.3, 0.1, -0.2}},
		},
	}
}

// intervalBarsSpecimen has error bars on one of two groups, on bars up and down.
func intervalBarsSpecimen() Bars {
	b := barsSpecimen()
	b.Groups = b.Groups[:2]
	for _, v := range b.Groups[0].Values {
		b.Groups[0].Low, b.Groups[0].High = append(b.Groups[0].Low, v-0.2), append(b.Groups[0].High, v+0.3)
	}
	return b
}

func logBarsSpecimen() Bars {
	return Bars{
		Title:      "Energy per band",
		X:          "level",
		Y:          Axis{Label: "mean square (pixels in [-1, 1])", Log: true},
		Categories: []string{"1", "2", "3", "4"},
		Groups:     []Group{{Name: "", Values: []float64{0.013, 0.09, 0.61, 3.4}}},
	}
}

func heatMapSpecimen() HeatMap {
	h := HeatMap{
		Title:   "What each group of moments is worth",
		Caption: "Neighbours matter in the middle.",
		X:       "noise level sigma",
		Y:       "without",
		Columns: Labels(logspace(0.02, 20, 10)),
		Rows:    []string{"neighbours", "orientations", "parents", "cubic terms"},
		Colour:  Axis{Label: "added risk (%)"},
	}
	for i := range h.Rows {
		var row []float64
		for j := range h.Columns {
			row = append(row, 40*math.Exp(-math.Pow(float64(j)-4.5, 2)/6)/float64(i+1))
		}
		h.Values = append(h.Values, row)
	}
	return h
}

func divergingHeatMapSpecimen() HeatMap {
	h := HeatMap{Title: "Correlation of coefficients", Colour: Axis{Label: "correlation", Min: -1, Max: 1}, Diverging: true}
	for i := range 40 {
		h.Rows, h.Columns = append(h.Rows, Labels([]float64{float64(i)})[0]), append(h.Columns, Labels([]float64{float64(i)})[0])
		var row []float64
		for j := range 40 {
			row = append(row, math.Exp(-math.Abs(float64(i-j))/6)*math.Cos(float64(i-j)/2))
		}
		h.Values = append(h.Values, row)
	}
	return h
}

func jointSpecimen(conditional bool) Joint {
	rng := rand.New(rand.NewPCG(7, 8))
	j := Joint{
		Title:       "A coefficient and its neighbour",
		Caption:     "Where one is large, so is the other, with either sign.",
		X:           Axis{Label: "coefficient", Min: -4, Max: 4},
		Y:           Axis{Label: "neighbour to the right", Min: -4, Max: 4},
		Bins:        21,
		Conditional: conditional,
	}
	for range 40000 {
		scale := math.Exp(0.7 * rng.NormFloat64())
		j.XValues = append(j.XValues, scale*rng.NormFloat64())
		j.YValues = append(j.YValues, scale*rng.NormFloat64())
	}
	return j
}

func mosaicSpecimen() Mosaic {
	layout, err := wavelet.NewLayout(1, 32, 32, 3)
	if err != nil {
		panic(err)
	}
	filter, err := wavelet.ParseFilter("db2")
	if err != nil {
		panic(err)
	}
	rng := rand.New(rand.NewPCG(9, 10))
	return Mosaic{
		Title:        "A disc in db2 wavelets",
		Caption:      "Only the rim has details.",
		Layout:       layout,
		Coefficients: wavelet.NewTransform(filter, layout).Forward(nil, disc(32, 9, 0, rng)),
	}
}

func panelsSpecimen() Panels {
	heat := divergingHeatMapSpecimen()
	heat.Columns, heat.Rows, heat.Values = heat.Columns[:4], heat.Rows[:4], heat.Values[:4]
	for i := range heat.Values {
		heat.Values[i] = heat.Values[i][:4]
	}
	return Panels{
		Title:   "Three views",
		Caption: "They agree.",
		Columns: 2,
		Figures: []Figure{logBarsSpecimen(), heat, divergingGridSpecimen()},
	}
}

// oneLegendSpecimen has panels of lines whose legends are the same.
func oneLegendSpecimen() Panels {
	p := Panels{Title: "Three noise levels, one legend", Caption: "One legend is enough.", Columns: 2}
	for _, sigma := range []float64{0.1, 0.5, 2} {
		lines := Lines{Title: fmt.Sprintf("σ = %v", sigma), X: Axis{Label: "pixel"}, Y: Axis{Label: "value"}}
		for _, name := range []string{"clean", "noisy", "denoised by the machine"} {
			lines.Series = append(lines.Series, Series{Name: name, X: []float64{0, 1, 2}, Y: []float64{sigma, float64(len(name)), 1}})
		}
		p.Figures = append(p.Figures, lines)
	}
	return p
}

// oneScaleSpecimen has three heat maps of one scale, whose values reach differently far.
func oneScaleSpecimen() Panels {
	p := Panels{Title: "Three heat maps, one scale", Caption: "One bar is enough.", Columns: 2}
	for _, factor := range []float64{1, 0.5, -0.5} {
		heat := divergingHeatMapSpecimen()
		heat.Title = fmt.Sprintf("Times %v", factor)
		heat.Columns, heat.Rows, heat.Values = heat.Columns[:4], heat.Rows[:4], heat.Values[:4]
		for i, row := range heat.Values {
			heat.Values[i] = slices.Clone(row[:4])
			for j := range heat.Values[i] {
				heat.Values[i][j] *= factor
			}
		}
		p.Figures = append(p.Figures, heat)
	}
	return p
}
