// Package wavescore is the root of a laboratory for one question: which statistics of the data
// does a diffusion model's score really need? The code is in the packages below pkg; README.md is
// their map. This package holds only the example that it shows.
package wavescore
