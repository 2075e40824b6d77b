// Package experiment compares denoisers of one image set over noise levels, as the notebooks do:
// closed-form machines, mixtures, networks and the ideal score, by their errors, by what they
// explain of each other, by their fingerprints and by their samples.
//
// A Denoiser is a name and a recipe: which network, which machine of how many train images. A
// Study says where denoisers meet: the images of a run, the noise levels, the number of test
// images. It makes each denoiser when it is first needed, and keeps what it has measured in the
// cache of package lab, so that the next cell, or another notebook, reads it:
//
//	var (
//		mimic  = experiment.Machine("U-Net mimic", analytic.UNetMimic(), 4000)
//		wiener = experiment.Wiener(10000)
//		study  = &experiment.Study{Run: run, Sigmas: []float64{.1, .5, 2}, Images: 200}
//	)
//	lab.Show("errors", study.Errors(wiener, mimic, wiener))
//
// What is kept is known by all that it depends on: of a network its weights, of a machine its
// structure and the train images, but not the denoiser's name. A denoiser of another kind is one
// whose Recipe makes it; so does package risk with the machines of its benches.
//
// # Walks and quality
//
// Walks say how denoisers draw images: by which sampler, along which noise levels, from which
// noise, the same for all. They have the samples, the states on the way, and what can be measured
// of them:
//
//	walks := experiment.Walks{Run: run, Images: 128, Seed: 1, Tests: 2000,
//		Sampler: diffusion.Heun{}, Schedule: diffusion.Karras{}, Steps: 20, Low: 0.02, High: 80}
//	lab.Show("samples", walks.Grid(8, wiener, experiment.FamilyMachine("combined", 3, 5, 10000)))
//
// A Quality judges a SampleSet, images that denoisers have drawn: how far they are from the test
// images, and whether they are copies of train images. Sizes ask how many images a Learner needs
// until what it learns of two halves agrees.
//
// # Figures and tables
//
// The methods of a Study and of Walks that return a figure or a Table take the denoisers that are
// to be in it, in the order in which they are to be drawn. They leave the caption to the notebook.
// Points carry the 95 % intervals of a bootstrap over the test images, or over the walks, seeded by
// the run's seed.
//
// # Errors
//
// The functions here follow those of package lab: what goes wrong stops the cell, by lab.Must.
// An empty study, or an index beyond its noise levels, is a mistake in the program and panics.
package experiment
