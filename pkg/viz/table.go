package viz

import (
	"encoding/csv"
	"io"
	"strconv"
)

// table holds the numbers of a figure, one observation a row.
type table struct {
	columns []string
	rows    [][]string
}

// number writes a number so that reading it back gives the same bits.
func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// WriteCSV writes the numbers of the figure in long form: a header, then one observation a row. Numbers read back to
// the same bits.
func WriteCSV(w io.Writer, f Figure) error {
	if err := check(f); err != nil {
		return err
	}
	t := f.table()
	out := csv.NewWriter(w)
	if err := out.Write(t.columns); err != nil {
		return err
	}
	return out.WriteAll(t.rows)
}
