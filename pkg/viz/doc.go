// Package viz draws the figures of the notebooks: one value, shown live in a notebook and saved
// for a paper.
//
// A figure is a struct, written down where it is needed:
//
//	figure := viz.Lines{
//		Title:   "Denoising error",
//		Caption: "The error ends at the variance of the data.",
//		X:       viz.Axis{Label: "noise level σ (pixels in [-1, 1])", Log: true},
//		Y:       viz.Axis{Label: "mean squared error", Log: true},
//		Series:  []viz.Series{{Name: "independent", X: sigma, Y: errors}},
//	}
//
// # Kinds
//
//	[Lines]      curves, with bands            [HeatMap]  a matrix of numbers
//	[Scatter]    points, with error bars       [Joint]    how two quantities are distributed together
//	[Histogram]  densities of samples          [Grid]     a table of images
//	[Bars]       numbers by category           [Mosaic]   the wavelet coefficients of an image
//	[Panels]     several of these, side by side
//
// # Forms
//
// The static picture is drawn with gonum/plot's canvases: [WritePNG], [WriteSVG], and [Draw] for
// any other; package wavescore/pkg/viz/pdf writes PDF with it. [WriteCSV] writes the numbers
// behind it, and [Save] PNG, SVG, CSV and a page. In HTML every figure is the static picture
// first; [LiveHTML] adds a script that puts an ECharts chart in its place, with the same ranges,
// ticks, colours and labels, and the values under the mouse. A page or a notebook brings ECharts
// once, by [LibraryHTML], inlined from a local file so that nothing is asked of the network, or
// from its CDN. Grid and Mosaic are pictures also there. Where scripts do not run, or ECharts is
// not to be had, the picture stays. The same figure always gives the same bytes, PDF apart, which
// holds the time.
//
// # Conventions
//
// A figure is at most 900 CSS pixels wide, and a picture has two dots a pixel. An axis of numbers
// must say what it measures, with its unit. Series are told apart by the colours of Okabe and
// Ito, which the colour-blind can tell apart, and without colour by dashes and markers; amounts
// have the colours of viridis, signed numbers those of ColorBrewer's RdBu with white for zero.
// The legend lies above the data, never over them. Letters are drawn as shapes, so that a picture
// looks the same everywhere.
//
// A number that cannot be drawn truthfully - NaN, an infinity, a magnitude above 1e300, on a
// logarithmic axis what is below 1e-300 - is an error that names figure, series and index;
// nothing is left out silently. What an Axis with a set range leaves outside is cut off. Numbers
// that differ by less than 1e-9 of their size are drawn as equal ones are, in the middle of an
// axis.
//
// # Sources
//
// M. Okabe and K. Ito, Color Universal Design, 2008 (series). N. Smith and S. van der Walt, A
// Better Default Colormap for Matplotlib, SciPy 2015 (viridis). C. Brewer, ColorBrewer 2.0
// (RdBu). E. Simoncelli, Bayesian Denoising of Visual Images in the Wavelet Domain, 1999
// (conditional histograms). S. Mallat, A Wavelet Tour of Signal Processing, section 7.7
// (mosaics).
package viz
