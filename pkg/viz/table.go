package viz

import "strconv"

// table holds the numbers of a figure, one observation a row.
type table struct {
	columns []string
	rows    [][]string
}

// number writes a number so that reading it back gives the same bits.
func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
