// Package external makes a denoiser of a program that runs beside this one: one in Python, say,
// with a network of PyTorch in it.
//
//	d, err := external.New(diffusion.Shape{C: 1, H: 32, W: 32}, external.Settings{},
//		"python3", "environment/denoiser.py", "mynetwork.py")
//	defer d.Close()
//	err = d.Denoise(ctx, denoised, noisy, 0.5)
//
// # What the program must do
//
// It reads arrays from its standard input as NumPy writes them (format 1.0, float32, row-major),
// and writes such arrays to its standard output. Two come in for each one that goes out:
//
//	in:   sigma, without sides; noisy images, N x channels x rows x columns, pixels in [-1, 1]
//	out:  denoised images, of the same shape, float32 or float64
//
// It goes on until its input ends. What it writes to its standard error goes into the error where
// it fails. environment/denoiser.py is such a program, for any function of Python, and Serve makes
// one of a function of Go. Package guest lets either take part in the comparisons of package
// experiment.
package external
