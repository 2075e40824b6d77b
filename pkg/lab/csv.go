package lab

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// CSV reads a file of comma-separated values of this checkout, given by its path from the module's
// root, as Table takes it: the first line is the header, and cells that are numbers are an int or
// a float64. Lines that begin with # are comments.
func CSV(path string) (header []string, rows [][]any, err error) {
	root, err := ModuleRoot()
	if err != nil {
		return nil, nil, err
	}
	file, err := os.Open(filepath.Join(root, path))
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	reader := csv.NewReader(file)
	reader.Comment = '#'
	lines, err := reader.ReadAll()
	if err == nil && len(lines) == 0 {
		err = fmt.Errorf("there is no header")
	}
	if err != nil {
		return nil, nil, fmt.Errorf("lab: %s: %w", path, err)
	}
	for _, line := range lines[1:] {
		var row []any
		for _, text := range line {
			row = append(row, number(text))
		}
		rows = append(rows, row)
	}
	return lines[0], rows, nil
}

// number is a text as a number, if it is one.
func number(text string) any {
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	if v, err := strconv.ParseFloat(text, 64); err == nil {
		return v
	}
	return text
}
