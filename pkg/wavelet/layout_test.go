package wavelet

import (
	"errors"
	"math"
	"math/bits"
	"slices"
	"strings"
	"testing"
)

// layouts are those that the tests of this file go through.
var layouts = []Layout{
	{1, 1, 1, 0}, {2, 3, 5, 0}, {1, 2, 2, 1}, {1, 8, 8, 3}, {3, 12, 20, 2}, {2, 2, 16, 1}, {1, 48, 16, 4}, {1, 32, 32, 5},
}

func TestNewLayout(t *testing.T) {
	for _, l := range layouts {
		if got, err := NewLayout(l.Channels, l.Height, l.Width, l.Levels); err != nil || got != l {
			t.Errorf("%+v: got %+v, %v", l, got, err)
		}
	}
	for _, test := range []struct {
		channels, height, width, levels int
		want                            []string
	}{
		{0, 32, 32, 1, []string{"0x32x32", "must be positive"}},
		{1, -4, 32, 1, []string{"1x-4x32", "must be positive"}},
		{1, 32, 0, 1, []string{"1x32x0", "must be positive"}},
		{1, 32, 32, -1, []string{"-1 levels", "must not be negative"}},
		{1, 28, 32, 3, []string{"2^3 = 8 must divide", "the nearest heights are 24 and 32", "levels 0 to 2"}},
		{1, 32, 30, 2, []string{"the nearest widths are 28 and 32", "levels 0 to 1"}},
		{3, 33, 12, 3, []string{"the nearest heights are 32 and 40", "the nearest widths are 8 and 16", "levels 0 to 0"}},
		{1, 32, 32, 6, []string{"the nearest height is 64", "the nearest width is 64", "levels 0 to 5"}},
		{1, 32, 32, bits.UintSize, []string{"levels"}},
		{1, math.MaxInt/2 + 1, math.MaxInt/2 + 1, 2, []string{"more pixels than an int can count"}},
	} {
		_, err := NewLayout(test.channels, test.height, test.width, test.levels)
		if !errors.As(err, new(LayoutError)) {
			t.Errorf("%+v: got %v", test, err)
			continue
		}
		for _, word := range test.want {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("the error does not say %q: %v", word, err)
			}
		}
	}
}

// The storage order is written down here a second time, as nested loops.
func TestStorageOrder(t *testing.T) {
	for _, l := range layouts {
		var bands []Band
		i := 0
		band := func(b Band) {
			bands = append(bands, b)
			rows, cols := l.Height, l.Width
			for range b.Level {
				rows, cols = rows/2, cols/2
			}
			if r, c := l.Grid(b); r != rows || c != cols {
				t.Errorf("%+v: %+v is %dx%d, want %dx%d", l, b, r, c, rows, cols)
			}
			if from, to := l.Range(b); from != i || to != i+rows*cols {
				t.Errorf("%+v: %+v is [%d, %d), want [%d, %d)", l, b, from, to, i, i+rows*cols)
			}
			for row := range rows {
				for col := range cols {
					p := Place{b, row, col}
					if l.Index(p) != i || l.Place(i) != p {
						t.Fatalf("%+v: index %d is %+v, and %+v is %d", l, i, l.Place(i), p, l.Index(p))
					}
					i++
				}
			}
		}
		for c := range l.Channels {
			band(Band{c, l.Levels, Approximation})
			for level := l.Levels; level >= 1; level-- {
				for _, o := range []Orientation{Horizontal, Vertical, Diagonal} {
					band(Band{c, level, o})
				}
			}
		}
		if i != l.Len() || !slices.Equal(bands, l.Bands()) {
			t.Errorf("%+v: %d coefficients in %v, want %d in %v", l, l.Len(), l.Bands(), i, bands)
		}
	}
}

// Each set of neighbours is found again by trying every offset in turn.
func TestNeighbours(t *testing.T) {
	for _, l := range layouts {
		for i := range l.Len() {
			p := l.Place(i)
			rows, cols := l.Grid(p.Band)
			for radius := range 4 {
				var want []int
				for dr := -radius; dr <= radius; dr++ {
					for dc := -radius; dc <= radius; dc++ {
						row, col := (p.Row+dr+4*rows)%rows, (p.Col+dc+4*cols)%cols
						j := l.Index(Place{p.Band, row, col})
						if j != i && !slices.Contains(want, j) {
							want = append(want, j)
						}
					}
				}
				if got := l.Neighbours(i, radius); !slices.Equal(got, want) {
					t.Fatalf("%+v: the neighbours of %d at radius %d are %v, want %v", l, i, radius, got, want)
				}
			}
		}
	}
}

// Tying weights over a band needs the k-th neighbour to be at the same offset everywhere in the
// band.
func TestNeighboursHaveTheSameOffsets(t *testing.T) {
	for _, l := range layouts {
		for _, b := range l.Bands() {
			rows, cols := l.Grid(b)
			for radius := range 4 {
				from, to := l.Range(b)
				offset := func(i, j int) [2]int {
					p, q := l.Place(i), l.Place(j)
					return [2]int{(q.Row - p.Row + rows) % rows, (q.Col - p.Col + cols) % cols}
				}
				first := l.Neighbours(from, radius)
				for i := from; i < to; i++ {
					around := l.Neighbours(i, radius)
					if len(around) != len(first) {
						t.Fatalf("%+v: %d has %d neighbours, %d has %d", l, from, len(first), i, len(around))
					}
					for k := range around {
						if offset(i, around[k]) != offset(from, first[k]) {
							t.Fatalf("%+v: neighbour %d of %d is not at the offset of that of %d", l, k, i, from)
						}
					}
				}
			}
		}
	}
}

func TestFamily(t *testing.T) {
	for _, l := range layouts {
		children := make([][]int, l.Len())
		for i := range l.Len() {
			p := l.Place(i)
			parent, ok := l.Parent(i)
			if ok != (p.Orientation != Approximation) {
				t.Errorf("%+v: %+v has a parent: %v", l, p, ok)
			}
			if ok {
				children[parent] = append(children[parent], i)
				switch q := l.Place(parent); {
				case p.Level == l.Levels && q == Place{Band{p.Channel, p.Level, Approximation}, p.Row, p.Col}:
				case q == Place{Band{p.Channel, p.Level + 1, p.Orientation}, p.Row / 2, p.Col / 2}:
				default:
					t.Errorf("%+v: the parent of %+v is %+v", l, p, q)
				}
			}

			var others []Orientation
			for _, j := range l.Orientations(i) {
				q := l.Place(j)
				others = append(others, q.Orientation)
				q.Orientation = p.Orientation
				if q != p {
					t.Errorf("%+v: %+v is another place than %+v", l, l.Place(j), p)
				}
			}
			want := map[Orientation][]Orientation{
				Horizontal: {Vertical, Diagonal}, Vertical: {Horizontal, Diagonal}, Diagonal: {Horizontal, Vertical},
			}[p.Orientation]
			if !slices.Equal(others, want) {
				t.Errorf("%+v: the other orientations of %+v are %v", l, p, others)
			}
		}
		for i := range l.Len() {
			if got := l.Children(i); !slices.Equal(got, children[i]) {
				t.Errorf("%+v: the children of %d are %v, but it is the parent of %v", l, i, got, children[i])
			}
		}
	}
}

func TestLayoutPanics(t *testing.T) {
	l := Layout{1, 8, 8, 2}
	for _, i := range []int{-1, 64} {
		for name, f := range map[string]func(){
			"Place":        func() { l.Place(i) },
			"Neighbours":   func() { l.Neighbours(i, 1) },
			"Orientations": func() { l.Orientations(i) },
			"Parent":       func() { l.Parent(i) },
			"Children":     func() { l.Children(i) },
		} {
			if !panicsWith[IndexError](f) {
				t.Errorf("%s(%d) does not panic with an IndexError", name, i)
			}
		}
	}
	for _, b := range []Band{
		{0, 1, Approximation}, {0, 0, Horizontal}, {0, 3, Horizontal}, {1, 1, Horizontal}, {-1, 1, Horizontal},
		{0, -1, Diagonal}, {0, 1, Diagonal + 1}, {0, 1, -1},
	} {
		for name, f := range map[string]func(){
			"Grid":  func() { l.Grid(b) },
			"Range": func() { l.Range(b) },
			"Index": func() { l.Index(Place{Band: b}) },
		} {
			if !panicsWith[PlaceError](f) {
				t.Errorf("%s(%+v) does not panic with a PlaceError", name, b)
			}
		}
	}
	for _, at := range [][2]int{{-1, 0}, {4, 0}, {0, -1}, {0, 4}} {
		if !panicsWith[PlaceError](func() { l.Index(Place{Band{0, 1, Diagonal}, at[0], at[1]}) }) {
			t.Errorf("Index at %v does not panic with a PlaceError", at)
		}
	}
}

func TestOrientationString(t *testing.T) {
	got := []string{Approximation.String(), Horizontal.String(), Vertical.String(), Diagonal.String(), Orientation(7).String()}
	if want := []string{"approximation", "horizontal", "vertical", "diagonal", "Orientation(7)"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
