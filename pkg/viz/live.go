package viz

import (
	"github.com/go-echarts/go-echarts/v2/opts"
	"github.com/go-echarts/go-echarts/v2/types"
	"gonum.org/v1/plot/vg"
)

// live is the live form of a figure, as live.js reads it: charts side by side, row after row.
type live struct {
	Title   string  `json:"title,omitempty"` // above all of them; a single chart draws its own
	Columns int     `json:"columns"`
	Panels  []panel `json:"panels"`
}

// panel is one chart, or a picture where there is no live form.
type panel struct {
	Width  int      `json:"width"` // CSS pixels
	Height int      `json:"height"`
	Option *option  `json:"option,omitempty"`
	Image  *picture `json:"image,omitempty"`
}

// single returns the live form that is one chart.
func single(size vg.Point, o option) *live {
	return &live{Columns: 1, Panels: []panel{{Width: pixels(size.X), Height: pixels(size.Y), Option: &o}}}
}

// option is an ECharts option, in the types of go-echarts where these know every field that we
// need. A formatter or a renderItem is the name of a function of live.js.
type option struct {
	BackgroundColor string       `json:"backgroundColor"`
	Animation       bool         `json:"animation"`
	Title           opts.Title   `json:"title"`
	Legend          opts.Legend  `json:"legend"`
	Tooltip         opts.Tooltip `json:"tooltip"`
	Grid            opts.Grid    `json:"grid"`
	XAxis           axisOption   `json:"xAxis"`
	YAxis           axisOption   `json:"yAxis"`
	VisualMap       *visualMap   `json:"visualMap,omitempty"`
	Graphic         []graphic    `json:"graphic,omitempty"`
	Series          []series     `json:"series"`
}

// legendItem is an entry of the legend; ECharts would show a marker also where the line has none.
type legendItem struct {
	Name      string       `json:"name"`
	ItemStyle legendMarker `json:"itemStyle"`
}

type legendMarker struct {
	Opacity float64 `json:"opacity"`
}

// axisOption is a go-echarts axis with labels at given places.
type axisOption struct {
	opts.XAxis
	NameTextStyle opts.TextStyle `json:"nameTextStyle"`
	AxisLabel     axisLabel      `json:"axisLabel"`
	AxisTick      axisTick       `json:"axisTick"`
}

type axisLabel struct {
	CustomValues []float64 `json:"customValues,omitempty"` // on an axis of numbers
	Interval     int       `json:"interval"`               // on one of categories: how many to leave out between two
	Formatter    string    `json:"formatter,omitempty"`
	Margin       int       `json:"margin"`
	FontSize     float64   `json:"fontSize"`
	FontFamily   string    `json:"fontFamily"`
	Color        string    `json:"color"`
}

type axisTick struct {
	Show         bool      `json:"show"`
	CustomValues []float64 `json:"customValues,omitempty"`
}

// series is what is drawn of one name. The one of go-echarts is in its package of charts, which
// brings templates and all else that pages are made of into every program that draws.
type series struct {
	Name           string          `json:"name,omitempty"`
	Type           string          `json:"type"`
	Data           any             `json:"data"`
	Encode         *opts.Encode    `json:"encode,omitempty"`
	RenderItem     string          `json:"renderItem,omitempty"` // of a custom series
	Symbol         string          `json:"symbol,omitempty"`
	SymbolSize     int             `json:"symbolSize,omitempty"`
	ShowSymbol     types.Bool      `json:"showSymbol,omitempty"`
	Step           string          `json:"step,omitempty"`
	BarGap         string          `json:"barGap,omitempty"`
	BarCategoryGap string          `json:"barCategoryGap,omitempty"`
	Label          *opts.Label     `json:"label,omitempty"`
	ItemStyle      *opts.ItemStyle `json:"itemStyle,omitempty"`
	LineStyle      *opts.LineStyle `json:"lineStyle,omitempty"`
	AreaStyle      *opts.AreaStyle `json:"areaStyle,omitempty"`
	MarkLine       *opts.MarkLines `json:"markLine,omitempty"`
	Silent         bool            `json:"silent,omitempty"` // out of reach of the mouse
	Z              int             `json:"z,omitempty"`      // 2 if not set
	Clip           bool            `json:"clip"`             // cut off at the axes
	Bins           int             `json:"bins,omitempty"`   // for the renderer of cells: how many there are along an axis
}

// visualMap is the colour bar. On a logarithmic scale the data carry the logarithm and its
// formatter undoes it.
type visualMap struct {
	Type       string                `json:"type"`
	Show       bool                  `json:"show"`
	Calculable bool                  `json:"calculable"`
	Dimension  int                   `json:"dimension"`
	Min        float64               `json:"min"`
	Max        float64               `json:"max"`
	InRange    opts.VisualMapInRange `json:"inRange"`
	Formatter  string                `json:"formatter"`
	Orient     string                `json:"orient"`
	Left       int                   `json:"left"`
	Top        int                   `json:"top"`
	ItemWidth  int                   `json:"itemWidth"`
	ItemHeight int                   `json:"itemHeight"`
	TextStyle  opts.TextStyle        `json:"textStyle"`
}

// graphic is a text anywhere in a chart; x is that of its left end, y that of its middle.
type graphic struct {
	Type   string       `json:"type"`
	X      int          `json:"x"`
	Y      int          `json:"y"`
	Silent bool         `json:"silent"`
	Style  graphicStyle `json:"style"`
}

type graphicStyle struct {
	Text          string `json:"text"`
	Font          string `json:"font"`
	Fill          string `json:"fill"`
	VerticalAlign string `json:"verticalAlign"`
}
