package viz

import (
	"strconv"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
	"gonum.org/v1/plot/vg"
)

// live is the live form of a figure, as live.js reads it: charts side by side, row after row.
type live struct {
	Title   string     `json:"title,omitempty"` // above all of them; a single chart draws its own
	Columns int        `json:"columns"`
	Charts  []liveCell `json:"charts"`
}

// liveCell is one chart, or a picture where there is no live form.
type liveCell struct {
	Height int    `json:"height"` // CSS pixels
	Option any    `json:"option,omitempty"`
	Image  string `json:"image,omitempty"` // a data URL
}

const liveFont = "Liberation Sans, Arial, Helvetica, sans-serif"

// axisOption is a go-echarts axis with what it does not know: labels at given places.
type axisOption struct {
	opts.XAxis
	AxisLabel axisLabel `json:"axisLabel"`
	AxisTick  axisTick  `json:"axisTick"`
	MinorTick showOnly  `json:"minorTick"`
}

type axisLabel struct {
	CustomValues []float64 `json:"customValues,omitempty"`
	Formatter    string    `json:"formatter,omitempty"`
	FontSize     float64   `json:"fontSize"`
	Color        string    `json:"color"`
	FontFamily   string    `json:"fontFamily"`
}

type axisTick struct {
	Show         bool      `json:"show"`
	CustomValues []float64 `json:"customValues,omitempty"`
}

type showOnly struct {
	Show bool `json:"show"`
}

// pixels returns a length in CSS pixels.
func pixels(l vg.Length) int { return int(l/px + 0.5) }

// frameVisitor puts our axes in the place of those of go-echarts.
type frameVisitor struct {
	charts.BaseConfigurationVisitor
	x, y axisOption
}

func (v frameVisitor) VisitXAxis([]opts.XAxis) any { return v.x }
func (v frameVisitor) VisitYAxis([]opts.YAxis) any { return v.y }

// option returns the ECharts option of a chart within the frame: same title, legend, ranges and labels as the static
// picture.
func (f frame) option(width vg.Length, series ...charts.SingleSeries) map[string]any {
	size := f.size(width)
	inner := width - 2*margin
	top := margin + titleHeight(f.title, inner)
	rows := legendRows(f.legend, inner)
	var names []string
	for _, row := range rows {
		for _, e := range row {
			names = append(names, e.name)
		}
	}
	plotTop := top + vg.Length(len(rows))*24*px + 14*px

	c := charts.NewLine()
	c.SetGlobalOptions(
		charts.WithTitleOpts(opts.Title{
			Title: wrap(titleText, f.title, inner), Left: "8", Top: "4",
			TitleStyle: &opts.TextStyle{FontFamily: liveFont, FontSize: 16, FontWeight: "bold", Color: css(ink)},
		}),
		charts.WithLegendOpts(opts.Legend{
			Show: opts.Bool(len(names) > 0), Data: names, Left: "8", Top: strconv.Itoa(pixels(top)), ItemWidth: 30,
			TextStyle: &opts.TextStyle{FontFamily: liveFont, FontSize: 13, Color: css(ink)},
		}),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "item", Formatter: "point"}),
		charts.WithGridOpts(opts.Grid{
			Left: "70", Right: "24", Bottom: "56", Top: strconv.Itoa(pixels(plotTop)),
		}),
		charts.WithAnimation(false),
	)
	c.MultiSeries = series
	c.Accept(frameVisitor{
		x: f.x.option(labelsAcross(size.X), 30),
		y: f.y.option(labelsUp(size.Y), 50),
	})
	return c.JSON()
}

// option returns the ECharts axis of the scale; n is the number of labels that fit.
func (s scale) option(n, nameGap int) axisOption {
	o := axisOption{
		XAxis: opts.XAxis{
			Type: "value", Name: s.Label, NameLocation: "middle", NameGap: nameGap, Min: s.min, Max: s.max,
			SplitLine: &opts.SplitLine{Show: opts.Bool(true), LineStyle: &opts.LineStyle{Color: css(gridGrey)}},
			AxisLine: &opts.AxisLine{Show: opts.Bool(true), OnZero: opts.Bool(false),
				LineStyle: &opts.LineStyle{Color: css(ink)}},
		},
		AxisLabel: axisLabel{CustomValues: s.ticks(n), Formatter: "number", FontSize: 12.5, Color: css(ink),
			FontFamily: liveFont},
		AxisTick: axisTick{Show: true, CustomValues: s.ticks(n)},
	}
	if s.Log {
		o.Type = "log"
	}
	return o
}
