// Package pdf writes figures as PDF, for papers:
//
//	err := pdf.Write(file, figure)
//
// It is a package of its own because the writer of PDF is large, and the cells of a notebook, which
// have no use for it, are linked anew each time they run. Two PDF of one figure differ in the time
// that they hold.
package pdf
