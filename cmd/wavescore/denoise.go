package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/floats"

	"wavescore/data/machines"
	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/metrics"
	"wavescore/pkg/model"
	"wavescore/pkg/patchmixture"
	"wavescore/pkg/shrinkage"
)

type denoiseCommand struct {
	Files     []string `arg:"" type:"path" help:"Pictures (PNG, JPEG or .npy), or one folder of them. Without --machine and --method the first file is a machine that 'wavescore fit' wrote, or a network that 'wavescore train' wrote."`
	Machine   string   `placeholder:"NAME" help:"Denoise by a machine: photo, which the program brings along, for grey pictures of any size; or a file."`
	Method    string   `placeholder:"NAME" help:"Denoise without a machine, pictures of any size, by what they show themselves: ${methods}."`
	Sigma     string   `required:"" placeholder:"SIGMA" help:"Standard deviation of the noise: a number, of pixels in [-1, 1]; 25/255, a share of the way from black to white; or auto, an estimate for each picture."`
	Colour    string   `default:"" enum:",opponent,grey" help:"What a machine for grey pictures makes of a colour picture: opponent (denoise luminance and two differences of colours) or grey (the grey picture)."`
	Reference string   `type:"existingfile" placeholder:"FILE" help:"The clean picture: print how far from it the noisy and the denoised one are."`
	Seed      *uint64  `help:"Add noise of that standard deviation first, drawn from this seed; the picture is its own --reference."`
	Noisy     string   `type:"path" placeholder:"FILE" help:"Write the noisy picture of --seed too; only a .npy has its values beyond black and white."`
	Out       string   `short:"o" required:"" type:"path" placeholder:"FILE" help:"The denoised picture, a .png, .jpg or .npy, or the folder for those of several pictures, under their names."`

	denoiser diffusion.Denoiser // nil with --method
	sigma    float64            // 0 is auto
	tile     int                // pixels of a side

	distances [][2]distance // of the noisy and the denoised pictures, where they are known
}

// jpegQuality is high, as what is looked at is what was denoised.
const jpegQuality = 95

// photoMachine is the name of the machine that the program brings along.
const photoMachine = "photo"

// openMachine opens the machine of a file, or the one that the program brings along.
func openMachine(name string) (diffusion.Denoiser, error) {
	if name != photoMachine {
		return model.Open(name)
	}
	m := new(patchmixture.Machine)
	if err := m.UnmarshalBinary(machines.Photo); err != nil {
		return nil, fmt.Errorf("the machine %s of this program: %w", name, err)
	}
	return m, nil
}

// parseSigma returns the noise level of --sigma for pixels in [-1, 1], and 0 for auto.
func parseSigma(text string) (float64, error) {
	if text == "auto" {
		return 0, nil
	}
	wrong := fmt.Errorf("--sigma %s: want a positive number, of pixels in [-1, 1], a share of the way from black to white like 25/255, or auto", text)
	above, below, isShare := strings.Cut(text, "/")
	sigma, err := strconv.ParseFloat(above, 64)
	if err != nil {
		return 0, wrong
	}
	if isShare {
		whole, err := strconv.ParseFloat(below, 64)
		if err != nil {
			return 0, wrong
		}
		sigma *= 2 / whole
	}
	if diffusion.CheckSigma(sigma) != nil {
		return 0, wrong
	}
	return sigma, nil
}

func (c *denoiseCommand) Run(ctx context.Context) error {
	inputs, outputs, err := c.check()
	if err != nil {
		return err
	}
	if c.Method == "" {
		if c.denoiser, err = openMachine(c.Machine); err != nil {
			return err
		}
	}
	for i, in := range inputs {
		if err := c.denoise(ctx, i, in, outputs[i]); err != nil {
			if errors.Is(err, context.Canceled) && i > 0 {
				return interrupted{fmt.Sprintf("interrupted; %d of %d pictures are written", i, len(inputs))}
			}
			return err
		}
	}
	if n := float64(len(c.distances)); n > 1 {
		var before, after distance
		for _, d := range c.distances {
			before.squared, before.psnr = before.squared+d[0].squared/n, before.psnr+d[0].psnr/n
			after.squared, after.psnr = after.squared+d[1].squared/n, after.psnr+d[1].psnr/n
		}
		fmt.Printf("mean of %.0f pictures: noisy %v; denoised %v\n", n, before, after)
	}
	return nil
}

// check returns the pictures to read and to write, or an error for arguments that cannot be used.
func (c *denoiseCommand) check() (inputs, outputs []string, err error) {
	if c.sigma, err = parseSigma(c.Sigma); err != nil {
		return nil, nil, err
	}
	if c.tile == 0 {
		c.tile = 512
	}
	for _, path := range c.Files {
		if _, err := os.Stat(path); err != nil {
			return nil, nil, err
		}
	}
	inputs = c.Files
	switch {
	case c.Machine != "" && c.Method != "":
		return nil, nil, errors.New("--machine and --method: want one of them")
	case c.Method != "":
		if err := shrinkage.CheckMethod(c.Method); err != nil {
			return nil, nil, err
		}
	case c.Machine == "":
		if len(inputs) < 2 {
			return nil, nil, errors.New("want a machine and an image, or --machine photo or --method bm3d and an image")
		}
		c.Machine, inputs = inputs[0], inputs[1:]
	}
	switch {
	case c.sigma == 0 && c.Seed != nil:
		return nil, nil, errors.New("--sigma auto --seed: how much noise is to be added? give --sigma a number")
	case c.Noisy != "" && c.Seed == nil:
		return nil, nil, errors.New("--noisy is the picture with the noise of --seed; there is no --seed")
	case c.Reference != "" && c.Seed != nil:
		return nil, nil, errors.New("--reference --seed: a picture that noise is added to is its own reference; want one of them")
	}
	folder := ""
	if info, err := os.Stat(inputs[0]); err == nil && info.IsDir() {
		folder = inputs[0]
		if len(inputs) > 1 {
			return nil, nil, fmt.Errorf("%s is a folder: want one folder, or files", folder)
		}
		if inputs, err = picturesOf(folder); err != nil {
			return nil, nil, err
		}
	}
	for _, in := range inputs {
		if info, err := os.Stat(in); err == nil && info.IsDir() {
			return nil, nil, fmt.Errorf("%s is a folder: want one folder, or files", in)
		}
	}
	if folder == "" && len(inputs) == 1 {
		outputs = []string{c.Out}
		if info, err := os.Stat(c.Out); err == nil && info.IsDir() {
			outputs[0] = filepath.Join(c.Out, filepath.Base(inputs[0]))
		}
	} else {
		if c.Reference != "" || c.Noisy != "" {
			return nil, nil, errors.New("--reference and --noisy are for a single picture")
		}
		if info, err := os.Stat(c.Out); err == nil && !info.IsDir() {
			return nil, nil, fmt.Errorf("-o %s: want a folder for %d pictures", c.Out, len(inputs))
		}
		for _, in := range inputs {
			outputs = append(outputs, filepath.Join(c.Out, filepath.Base(in)))
		}
	}
	written, read := slices.Clone(outputs), slices.Clone(inputs)
	if c.Noisy != "" {
		written = append(written, c.Noisy)
	}
	for _, path := range written {
		if _, err := extension(path, pictureEndings...); err != nil {
			return nil, nil, err
		}
	}
	if c.Machine != "" && c.Machine != photoMachine {
		read = append(read, c.Machine)
	}
	if c.Reference != "" {
		read = append(read, c.Reference)
	}
	if len(outputs) > 1 || folder != "" {
		if err := os.MkdirAll(c.Out, 0o755); err != nil {
			return nil, nil, fmt.Errorf("-o %s: %w", c.Out, err)
		}
	}
	return inputs, outputs, checkOutputs(written, read)
}

// picturesOf returns the pictures of a folder, and says what is left out.
func picturesOf(folder string) (paths []string, err error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if !entry.IsDir() && isPicture(entry.Name()) {
			paths = append(paths, filepath.Join(folder, entry.Name()))
		}
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("%s has no pictures: want files that end in %s", folder, strings.Join(pictureEndings, ", "))
	}
	if others := len(entries) - len(paths); others > 0 {
		fmt.Fprintf(os.Stderr, "%s: %d pictures; %d others are left out\n", folder, len(paths), others)
	}
	return paths, nil
}

// denoise denoises picture i.
func (c *denoiseCommand) denoise(ctx context.Context, i int, in, out string) error {
	p, err := readPicture(in)
	if err != nil {
		return err
	}
	if p.Channels == 3 && c.denoiser != nil && c.denoiser.Shape().C == 1 {
		switch c.Colour {
		case "grey":
			p.Images = p.Grey()
		case "":
			return fmt.Errorf("%s is a colour picture, and the machine is for grey ones: --colour opponent denoises its luminance and its differences of colours, "+
				"--colour grey its grey picture", in)
		}
	}
	var reference *dataset.Images
	if c.Seed != nil {
		reference = p.Images
	}
	if c.Reference != "" {
		clean, err := readPicture(c.Reference)
		if err != nil {
			return err
		}
		if reference = clean.Images; p.Channels == 1 && clean.Channels == 3 {
			reference = clean.Grey()
		}
		if reference.Channels != p.Channels || reference.Height != p.Height || reference.Width != p.Width {
			return fmt.Errorf("--reference %s is %dx%dx%d (channels x height x width), and %s is %dx%dx%d", c.Reference,
				reference.Channels, reference.Height, reference.Width, in, p.Channels, p.Height, p.Width)
		}
	}
	noisy := p.Batch(nil, 0, 1)
	sigma := c.sigma
	if c.Seed != nil {
		rnd := rand.New(rand.NewPCG(*c.Seed, uint64(i)))
		for p := range noisy {
			noisy[p] += sigma * rnd.NormFloat64()
		}
	}
	if sigma == 0 {
		sigma, err = shrinkage.EstimateNoise(noisy, diffusion.Shape{C: p.Channels, H: p.Height, W: p.Width})
		if err != nil {
			return fmt.Errorf("%s: --sigma auto: %w", in, err)
		}
		fmt.Printf("%s: sigma %.4f, that is %.1f/255, by estimate\n", in, sigma, sigma*127.5)
	}
	denoised, err := c.denoised(ctx, p.Images, noisy, sigma)
	if err != nil {
		return fmt.Errorf("%s: %w", in, err)
	}
	if reference != nil {
		before, after := distanceTo(reference, noisy), distanceTo(reference, denoised)
		fmt.Printf("%s: noisy %v; denoised %v\n", in, before, after)
		c.distances = append(c.distances, [2]distance{before, after})
	}
	if c.Noisy != "" {
		if err := (picture{withPixels(p.Images, noisy), p.bits}).write(c.Noisy); err != nil {
			return err
		}
	}
	return picture{withPixels(p.Images, denoised), p.bits}.write(out)
}

// denoised returns what is expected behind the noisy pixels of an image.
func (c *denoiseCommand) denoised(ctx context.Context, of *dataset.Images, noisy []float64, sigma float64) ([]float64, error) {
	shape := diffusion.Shape{C: of.Channels, H: of.Height, W: of.Width}
	d := c.denoiser
	if c.Method != "" {
		byMethod, err := shrinkage.Method(c.Method, shape, shrinkage.Spin)
		if err != nil {
			return nil, err
		}
		defer working("denoising")()
		return diffusion.Denoised(ctx, byMethod, noisy, sigma)
	}
	if shape.C == 3 && d.Shape().C == 1 {
		var err error
		if d, err = diffusion.Opponent(d); err != nil {
			return nil, err
		}
	}
	if anySize, ok := d.(diffusion.AnySize); ok {
		done, report := progressBar("denoising", "tiles")
		defer done()
		tiles, err := diffusion.Tiles(anySize, shape, c.tile, report)
		if err != nil {
			return nil, err
		}
		return diffusion.Denoised(ctx, tiles, noisy, sigma)
	}
	defer working("denoising")()
	whole, err := fitting(withPixels(of, noisy), d.Shape())
	if err != nil {
		return nil, err
	}
	padded, err := diffusion.Denoised(ctx, d, whole.Batch(nil, 0, 1), sigma)
	if err != nil {
		return nil, err
	}
	// The padding is cut off again: it is split as Pad splits it.
	outer := d.Shape()
	top, left := (outer.H-shape.H)/2, (outer.W-shape.W)/2
	denoised := make([]float64, len(noisy))
	for i := range denoised {
		channel, row, column := i/(shape.H*shape.W), i/shape.W%shape.H, i%shape.W
		denoised[i] = padded[(channel*outer.H+top+row)*outer.W+left+column]
	}
	return denoised, nil
}

// withPixels returns an image with other pixels.
func withPixels(of *dataset.Images, pixels []float64) *dataset.Images {
	image := &dataset.Images{Name: of.Name, Channels: of.Channels, Height: of.Height, Width: of.Width, Pixels: make([]float32, len(pixels))}
	for i, v := range pixels {
		image.Pixels[i] = float32(v)
	}
	return image
}

// distance is how far a picture is from the clean one: the mean squared error per pixel of [-1, 1],
// and the peak signal-to-noise ratio, in decibels, of the picture clipped to black and white.
type distance struct{ squared, psnr float64 }

func (d distance) String() string {
	return fmt.Sprintf("%.2f dB (PSNR), error %.6f per pixel", d.psnr, d.squared)
}

// distanceTo returns the distance of pixels to those of a clean picture.
func distanceTo(clean *dataset.Images, pixels []float64) distance {
	want := clean.Batch(nil, 0, 1)
	apart := floats.Distance(pixels, want, 2)
	return distance{apart * apart / float64(len(want)), metrics.PSNR(pixels, want)}
}

// fitting returns images as a machine of a fixed size takes them: padded to its height and width.
func fitting(images *dataset.Images, shape diffusion.Shape) (*dataset.Images, error) {
	if images.Channels != shape.C {
		return nil, fmt.Errorf("%s has %d channels; the machine takes %v images (channels x height x width)", images.Name, images.Channels, shape)
	}
	if images.Height > shape.H || images.Width > shape.W {
		return nil, fmt.Errorf("%s is %dx%d (width x height), larger than the machine's %dx%d: take smaller images, a machine that was "+
			"fitted to images of this size, or one for any size: --machine photo, or what 'wavescore fit --family patch-mixture' writes",
			images.Name, images.Width, images.Height, shape.W, shape.H)
	}
	return images.Pad(shape.H, shape.W)
}
