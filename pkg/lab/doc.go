// Package lab is what a notebook's cell calls: it chooses the data, shows figures and tables,
// tells how far a computation has come, and keeps what is slow to compute. It is the only package
// that knows GoNB (github.com/janpfeifer/gonb), the Go kernel of Jupyter; everything else here is
// a library like any other.
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
// # Any image set
//
// Data is any set that dataset.Open knows, or a folder of PNG or JPEG pictures of one size, and
// what a notebook gets of it are always square images of Side x Side pixels: smaller images are
// padded with black, larger ones cut into tiles. Run.Shape and Run.Layout say what these are, so
// that nothing in a notebook depends on one set; Run.Facts says what the set holds and what
// became of it.
//
// # Settings from outside
//
// The fields Data, Side, Train, Test and Seed of the Run that a notebook gives can be replaced
// without changing the notebook:
//
//	wavescore notebooks 05 --set Data=fashion-mnist --set Train=2000
//	WAVESCORE_SET="Data=fashion-mnist;Train=2000" environment/jupyter
//
// Setup takes them up, and Facts shows them. A name or a value that cannot be used is an error
// that says what can: of ParseSettings, for a command before it starts, and in a cell of Setup.
//
// # Conventions
//
// A cell is a program of its own, unless a headless run puts several into one. Declarations carry
// over to the next cells, values do not: a global variable is evaluated again. So what is slow
// goes through Cached, and what a cell shows goes out before the cell ends: every function here
// that shows something returns once the notebook has it. Errors stop the cell, through Must.
//
// Outside a notebook the same calls print text and save pictures, so that a cell's code runs
// under go run.
//
// # Environment
//
//	WAVESCORE_CACHE     the folder that holds the one of Cached, wavescore/, instead of .cache/ at
//	                    the module's root
//	WAVESCORE_FIGURES   where Show saves its figures, instead of figures/NN at the root; the
//	                    runner of notebooks sets it
//	WAVESCORE_HEADLESS  1: nobody looks on, so no bars of progress and no live charts;
//	                    0: somebody does; without it 1 where WAVESCORE_FIGURES is set
//	WAVESCORE_ROOT      the module's root; set by the kernel's launcher
//	WAVESCORE_SET       settings from outside, with semicolons between them
package lab
