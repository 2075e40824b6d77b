package viz

import (
	"github.com/go-echarts/go-echarts/v2/opts"
	"github.com/go-echarts/go-echarts/v2/types"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Scatter shows points, each series with a marker of its own; Low and High are error bars.
type Scatter struct {
	Title   string
	Caption string // a sentence that says what to see
	X, Y    Axis
	Series  []Series
	Curves  []Series // optional: lines to compare the points with, such as the diagonal
}

func (f Scatter) heading() heading { return heading{"scatter", f.Title, f.Caption} }

func (f Scatter) plan() (plan, error) { return f, f.check() }

func (f Scatter) check() error {
	return checkSeries(f.X, f.Y, f.all())
}

// all returns the series of points and after them the curves.
func (f Scatter) all() []Series {
	return append(append([]Series(nil), f.Series...), f.Curves...)
}

func (f Scatter) frame() frame {
	var xs, ys [][]float64
	var legend []entry
	for i, s := range f.Series {
		xs, ys = append(xs, s.X), append(ys, s.Y, s.Low, s.High)
		legend = append(legend, entry{s.Name, s.Look.style(i), swatch{marker: true}})
	}
	for i, s := range f.Curves {
		xs, ys = append(xs, s.X), append(ys, s.Y)
		legend = append(legend, entry{s.Name, s.Look.reference(i), swatch{line: true}})
	}
	return frame{title: f.Title, legend: legend, x: f.X.scale(0.04, xs...), y: f.Y.scale(0.05, ys...)}
}

func (f Scatter) size(width vg.Length) vg.Point { return f.frame().size(width) }

func (f Scatter) draw(c draw.Canvas) { f.drawIn(f.frame(), c) }

func (f Scatter) drawIn(frame frame, c draw.Canvas) {
	var marks []mark
	for i, s := range f.Curves {
		marks = append(marks, curve{s, s.Look.reference(i)})
	}
	for i, s := range f.Series {
		marks = append(marks, cloud{s, s.Look.style(i)})
	}
	frame.draw(c, marks...)
}

// cloud draws every point of a series with its error bar.
type cloud struct {
	Series
	style lineStyle
}

func (m cloud) draw(area draw.Canvas, x, y scale) {
	if m.Low != nil {
		low, high := place(area, x, y, m.X, m.Low), place(area, x, y, m.X, m.High)
		for i := range low {
			line := draw.LineStyle{Color: m.style.color, Width: 1.5 * px}
			area.StrokeLines(line, area.ClipLinesXY([]vg.Point{low[i], high[i]})...)
		}
	}
	marker := m.style.marker()
	marker.Radius = 3 * px
	marker.Color = alpha(m.style.color, 0.7)
	for _, pt := range place(area, x, y, m.X, m.Y) {
		area.DrawGlyph(marker, pt)
	}
}

func (f Scatter) live(width vg.Length) *live {
	frame := f.frame()
	o := frame.option(width)
	o.Legend.ItemWidth = 16 // ECharts stretches markers to it
	for i, s := range f.Curves {
		o.Series = append(o.Series, s.Look.reference(i).line(s.Name, s.pairs()))
	}
	for i, s := range f.Series {
		style := s.Look.style(i)
		o.Series = append(o.Series, series{
			Type: types.ChartScatter, Name: s.Name, Data: s.pairs(), Symbol: style.symbol, SymbolSize: 6,
			ItemStyle: &opts.ItemStyle{Color: css(style.color), Opacity: opts.Float(0.7)},
			Clip:      true,
		})
	}
	for i, s := range f.Series {
		if s.Low != nil {
			o.Series = append(o.Series, s.Look.style(i).behind(s.Name, "errorBar", s.bounds()))
		}
	}
	return single(frame.size(width), o)
}

func (f Scatter) table() table { return seriesTable(f.X, f.Y, f.all()) }
