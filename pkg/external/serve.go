package external

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"wavescore/internal/npy"
	"wavescore/pkg/diffusion"
)

// Serve is the other side of a Denoiser, for programs in Go: it denoises what comes in until the
// input ends.
//
//	func main() {
//		if err := external.Serve(os.Stdin, os.Stdout, halve); err != nil {
//			log.Fatal(err)
//		}
//	}
//
// Denoise writes to dst what it expects behind noisy, some images of a shape. Serve returns its
// error, and an error for input that is not as the package says.
func Serve(in io.Reader, out io.Writer, denoise func(dst, noisy []float64, shape diffusion.Shape, sigma float64) error) error {
	buffered := bufio.NewReaderSize(in, 1<<16)
	for {
		sigma, _, err := npy.Read(buffered, 1)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("external: the noise level: %w", err)
		case len(sigma) != 1:
			return errors.New("external: the noise level is an array without values")
		}
		noisy, sides, err := npy.Read(buffered, largest)
		if err != nil {
			return fmt.Errorf("external: the noisy images: %w", err)
		}
		if len(sides) != 4 {
			return fmt.Errorf("external: noisy images of the shape %v: want images x channels x rows x columns", sides)
		}
		dst := make([]float64, len(noisy))
		if err := denoise(dst, noisy, diffusion.Shape{C: sides[1], H: sides[2], W: sides[3]}, sigma[0]); err != nil {
			return err
		}
		pixels := make([]float32, len(dst))
		for i, v := range dst {
			pixels[i] = float32(v)
		}
		if _, err := out.Write(npy.Encode(pixels, sides...)); err != nil {
			return err
		}
	}
}

// largest is how many pixels Serve takes at a time: 1 GB of them.
const largest = 1 << 28
