// Package risk compares dependency families of closed-form machines by their exact risks, as
// notebooks 03 to 06 do. The risk of a machine is its mean squared error over images and noise. It
// follows from moments of the images alone: no noise is drawn, so two families that differ by a
// thousandth are told apart (analytic.Machine.Risk has the formula).
//
// A Bench is where families meet. It collects the table of moments of the largest family, and reads
// those of all families within it from there:
//
//	bench := &risk.Bench{Run: run, Filter: "haar", Levels: 5, Largest: gated.With(combined), Sigmas: sigmas}
//	bench.Wins([]moments.Family{linear, gated}, independent, localCoupled).Table().Show()
//
// Wins say where one family beats another, with intervals that are paired over groups of test
// images. An Ablation leaves kinds of terms out of a machine, and a Truncation sets the joint
// cumulants above an order to zero, both without another pass over the images.
//
// Parts hold the moments of disjoint parts of the train images, which tell how the risk depends on
// the ridge and on the number of images. A Truth is a field of images whose score is known: there a
// machine's score is compared with the score itself.
//
// What is computed is kept in the cache of package lab, by all that it depends on. What goes wrong
// stops the cell, as in package experiment.
package risk
