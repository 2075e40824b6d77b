// Package notebooks runs the project's notebooks headless and publishes what they show.
//
// It is a Jupyter client of its own, small because it talks to one kernel and runs cells in
// order: it starts the kernel by the same kernelspec as Jupyter does, sends it the code cells
// over ZeroMQ, and gathers the outputs. Against nbconvert this needs no Python, knows the cell
// that runs and its line that fails, keeps what a program wrote before it panicked, and has the
// kernel, the compiler and the cell's program in one process group, so that ending a run is one
// call. Such a run takes a second or two where nothing is to compute.
//
// # Conventions
//
// Cells are numbered as Jupyter numbers them: code cells from 1. A cell of declarations alone
// goes to the kernel together with one that runs something; its outputs, if its variables' values
// write any, are shown there.
//
// Up to four running cells share a program, unless Options.Apart says otherwise, because a program
// costs more than a second to build: their main functions become functions that one main function
// calls in turn, with lab.NextCell between them. Variables at package level are then set once,
// before the first of them runs, and keep what a cell does to them until the last has run. Cells
// that print, exit or hold commands for GoNB run alone, and so do all cells after a declaration of
// such a kind.
//
// A cell must show a picture for each call of lab.Show in its main function (which a %% line
// begins) that stands in no branch, loop or function literal. lab.Show names the figure in the
// output's metadata.
//
// # Source
//
// The notebook format is https://nbformat.readthedocs.io, version 4; the protocol
// https://jupyter-client.readthedocs.io/en/stable/messaging.html, version 5.3.
package notebooks
