package experiment

import (
	"reflect"
	"slices"
	"testing"

	"wavescore/pkg/metrics"
)

func TestLevelTable(t *testing.T) {
	text := append(make([]string, 0, 9), "family", "terms")
	table := LevelTable([]float64{0.02, 1}, text...)
	table.Row([]float64{0.5, 0.25}, "linear", 1)
	want := Table{Header: []string{"family", "terms", "σ = 0.02", "σ = 1"}, Rows: [][]any{{"linear", 1, 0.5, 0.25}}}
	if !reflect.DeepEqual(table, want) {
		t.Errorf("%+v, want %+v", table, want)
	}
	if LevelTable([]float64{3}, text...); !slices.Equal(table.Header, want.Header) {
		t.Errorf("another table changes this one's header to %v", table.Header)
	}
}

func TestPoints(t *testing.T) {
	means := []metrics.Mean{{Value: 3, Error: 0.5}, {Value: -1, Error: 0}}
	s := Points("means", []float64{1, 2}, func(i int) metrics.Mean { return means[i] })
	if !slices.Equal(s.Y, []float64{3, -1}) || !slices.Equal(s.Low, []float64{2, -1}) || !slices.Equal(s.High, []float64{4, -1}) {
		t.Errorf("%+v", s)
	}
}
