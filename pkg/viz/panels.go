package viz

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Panels shows several figures together, row after row, and is saved as one, with one caption for
// all: theirs are not shown. Heat maps, or joint histograms, that all have one colour scale have
// one colour bar, below the last row. Charts that all have one legend have it once, above the first
// row; in the live form, where a legend is a switch, each keeps its own.
type Panels struct {
	Title   string
	Caption string // a sentence that says what to see
	Columns int    // figures side by side
	Figures []Figure
}

const panelGap = 8 * px

func (f Panels) heading() heading { return heading{"panels", f.Title, f.Caption} }

// panels is a Panels whose figures can be drawn.
type panels struct {
	Panels
	plans  []plan
	legend []entry // that all panels share, which are without it
}

func (f Panels) plan() (plan, error) {
	if f.Columns < 1 || len(f.Figures) == 0 {
		return nil, fmt.Errorf("there are %d columns and %d figures; at least one of each is needed",
			f.Columns, len(f.Figures))
	}
	all := panels{Panels: f}
	for i, figure := range f.Figures {
		switch figure.(type) {
		case nil:
			return nil, fmt.Errorf("panel %d is nil", i)
		case Panels, *Panels:
			return nil, fmt.Errorf("panel %d is itself of panels, which cannot be nested", i)
		}
		p, err := figure.plan()
		if err != nil {
			return nil, fmt.Errorf("panel %d: %v: %w", i, figure.heading(), err)
		}
		all.plans = append(all.plans, p)
	}
	if all.shareScale() {
		for i, p := range all.plans {
			if i != (len(all.plans)-1)/f.Columns*f.Columns { // the first one of the last row
				all.plans[i] = p.(barred).withoutBar()
			}
		}
	}
	return all.withSharedLegend(), nil
}

// framed is a plan of a chart with a frame.
type framed interface {
	plan
	frame() frame
	drawIn(frame frame, c draw.Canvas) // draws the chart with that frame
}

// bare is a chart without its legend.
type bare struct{ framed }

func (f bare) size(width vg.Length) vg.Point { return f.frame().size(width) }

func (f bare) frame() frame {
	frame := f.framed.frame()
	frame.legend = nil
	return frame
}

func (f bare) draw(c draw.Canvas) { f.framed.drawIn(f.frame(), c) }

// withSharedLegend takes the legend out of the panels where all have the same one.
func (f panels) withSharedLegend() panels {
	var shared []entry
	var charts []plan
	for i, p := range f.plans {
		chart, ok := p.(framed)
		if !ok || i > 0 && !slices.EqualFunc(chart.frame().legend, shared, entry.equal) {
			return f
		}
		shared = chart.frame().legend
		charts = append(charts, bare{chart})
	}
	if len(charts) > 1 && legendRows(shared, vg.Inch) != nil {
		f.plans, f.legend = charts, shared
	}
	return f
}

// barred is a plan with a colour bar below.
type barred interface {
	plan
	barScale() colourScale
	withoutBar() plan
}

// shareScale reports whether all panels have the same colour bar.
func (f panels) shareScale() bool {
	first, ok := f.plans[0].(barred)
	if !ok {
		return false
	}
	for _, p := range f.plans[1:] {
		if other, ok := p.(barred); !ok || !other.barScale().equal(first.barScale()) {
			return false
		}
	}
	return true
}

// panelWidth returns the width of one panel.
func (f panels) panelWidth(width vg.Length) vg.Length {
	n := vg.Length(f.Columns)
	return vg.Length(pixels((width-(n-1)*panelGap)/n-px/2)) * px
}

// rows returns the height of every row: that of its highest panel.
func (f panels) rows(width vg.Length) []vg.Length {
	var heights []vg.Length
	for i, panel := range f.plans {
		if i%f.Columns == 0 {
			heights = append(heights, 0)
		}
		h := &heights[len(heights)-1]
		*h = max(*h, wholePixels(panel.size(f.panelWidth(width)).Y))
	}
	return heights
}

func (f panels) size(width vg.Length) vg.Point {
	height := 0 * px
	for _, h := range f.rows(width) {
		height += h + panelGap
	}
	return vg.Point{X: width, Y: height - panelGap + f.headHeight(width)}
}

// headHeight returns the height of title and legend above the first row.
func (f panels) headHeight(width vg.Length) vg.Length {
	height := titleHeight(f.Title, width-2*margin)
	if rows := legendRows(f.legend, width-2*margin); len(rows) > 0 {
		height += vg.Length(len(rows)) * legendHeight // the panels' margins are the gap below
	}
	if height == 0 {
		return 0
	}
	return margin + wholePixels(height)
}

func (f panels) draw(c draw.Canvas) {
	c.FillPolygon(white, corners(c.Rectangle))
	width := c.Rectangle.Size().X
	drawLegend(drawTitle(draw.Crop(c, margin, -margin, 0, -margin), f.Title), f.legend)
	top := c.Max.Y - f.headHeight(width)
	rows := f.rows(width)
	for i, panel := range f.plans {
		size := panel.size(f.panelWidth(width))
		at := vg.Point{X: c.Min.X + vg.Length(i%f.Columns)*(f.panelWidth(width)+panelGap), Y: top - size.Y}
		panel.draw(draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{Min: at, Max: at.Add(size)}})
		if i%f.Columns == f.Columns-1 {
			top -= rows[i/f.Columns] + panelGap
		}
	}
}

// table puts the tables of the panels below each other, with the panel's title in front. A column
// that a panel lacks is empty in its rows.
func (f panels) table() table {
	t := table{columns: []string{"panel"}}
	place := map[string]int{}
	for i, panel := range f.plans {
		p := panel.table()
		for _, name := range p.columns {
			if _, known := place[name]; !known {
				place[name] = len(t.columns)
				t.columns = append(t.columns, name)
			}
		}
		for _, values := range p.rows {
			row := make([]string, len(t.columns))
			row[0] = or(Title(f.Figures[i]), fmt.Sprint(i))
			for j, v := range values {
				row[place[p.columns[j]]] = v
			}
			t.rows = append(t.rows, row)
		}
	}
	for i, row := range t.rows {
		t.rows[i] = append(row, make([]string, len(t.columns)-len(row))...)
	}
	return t
}

// live returns the live forms of the panels, with pictures of those that have none; nil where none
// has one.
func (f panels) live(width vg.Length) *live {
	width = f.panelWidth(width)
	forms := make([]*live, len(f.plans))
	for i, p := range f.plans {
		forms[i] = p.live(width)
	}
	if !slices.ContainsFunc(forms, func(l *live) bool { return l != nil }) {
		return nil
	}
	all := &live{Title: f.Title, Columns: f.Columns}
	for i, p := range f.plans {
		if forms[i] != nil {
			all.Panels = append(all.Panels, forms[i].Panels...)
			continue
		}
		size := p.size(width)
		all.Panels = append(all.Panels, panel{Width: pixels(size.X), Height: pixels(size.Y), Image: &picture{rasterise(p, width, 2*96)}})
	}
	return all
}
