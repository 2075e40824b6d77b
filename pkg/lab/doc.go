// Package lab is what a notebook's cell calls: it chooses the data, shows figures and tables, tells how far a computation
// has come, and keeps what is slow to compute. It is the only package that knows GoNB (github.com/janpfeifer/gonb), the Go
// kernel of Jupyter; everything else here is a library like any other.
//
// The first code cell of a notebook:
//
//	%noautoget
//	import (
//		"wavescore/pkg/lab"
//		"wavescore/pkg/viz"
//	)
//	var run = lab.Setup(lab.Run{Data: "mnist", Seed: 1})
//	%%
//	run.Facts()
//
// # Conventions
//
// A cell is a program of its own. Declarations carry over to the next cells, values do not: a global variable is evaluated
// again in every cell. So what is slow goes through Cached, and what a cell shows goes out before the cell ends: every
// function here that shows something returns once the notebook has it. Errors stop the cell, through Must.
//
// Outside a notebook the same calls print text and save pictures, so that a cell's code runs under go run.
//
// # Environment
//
//	WAVESCORE_CACHE    the folder of Cached, instead of .cache/ at the module's root
//	WAVESCORE_FIGURES  a folder where Show also saves its figures; set by the runner of notebooks, who wants no progress bars
//	WAVESCORE_ROOT     the module's root; set by the kernel's launcher
package lab
