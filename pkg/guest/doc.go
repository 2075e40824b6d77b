// Package guest lets any denoiser take part in the comparisons of package experiment, beside
// machines and networks: one written in a cell of a notebook, or a program of Python that package
// external runs.
//
//	mine := guest.Of("median", func(shape diffusion.Shape) (diffusion.Denoiser, error) {
//		return median{shape}, nil
//	})
//	lab.Show("errors", study.Errors(wiener, mine, wiener))
//
// What is measured of a guest is kept in the cache of package lab, and is known by what the guest
// does: by its answers to a few noisy images. So it is measured anew when its code changes, or the
// weights that it reads, wherever these are. A change that those answers do not show is not seen.
//
// # Mistakes
//
// Check finds what would spoil a comparison: answers that are not finite, or that differ from one
// call to the next, or that depend on the other images of a batch, as those of a network that is
// still being trained do. A guest is checked before it is first used, and one that fails stops the
// cell.
package guest
