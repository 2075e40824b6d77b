package notebooks_test

import (
	"fmt"

	"wavescore/internal/notebooks"
)

func ExampleParseNotebook() {
	n, err := notebooks.ParseNotebook([]byte(`{
		"cells": [
			{"cell_type": "markdown", "source": ["# The score\n", "\n", "Where does it *live*?"]},
			{"cell_type": "code", "source": "%%\nfmt.Println(1)"}
		],
		"metadata": {}, "nbformat": 4, "nbformat_minor": 4}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(n.Title())
	fmt.Println(n.Objective())
	fmt.Println(len(n.Cells), "cells")
	// Output:
	// The score
	// Where does it *live*?
	// 2 cells
}
