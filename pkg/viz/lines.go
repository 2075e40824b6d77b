package viz

import (
	"fmt"

	"github.com/go-echarts/go-echarts/v2/opts"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Lines is a line chart: one or more curves over common axes.
type Lines struct {
	Title   string
	Caption string // a sentence that says what to see
	X, Y    Axis
	Series  []Series
}

// Series is one curve, or one cloud of points.
type Series struct {
	Name      string // for the legend; may be empty where there is one series only
	Look      Look
	X, Y      []float64
	Low, High []float64 // optional: the band around Y
}

func (f Lines) heading() heading { return heading{"lines", f.Title, f.Caption} }

func (f Lines) plan() (plan, error) { return f, f.check() }

func (f Lines) check() error {
	return checkSeries(f.X, f.Y, f.Series)
}

// checkSeries checks two axes and the series over them.
func checkSeries(x, y Axis, series []Series) error {
	if err := checkAxes(x, y); err != nil {
		return err
	}
	if len(series) == 0 {
		return fmt.Errorf("there are no series")
	}
	names := make(map[string]bool)
	for i, s := range series {
		if err := checkName(names, i, s.Name, len(series)); err != nil {
			return err
		}
		if err := seriesError(i, s.Name, s.check(x.Log, y.Log)); err != nil {
			return err
		}
	}
	return nil
}

func (s Series) check(logX, logY bool) error {
	if err := checkValues("x", s.X, logX); err != nil {
		return err
	}
	if err := checkValues("y", s.Y, logY); err != nil {
		return err
	}
	if err := checkLength("y", len(s.Y), "x", len(s.X)); err != nil {
		return err
	}
	return checkBounds(s.Low, s.High, "x", len(s.X), logY)
}

// checkBounds checks the ends of intervals, which may be nil, one for each of the n values of
// other.
func checkBounds(low, high []float64, other string, n int, log bool) error {
	if low == nil && high == nil {
		return nil
	}
	if err := checkValues("low", low, log); err != nil {
		return err
	}
	if err := checkValues("high", high, log); err != nil {
		return err
	}
	if err := checkLength("low", len(low), other, n); err != nil {
		return err
	}
	if err := checkLength("high", len(high), other, n); err != nil {
		return err
	}
	for i := range low {
		if low[i] > high[i] {
			return fmt.Errorf("low[%d] = %v is above high[%d] = %v", i, low[i], i, high[i])
		}
	}
	return nil
}

func (f Lines) frame() frame {
	var xs, ys [][]float64
	var legend []entry
	for i, s := range f.Series {
		xs, ys = append(xs, s.X), append(ys, s.Y, s.Low, s.High)
		legend = append(legend, entry{s.Name, s.Look.style(i), swatch{line: true, marker: true}})
	}
	return frame{title: f.Title, legend: legend, x: f.X.scale(0.02, xs...), y: f.Y.scale(0.05, ys...)}
}

func (f Lines) size(width vg.Length) vg.Point { return f.frame().size(width) }

func (f Lines) draw(c draw.Canvas) { f.drawIn(f.frame(), c) }

func (f Lines) drawIn(frame frame, c draw.Canvas) {
	var marks []mark
	for i, s := range f.Series {
		if s.Low != nil {
			marks = append(marks, band{s, s.Look.style(i)})
		}
	}
	for i, s := range f.Series {
		marks = append(marks, curve{s, s.Look.style(i)}, points{s, s.Look.style(i), i})
	}
	frame.draw(c, marks...)
}

// curve draws a series as a line.
type curve struct {
	Series
	style lineStyle
}

func (m curve) draw(area draw.Canvas, x, y scale) {
	area.StrokeLines(m.style.stroke(), area.ClipLinesXY(place(area, x, y, m.X, m.Y))...)
}

// points draws the markers of a series, at most about a dozen, not at the same places for each
// series.
type points struct {
	Series
	style lineStyle
	index int
}

func (m points) draw(area draw.Canvas, x, y scale) {
	every := m.everyMarker()
	for i, pt := range place(area, x, y, m.X, m.Y) {
		if every == 1 || i%every == (m.index*every/4+every/2)%every {
			area.DrawGlyph(m.style.marker(), pt)
		}
	}
}

// everyMarker returns 1 where every point of a curve gets its marker, and n where only every n-th
// does.
func (s Series) everyMarker() int {
	if len(s.X) <= 25 {
		return 1
	}
	return len(s.X) / 10
}

// band fills between Low and High of a series.
type band struct {
	Series
	style lineStyle
}

func (m band) draw(area draw.Canvas, x, y scale) {
	outline := place(area, x, y, m.X, m.High)
	low := place(area, x, y, m.X, m.Low)
	for i := len(low) - 1; i >= 0; i-- {
		outline = append(outline, low[i])
	}
	area.FillPolygon(alpha(m.style.color, 0.18), area.ClipPolygonXY(outline))
}

// place turns data into points of the area.
func place(area draw.Canvas, x, y scale, xs, ys []float64) []vg.Point {
	size := area.Rectangle.Size()
	pts := make([]vg.Point, len(xs))
	for i := range pts {
		pts[i] = vg.Point{X: area.Min.X + x.at(xs[i])*size.X, Y: area.Min.Y + y.at(ys[i])*size.Y}
	}
	return pts
}

func (f Lines) table() table { return seriesTable(f.X, f.Y, f.Series) }

// seriesTable lists the points of every series; the band has columns where any series has one.
func seriesTable(x, y Axis, series []Series) table {
	t := table{columns: []string{"series", x.Label, y.Label}}
	banded := false
	for _, s := range series {
		banded = banded || s.Low != nil
	}
	if banded {
		t.columns = append(t.columns, y.Label+", low", y.Label+", high")
	}
	for _, s := range series {
		for i := range s.X {
			row := []string{s.Name, number(s.X[i]), number(s.Y[i])}
			switch {
			case s.Low != nil:
				row = append(row, number(s.Low[i]), number(s.High[i]))
			case banded:
				row = append(row, "", "")
			}
			t.rows = append(t.rows, row)
		}
	}
	return t
}

func (f Lines) live(width vg.Length) *live {
	frame := f.frame()
	o := frame.option(width)
	o.Tooltip.Trigger, o.Tooltip.Formatter = "axis", "column"
	for i, s := range f.Series {
		line := s.Look.style(i).line(s.Name, s.pairs())
		line.Symbol, line.ShowSymbol = s.Look.style(i).symbol, opts.Bool(s.everyMarker() == 1)
		o.Series = append(o.Series, line)
	}
	for i, s := range f.Series {
		if s.Low != nil {
			o.Series = append(o.Series, s.Look.style(i).behind(s.Name, "band", s.bounds()))
		}
	}
	return single(frame.size(width), o)
}
