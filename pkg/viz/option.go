package viz

import (
	"fmt"
	"math"
	"strconv"

	"github.com/go-echarts/go-echarts/v2/opts"
	"github.com/go-echarts/go-echarts/v2/types"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

const liveFont = "Liberation Sans, Arial, Helvetica, sans-serif"

// liveText returns a text style for ECharts.
func liveText(s text.Style) opts.TextStyle {
	return opts.TextStyle{FontFamily: liveFont, FontSize: pixels(s.Font.Size), FontWeight: "normal", Color: css(ink),
		LineHeight: pixels(s.FontExtents().Height)}
}

// pixels returns a length in whole CSS pixels.
func pixels(l vg.Length) int { return int(l/px + 0.5) }

// cssPixels writes a length for those options that go-echarts takes as a string.
func cssPixels(l vg.Length) string { return strconv.Itoa(pixels(l)) }

// short rounds a number to six significant digits, more than a screen can show.
func short(v float64) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 6, 64), 64)
	if err != nil {
		return v
	}
	return r
}

// newOption returns what all live charts share; the data lie in the area, within a chart of the
// size.
func newOption(title string, size vg.Point, area vg.Rectangle) option {
	style := liveText(titleText)
	style.FontWeight = "bold"
	return option{
		BackgroundColor: "#ffffff",
		Title: opts.Title{
			Title: wrap(titleText, title, size.X-2*margin), TitleStyle: &style,
			Left: cssPixels(margin - 5*px), Top: cssPixels(margin - 4*px), // ECharts adds 5 pixels of its own
		},
		Legend: opts.Legend{Show: opts.Bool(false)},
		Tooltip: opts.Tooltip{
			Show: opts.Bool(true), Trigger: "item", Formatter: "point",
			AxisPointer: &opts.AxisPointer{Type: "line"},
		},
		Grid: opts.Grid{
			Left: cssPixels(area.Min.X), Right: cssPixels(size.X - area.Max.X),
			Bottom: cssPixels(area.Min.Y), Top: cssPixels(size.Y - area.Max.Y),
		},
	}
}

// option returns the option of a chart within the frame: with the title, legend, ranges and labels
// of the static picture.
func (f frame) option(width vg.Length) option {
	size := f.size(width)
	inside := vg.Rectangle{Min: vg.Point{X: margin, Y: margin}, Max: vg.Point{X: size.X - margin, Y: size.Y - margin}}
	inside.Max.Y -= titleHeight(f.title, size.X-2*margin)
	top := size.Y - inside.Max.Y
	rows := legendRows(f.legend, size.X-2*margin)
	inside.Max.Y -= legendHeight * vg.Length(len(rows))
	x, y := f.axes(inside.Size())
	o := newOption(f.title, size, vg.Rectangle{
		Min: vg.Point{X: inside.Min.X + y.depth(text.Style.Width), Y: inside.Min.Y + x.depth(text.Style.Height)},
		Max: vg.Point{X: inside.Max.X - rightOfAxis, Y: inside.Max.Y - aboveAxis - legendGap},
	})
	var names []legendItem
	for _, row := range rows {
		for _, e := range row {
			opacity := 1.0
			if e.swatch == (swatch{line: true}) {
				opacity = 0
			}
			names = append(names, legendItem{Name: e.name, ItemStyle: legendMarker{Opacity: opacity}})
		}
	}
	style := liveText(legendText)
	o.Legend = opts.Legend{
		Show: opts.Bool(len(names) > 0), Data: names, TextStyle: &style, ItemWidth: pixels(swatchWidth),
		Left: cssPixels(margin - 5*px), Top: cssPixels(top - 6*px),
	}
	o.XAxis, o.YAxis = f.x.option(x), f.y.option(y)
	if f.categories != nil {
		o.XAxis = x.option(f.categories)
	}
	o.XAxis.NameGap = pixels(x.depth(text.Style.Height) - labelText.Height(x.label))
	o.YAxis.NameGap = pixels(y.depth(text.Style.Width) - labelText.Height(y.label))
	return o
}

// option returns the ECharts axis of the scale, with the labels of the drawn one.
func (s scale) option(a axis) axisOption {
	o := a.style()
	o.Type, o.Min, o.Max = "value", s.min, s.max
	if s.Log {
		o.Type = "log"
	}
	for _, t := range a.ticks {
		o.AxisLabel.CustomValues = append(o.AxisLabel.CustomValues, t.value)
	}
	o.AxisLabel.Formatter = "number"
	o.AxisTick = axisTick{Show: true, CustomValues: o.AxisLabel.CustomValues}
	o.SplitLine = &opts.SplitLine{Show: opts.Bool(true), LineStyle: &opts.LineStyle{Color: css(gridGrey)}}
	return o
}

// option returns the ECharts axis of categories, with the labels of the drawn one.
func (a axis) option(names []string) axisOption {
	o := a.style()
	o.Type, o.Data = "category", names
	if len(a.ticks) > 1 {
		o.AxisLabel.Interval = int(float64(a.ticks[1].at-a.ticks[0].at)*float64(len(names))+0.5) - 1
	}
	o.SplitLine = &opts.SplitLine{Show: opts.Bool(false)}
	return o
}

// style returns what both kinds of axes share.
func (a axis) style() axisOption {
	line := &opts.LineStyle{Color: css(ink)}
	return axisOption{
		XAxis: opts.XAxis{
			Name: a.label, NameLocation: "middle",
			AxisLine: &opts.AxisLine{Show: opts.Bool(true), OnZero: opts.Bool(false), LineStyle: line},
		},
		NameTextStyle: liveText(labelText),
		AxisLabel: axisLabel{
			FontSize: float64(tickText.Font.Size / px), FontFamily: liveFont, Color: css(ink), Margin: pixels(tickLength + tickGap),
		},
	}
}

// line returns a series of points, joined in the given style.
func (s lineStyle) line(name string, data any) series {
	return series{
		Type: types.ChartLine, Name: name, Data: data,
		Symbol: "none", SymbolSize: 7,
		LineStyle: &opts.LineStyle{Color: css(s.color), Width: 2, Type: s.dash},
		ItemStyle: &opts.ItemStyle{Color: css(s.color)},
		Clip:      true,
	}
}

// behind returns a series that a function of live.js draws behind the others, in the style's
// colour. It has the name of the series it belongs to, so that the legend hides both together.
func (s lineStyle) behind(name, render string, data any) series {
	return series{
		Type: types.ChartCustom, Name: name, Data: data, RenderItem: render,
		Encode:    &opts.Encode{X: 0, Y: []int{1, 2}},
		ItemStyle: &opts.ItemStyle{Color: css(s.color)},
		Silent:    true,
		Clip:      true,
		Z:         1,
	}
}

// pairs lists the points of a series.
func (s Series) pairs() [][]float64 {
	data := make([][]float64, len(s.X))
	for i := range data {
		data[i] = []float64{short(s.X[i]), short(s.Y[i])}
	}
	return data
}

// bounds lists x, low and high.
func (s Series) bounds() [][]float64 {
	data := make([][]float64, len(s.X))
	for i := range data {
		data[i] = []float64{short(s.X[i]), short(s.Low[i]), short(s.High[i])}
	}
	return data
}

// live returns the number that stands for v where colours are looked up: ECharts knows no
// logarithmic colour scale.
func (s colourScale) live(v float64) float64 {
	if s.Log {
		return math.Log10(v)
	}
	return v
}

// addBar adds the colour bar below the area and its x axis, with its label under it, or where it is
// not to be shown only its colours. The dimension is the place of the number in the data.
func (s colourScale) addBar(o *option, size vg.Point, area vg.Rectangle, x axis, dimension int, show bool) {
	const ends = 50 // for the labels, which ECharts writes before and behind the bar
	width := pixels(barWidth(area.Size().X))
	top := pixels(size.Y - area.Min.Y + x.depth(text.Style.Height) + barGap)
	o.VisualMap = &visualMap{
		Type: "continuous", Show: show, Calculable: true, Orient: "horizontal", Dimension: dimension,
		Min: s.live(s.min), Max: s.live(s.max), InRange: opts.VisualMapInRange{Color: s.colours.css()}, Formatter: "brief",
		Left: pixels(area.Min.X), Top: top - 5, ItemWidth: pixels(barHeight), ItemHeight: width - 2*ends,
		TextStyle: liveText(tickText),
	}
	if s.Log {
		o.VisualMap.Formatter = "power"
	}
	if !show {
		return
	}
	o.Graphic = []graphic{{
		Type: "text", X: pixels(area.Min.X), Y: pixels(size.Y - margin - labelText.Font.Size/2), Silent: true,
		Style: graphicStyle{
			Text: s.Label, Font: fmt.Sprintf("%gpx %s", labelText.Font.Size/px, liveFont), Fill: css(ink),
			VerticalAlign: "middle",
		},
	}}
}
