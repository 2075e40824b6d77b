// Package neural holds the reference networks that machines are compared with: a small CNN and a
// small U-Net, trained to denoise, and what it takes to train them. A Network is a
// diffusion.Denoiser. A Classifier is a network of another kind, in whose features samples are
// compared.
//
// # Networks
//
// Both are stacks of residual blocks of 3x3 convolutions with SiLU, modulated by the noise level.
//
// A CNN works at one resolution and normalises nothing across space, so a pixel of its result
// depends on a window of known side (ReceptiveField) and on nothing else. With Circular padding
// it commutes with circular shifts; with Zero padding it can tell how far it is from an edge.
//
// A UNet works at several resolutions, each half as fine as the one before, and passes what it
// found on the way down to the way up; its activations are normalised in groups of channels (Wu
// and He, 2018).
//
// # Training
//
// Networks are trained as in Karras, Aittala, Aila and Laine, "Elucidating the Design Space of
// Diffusion-Based Generative Models" (2022): their preconditioning and their weights of the loss,
// noise levels whose logarithm is normal, Adam, and an average of the weights, which is what is
// kept. Each batch has one noise level from each of as many equally likely ranges as it has
// images. The learning rate rises, and then falls to zero as half a cosine.
//
// Everything is a function of the seeds: neither the number of cores nor a stop and a resumption
// changes a bit of the weights. The kernels of the BLAS library do: with the build tag openblas,
// which is some three times as fast, the bits are others than without, and may be others on
// another kind of processor.
//
// # Conventions
//
// Weights and activations are float32. Gradients are written out by hand, layer by layer, one
// image at a time: a layer is made with room for its results, keeps what its backward pass needs,
// and returns slices of its own that are good until it is used again. A graph is a network's
// layers for one image; each core has one of its own, and they share the weights. Convolutions
// are correlations, as everywhere in this field; the weights of a 3x3 convolution lie in files as
// [row][column][output][input].
package neural
