package viz

import (
	"fmt"
	"math"
	"slices"

	"github.com/go-echarts/go-echarts/v2/opts"
	"github.com/go-echarts/go-echarts/v2/types"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Bars compares numbers by category, in groups side by side.
type Bars struct {
	Title      string
	Caption    string // a sentence that says what to see
	X          string // what the categories are; may be empty where their names say it
	Y          Axis   // from zero, or logarithmic, from below the smallest value
	Categories []string
	Groups     []Group
}

// Group is one bar in every category, all of one colour.
type Group struct {
	Name   string // for the legend; may be empty where there is one group only
	Look   Look
	Values []float64 // one a category

	Low, High []float64 // optional: the ends of an error bar on each bar
}

func (f Bars) heading() heading { return heading{"bars", f.Title, f.Caption} }

func (f Bars) plan() (plan, error) { return f, f.check() }

func (f Bars) check() error {
	if err := f.Y.check("y"); err != nil {
		return err
	}
	if len(f.Categories) == 0 || len(f.Groups) == 0 {
		return fmt.Errorf("there are %d categories and %d groups; at least one of each is needed",
			len(f.Categories), len(f.Groups))
	}
	names := make(map[string]bool)
	for i, g := range f.Groups {
		if err := checkName(names, i, g.Name, len(f.Groups)); err != nil {
			return err
		}
		err := checkLength("Values", len(g.Values), "Categories", len(f.Categories))
		if err == nil {
			err = checkValues("Values", g.Values, f.Y.Log)
		}
		if err == nil {
			err = checkBounds(g.Low, g.High, "Categories", len(f.Categories), f.Y.Log)
		}
		if err != nil {
			return seriesError(i, g.Name, err)
		}
	}
	return nil
}

func (f Bars) frame() frame {
	var values [][]float64
	var legend []entry
	for i, g := range f.Groups {
		values = append(values, g.Values, g.Low, g.High)
		legend = append(legend, entry{g.Name, g.Look.style(i), swatch{box: true}})
	}
	y := f.Y.fromZero(0.06, values...)
	if f.Y.Log && f.Y.Min == f.Y.Max {
		y.min = math.Pow(10, math.Floor(math.Log10(y.min)))
	}
	// The x axis counts categories: the i-th is centred at i + 1/2.
	x := scale{Axis{Label: f.X}, 0, float64(len(f.Categories))}
	return frame{title: f.Title, legend: legend, x: x, y: y, categories: f.Categories}
}

func (f Bars) size(width vg.Length) vg.Point { return f.frame().size(width) }

func (f Bars) draw(c draw.Canvas) { f.drawIn(f.frame(), c) }

func (f Bars) drawIn(frame frame, c draw.Canvas) { frame.draw(c, columns{f}) }

// barShare is the share of a category's width that its bars take.
const barShare = 0.8

// left returns where the bars of a group begin, and how wide they are, in categories.
func (f Bars) left(group int) (left, width float64) {
	width = barShare / float64(len(f.Groups))
	return (1-barShare)/2 + float64(group)*width, width
}

// columns draws the bars with their error bars, and their values beyond both where there is room
// for all.
type columns struct{ Bars }

func (m columns) draw(area draw.Canvas, x, y scale) {
	base := max(y.min, 0)
	for i, g := range m.Groups {
		first, width := m.left(i)
		for j, v := range g.Values {
			left := float64(j) + first
			pts := place(area, x, y, []float64{left, left + width}, []float64{base, v})
			area.FillPolygon(g.Look.style(i).color, area.ClipPolygonXY(corners(vg.Rectangle{Min: pts[0], Max: pts[1]})))
			end := pts[1]
			if g.Low != nil {
				middle := left + width/2
				ends := place(area, x, y, []float64{middle, middle}, []float64{g.Low[j], g.High[j]})
				area.StrokeLines(draw.LineStyle{Color: ink, Width: 1.5 * px}, area.ClipLinesXY(ends)...)
				end.Y = max(end.Y, ends[1].Y)
				if v < 0 {
					end.Y = min(pts[1].Y, ends[0].Y)
				}
			}
			m.drawValue(area, pts[0], end, v)
		}
	}
	zero := place(area, x, y, []float64{x.min, x.max}, []float64{base, base})
	area.StrokeLines(draw.LineStyle{Color: ink, Width: px}, area.ClipLinesXY(zero)...)
}

// drawValue writes a value beyond the end of its bar, or of its error bar.
func (m columns) drawValue(area draw.Canvas, base, end vg.Point, v float64) {
	if !area.Contains(end) || !m.valuesFit(end.X-base.X) {
		return
	}
	style := aligned(tickText, text.XCenter, text.YBottom)
	at := vg.Point{X: (base.X + end.X) / 2, Y: end.Y + 2*px}
	if v < 0 {
		style.YAlign, at.Y = text.YTop, end.Y-2*px
	}
	area.FillText(style, at, Labels([]float64{v})[0])
}

// valuesFit says whether all values can be written above bars of that width.
func (f Bars) valuesFit(width vg.Length) bool {
	for _, g := range f.Groups {
		if slices.ContainsFunc(Labels(g.Values), func(s string) bool { return tickText.Width(s) > width-2*px }) {
			return false
		}
	}
	return true
}

func (f Bars) live(width vg.Length) *live {
	frame := f.frame()
	o := frame.option(width)
	o.Tooltip.Trigger, o.Tooltip.Formatter, o.Tooltip.AxisPointer.Type = "axis", "column", "shadow"
	for i, g := range f.Groups {
		data := make([]float64, len(g.Values))
		for j, v := range g.Values {
			data[j] = short(v)
		}
		bars := series{
			Type: types.ChartBar, Name: g.Name, Data: data, BarGap: "0%", BarCategoryGap: "20%",
			ItemStyle: &opts.ItemStyle{Color: css(g.Look.style(i).color)},
			Clip:      true,
		}
		if f.valuesFit(width * barShare / vg.Length(len(f.Categories)*len(f.Groups))) {
			bars.Label = &opts.Label{Show: opts.Bool(true), Position: "outside", Formatter: "last", Color: css(ink),
				FontSize: float32(tickText.Font.Size / px), FontFamily: liveFont}
		}
		o.Series = append(o.Series, bars)
	}
	for i, g := range f.Groups {
		if g.Low == nil {
			continue
		}
		left, width := f.left(i)
		var ends [][]float64
		for j := range g.Low {
			ends = append(ends, []float64{float64(j), short(g.Low[j]), short(g.High[j]), left + width/2 - 0.5})
		}
		whisker := lineStyle{color: ink}.behind(g.Name, "whisker", ends)
		whisker.Z = 3 // before the bars
		o.Series = append(o.Series, whisker)
		o.Series[i].Label = nil // it would lie over the error bar
	}
	if frame.y.min < 0 {
		o.XAxis.AxisLine = &opts.AxisLine{Show: opts.Bool(false)}
		o.Series[0].MarkLine = &opts.MarkLines{
			Data: []any{opts.MarkLineNameYAxisItem{YAxis: 0}},
			MarkLineStyle: opts.MarkLineStyle{
				Symbol: []string{"none", "none"}, Label: &opts.Label{Show: opts.Bool(false)},
				LineStyle: &opts.LineStyle{Color: css(ink), Width: 1, Type: "solid"},
			},
		}
	}
	return single(frame.size(width), o)
}

func (f Bars) table() table {
	t := table{columns: []string{or(f.X, "category"), "group", f.Y.Label}}
	bounded := slices.ContainsFunc(f.Groups, func(g Group) bool { return g.Low != nil })
	if bounded {
		t.columns = append(t.columns, f.Y.Label+", low", f.Y.Label+", high")
	}
	for j, category := range f.Categories {
		for _, g := range f.Groups {
			row := []string{category, g.Name, number(g.Values[j])}
			switch {
			case g.Low != nil:
				row = append(row, number(g.Low[j]), number(g.High[j]))
			case bounded:
				row = append(row, "", "")
			}
			t.rows = append(t.rows, row)
		}
	}
	return t
}
