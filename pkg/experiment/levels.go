package experiment

import (
	"slices"

	"wavescore/pkg/metrics"
	"wavescore/pkg/viz"
)

// LevelTable returns a table with columns of text, and then a column for each noise level. Row
// fills it.
func LevelTable(sigmas []float64, text ...string) Table {
	t := Table{Header: slices.Clone(text)}
	for _, label := range viz.Labels(sigmas) {
		t.Header = append(t.Header, "σ = "+label)
	}
	return t
}

// Row appends a row of a LevelTable: its texts, and a number for each noise level.
func (t *Table) Row(numbers []float64, text ...any) {
	row := slices.Clone(text)
	for _, n := range numbers {
		row = append(row, n)
	}
	t.Rows = append(t.Rows, row)
}

// Points returns a series of means, mean i at place x[i], with bars of two standard errors.
func Points(name string, x []float64, mean func(i int) metrics.Mean) viz.Series {
	s := viz.Series{Name: name}
	for i := range x {
		m := mean(i)
		s.Add(x[i], m.Value, 2*m.Error)
	}
	return s
}
