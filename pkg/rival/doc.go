// Package rival puts the other analytic denoisers beside the machines of moments, as notebook 11
// does: the scores of the training set that theories of diffusion models are made of (package
// empirical), and the classics of wavelet shrinkage, which know no training set (package
// shrinkage).
//
// Each is an experiment.Denoiser, a name and a recipe, and so goes through every measure of a
// Study:
//
//	least := &rival.Choice{Sigmas: sigmas, Sides: []int{1, 3, 5, 7, 11, 15, 31}, Images: 12}
//	local := rival.Patches(rival.LocalScore, 5000, least)
//	classic := rival.Classic("sure-let")
//	study.RatioTable(unet, local, rival.PCALocality(1000, locality), classic, unet).Show()
//
// The side of the patches of a theory is chosen at each noise level by a Choice, on train images
// that the theory does not see, so that it explains a network best or errs least.
//
// # Tables and figures
//
// ExplainedTable says how much of networks denoisers explain in the two definitions in use, which
// published numbers mix. CostTable and ErrorAgainstNumbers ask what a denoiser holds, and what that
// buys. SampleTable compares images drawn from the same noise, as Kamb and Ganguli do. Photographs
// measures the classics as papers on photographs do.
package rival
