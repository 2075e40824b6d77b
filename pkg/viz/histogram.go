package viz

import (
	"fmt"

	"github.com/go-echarts/go-echarts/v2/opts"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Histogram shows how one or more samples are distributed, as densities over common bins: the share
// of a sample that falls into a bin, divided by the bin's width.
type Histogram struct {
	Title   string
	Caption string // a sentence that says what to see
	X, Y    Axis   // Y may be logarithmic, to show tails; an empty Y.Label means "density"
	Bins    int    // of equal width, over the range of X; zero means 61
	Samples []Sample
	Curves  []Series // optional: known densities to compare with
}

// usualBins is odd, so that an axis that is symmetric about zero has a bin around it.
const usualBins = 61

// Sample is a set of numbers whose distribution is shown.
type Sample struct {
	Name   string // for the legend; may be empty where there is one sample and no curve
	Look   Look
	Values []float64
}

func (f Histogram) heading() heading { return heading{"histogram", f.Title, f.Caption} }

// histogram is a Histogram whose samples are counted.
type histogram struct {
	Histogram
	x    scale
	bins []bins // one a sample
}

func (f Histogram) plan() (plan, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	var values [][]float64
	for _, s := range f.Samples {
		values = append(values, s.Values)
	}
	h := histogram{Histogram: f, x: f.X.scale(0, values...)}
	for i, s := range f.Samples {
		b := count(s.Values, h.x, f.Bins)
		if b.total == 0 {
			return nil, seriesError(i, s.Name, fmt.Errorf("none of its %d values lies on the x axis, from %v to %v",
				len(s.Values), h.x.min, h.x.max))
		}
		h.bins = append(h.bins, b)
	}
	return h, nil
}

func (f Histogram) check() error {
	if f.X.Log {
		return fmt.Errorf("the x axis is logarithmic; bins of equal width need a linear one: take logarithms first")
	}
	if f.Bins < 0 {
		return fmt.Errorf("there are %d bins; the number must be positive, or zero for the usual one", f.Bins)
	}
	if len(f.Samples) == 0 {
		return fmt.Errorf("there are no samples")
	}
	names := make(map[string]bool)
	for i, s := range f.Samples {
		if err := checkName(names, i, s.Name, len(f.Samples)+len(f.Curves)); err != nil {
			return err
		}
		if err := seriesError(i, s.Name, checkValues("Values", s.Values, false)); err != nil {
			return err
		}
	}
	if err := checkAxes(f.X, f.density()); err != nil {
		return err
	}
	for i, s := range f.Curves {
		i += len(f.Samples)
		if err := checkName(names, i, s.Name, len(f.Samples)+len(f.Curves)); err != nil {
			return err
		}
		if err := seriesError(i, s.Name, s.check(false, f.Y.Log)); err != nil {
			return err
		}
	}
	return nil
}

// density returns the y axis with its label.
func (f Histogram) density() Axis {
	y := f.Y
	y.Label = or(y.Label, "density")
	return y
}

// bins holds one sample's histogram.
type bins struct {
	edges   []float64 // one more than there are bins
	counts  []int
	density []float64
	total   int // values on the axis
}

// count sorts values into n bins of equal width. Values beyond the axis are in no bin, but count in
// the density's denominator.
func count(values []float64, x scale, n int) bins {
	if n == 0 {
		n = usualBins
	}
	b := bins{edges: make([]float64, n+1), counts: make([]int, n), density: make([]float64, n)}
	width := (x.max - x.min) / float64(n)
	for i := range b.edges {
		b.edges[i] = x.min + float64(i)*width
	}
	for _, v := range values {
		if v >= x.min && v <= x.max {
			b.counts[min(int((v-x.min)/width), n-1)]++
			b.total++
		}
	}
	for i, c := range b.counts {
		b.density[i] = float64(c) / (width * float64(len(values)))
	}
	return b
}

// frame settles the axes. On a logarithmic axis empty bins reach below its start, which lies at
// half the least density that one value makes.
func (f histogram) frame() frame {
	var heights [][]float64
	var legend []entry
	for i, s := range f.Samples {
		var positive []float64
		for _, d := range f.bins[i].density {
			if d > 0 {
				positive = append(positive, d)
			}
		}
		heights = append(heights, positive)
		legend = append(legend, entry{s.Name, s.Look.style(i), swatch{line: true}})
	}
	for i, s := range f.Curves {
		heights = append(heights, s.within(f.x))
		legend = append(legend, entry{s.Name, s.Look.reference(i), swatch{line: true}})
	}
	y := f.density().fromZero(0.05, heights...)
	if f.Y.Log && f.Y.Min == f.Y.Max {
		y.min /= 1.5
	}
	return frame{title: f.Title, legend: legend, x: f.x, y: y}
}

// within returns the y values of the points that lie on the x axis.
func (s Series) within(x scale) []float64 {
	var ys []float64
	for i, v := range s.X {
		if v >= x.min && v <= x.max {
			ys = append(ys, s.Y[i])
		}
	}
	return ys
}

func (f histogram) size(width vg.Length) vg.Point { return f.frame().size(width) }

func (f histogram) draw(c draw.Canvas) { f.drawIn(f.frame(), c) }

func (f histogram) drawIn(frame frame, c draw.Canvas) {
	var marks []mark
	for i, s := range f.Samples {
		marks = append(marks, steps{f.bins[i].outline(frame.y), s.Look.style(i)})
	}
	for i, s := range f.Curves {
		marks = append(marks, curve{s, s.Look.reference(i)})
	}
	frame.draw(c, marks...)
}

// outline returns the histogram as a line of steps, which ends at the start of the y axis.
func (b bins) outline(y scale) Series {
	s := Series{X: []float64{b.edges[0]}, Y: []float64{y.min}}
	for i, d := range b.density {
		d = max(d, y.min)
		s.X = append(s.X, b.edges[i], b.edges[i+1])
		s.Y = append(s.Y, d, d)
	}
	s.X = append(s.X, b.edges[len(b.edges)-1])
	s.Y = append(s.Y, y.min)
	return s
}

// steps draws an outline and a faint filling.
type steps struct {
	Series
	style lineStyle
}

func (m steps) draw(area draw.Canvas, x, y scale) {
	pts := place(area, x, y, m.X, m.Y)
	area.FillPolygon(alpha(m.style.color, 0.12), area.ClipPolygonXY(pts))
	line := m.style.stroke()
	line.Width = 1.5 * px
	area.StrokeLines(line, area.ClipLinesXY(pts)...)
}

// live draws each bin from its left edge to the next; the third number is the density where the
// second had to be raised to the start of a logarithmic axis.
func (f histogram) live(width vg.Length) *live {
	frame := f.frame()
	o := frame.option(width)
	o.Tooltip.Trigger, o.Tooltip.Formatter = "axis", "column"
	for i, s := range f.Samples {
		b := f.bins[i]
		data := make([][]float64, len(b.edges))
		for j := range data {
			d := b.density[min(j, len(b.density)-1)]
			data[j] = []float64{short(b.edges[j]), max(short(d), frame.y.min), short(d)}
		}
		line := s.Look.style(i).line(s.Name, data)
		line.Step = "end"
		line.LineStyle.Width = 1.5
		line.AreaStyle = &opts.AreaStyle{Color: css(s.Look.style(i).color), Opacity: opts.Float(0.12), Origin: "start"}
		o.Series = append(o.Series, line)
	}
	for i, s := range f.Curves {
		o.Series = append(o.Series, s.Look.reference(i).line(s.Name, s.pairs()))
	}
	return single(frame.size(width), o)
}

func (f histogram) table() table {
	t := table{columns: []string{"series", f.X.Label + ", from", f.X.Label + ", to", "count", f.density().Label}}
	for i, s := range f.Samples {
		b := f.bins[i]
		for j, d := range b.density {
			t.rows = append(t.rows, []string{s.Name, number(b.edges[j]), number(b.edges[j+1]),
				number(float64(b.counts[j])), number(d)})
		}
	}
	for _, s := range f.Curves {
		for i, x := range s.X {
			t.rows = append(t.rows, []string{s.Name, number(x), number(x), "", number(s.Y[i])})
		}
	}
	return t
}
