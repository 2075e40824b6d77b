package lab

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"

	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/wavelet"
)

// Name is what the run's images are called in labels: the name of the set, or of the folder
// without those above it.
func (r Run) Name() string { return filepath.Base(r.Data) }

// TrainImages returns the images to learn from, Side x Side pixels each: the same set whenever a
// cell asks, which must not be changed. Images that are smaller are padded with black. Larger ones
// are cut into tiles that do not overlap, in a mixed order, always the same one, so that the first
// of them show many pictures. A set that cannot be read stops the cell, and so does a cache that
// has no place: a Run belongs to a checkout.
func (r Run) TrainImages() *dataset.Images { return r.images(dataset.Train, r.Train) }

// TestImages returns the images to test on as TrainImages does those to learn from. No machine may
// learn from them.
func (r Run) TestImages() *dataset.Images { return r.images(dataset.Test, r.Test) }

// fitted holds what this program has opened: functions that return images, by the selection.
var fitted sync.Map

// images returns the images of a part. They are opened and fitted to the run's side once; after
// that they lie in the cache, from where a cell maps them into its memory: 55 000 images of 32 x 32
// take four seconds to read and pad, and none to map.
func (r Run) images(split dataset.Split, n int) *dataset.Images {
	if r.Files == "" {
		r.Files = files(r.Data) // of a run that Setup did not make
	}
	selection := Selection{r.Data, r.Files, split, r.Side, n}
	read, _ := fitted.LoadOrStore(selection, sync.OnceValue(func() *dataset.Images {
		return Must1(Cached("images", selection, func() (*dataset.Images, error) {
			first := n
			if set := r.imageSet(); set.Height > r.Side || set.Width > r.Side {
				first = 0 // all are cut into tiles, whose order is mixed
			}
			images, err := dataset.OpenFirst(r.Data, split, first)
			if err != nil {
				return nil, err
			}
			return squares(images, r.Side, n)
		}))
	}))
	return read.(func() *dataset.Images)()
}

// squares returns the first n images of side x side pixels that a set gives, padded or cut; all
// where n is 0.
func squares(set *dataset.Images, side, n int) (*dataset.Images, error) {
	height, width := max(set.Height, side), max(set.Width, side)
	if height == side && width == side && n > 0 {
		set = set.Slice(0, min(n, set.Len())) // the others need no padding
	}
	var err error
	if set.Height < height || set.Width < width {
		if set, err = set.Pad(height, width); err != nil {
			return nil, err
		}
	}
	if height > side || width > side {
		if set, err = set.Tiles(side, side); err != nil {
			return nil, err
		}
		set = set.Shuffle(tileOrder)
	}
	if n > 0 {
		set = set.Slice(0, min(n, set.Len()))
	}
	return set, nil
}

// tileOrder is the seed of the order of tiles.
const tileOrder = 1

// Shape returns the shape of the run's images. It is cheap enough for a global variable.
func (r Run) Shape() diffusion.Shape {
	return diffusion.Shape{C: r.imageSet().Channels, H: r.Side, W: r.Side}
}

// Layout returns the layout of the wavelet coefficients of the run's images, on so many levels, or
// as many as their side can be halved if these are fewer. It is as cheap as Shape.
func (r Run) Layout(levels int) wavelet.Layout {
	for levels > 0 && r.Side%(1<<levels) != 0 {
		levels--
	}
	s := r.Shape()
	return Must1(wavelet.NewLayout(s.C, s.H, s.W, levels))
}

// Counts returns how many images TrainImages and TestImages return. It is as cheap as Shape.
func (r Run) Counts() (train, test int) {
	count := func(wanted, pictures int) int {
		all := pictures * r.imageSet().tiles(r.Side)
		if wanted > 0 {
			return min(wanted, all)
		}
		return all
	}
	return count(r.Train, r.imageSet().Train), count(r.Test, r.imageSet().Test)
}

// imageSet is what an image set holds, before padding and cutting.
type imageSet struct{ Channels, Height, Width, Train, Test int }

var imageSets sync.Map // of func() imageSet, by name and files

// imageSet opens both parts of the run's set, once for as long as its files stay what they are.
func (r Run) imageSet() imageSet {
	read, _ := imageSets.LoadOrStore([2]string{r.Data, r.Files}, sync.OnceValue(func() imageSet {
		if r.Data == "digits" {
			one := dataset.Digits(1, 0)
			return imageSet{one.Channels, one.Height, one.Width, dataset.DigitsTrain, dataset.DigitsTest}
		}
		return Must1(Cached("image-set", []string{r.Data, r.Files}, func() (imageSet, error) {
			test, err := dataset.Open(r.Data, dataset.Test)
			if err != nil {
				return imageSet{}, err
			}
			train, err := dataset.Open(r.Data, dataset.Train)
			if err != nil {
				return imageSet{}, err
			}
			if train.Channels != test.Channels || train.Height != test.Height || train.Width != test.Width {
				return imageSet{}, fmt.Errorf("lab: the train images of %s are %dx%dx%d (channels x height x width), its test images %dx%dx%d: want one size, "+
					"and all grey or all colour", r.Data, train.Channels, train.Height, train.Width, test.Channels, test.Height, test.Width)
			}
			return imageSet{train.Channels, train.Height, train.Width, train.Len(), test.Len()}, nil
		}))
	}))
	return read.(func() imageSet)()
}

// tiles returns how many images of side x side pixels one of the set becomes.
func (s imageSet) tiles(side int) int { return max(s.Height/side, 1) * max(s.Width/side, 1) }

// describe says what the images are, and what becomes of them.
func (s imageSet) describe(side int) string {
	text := fmt.Sprintf("%d x %d pixels, %s", s.Height, s.Width, map[int]string{1: "grey", 3: "colour"}[s.Channels])
	if s.Height < side || s.Width < side {
		text += fmt.Sprintf(", padded with black to %d x %d", max(s.Height, side), max(s.Width, side))
	}
	switch n := s.tiles(side); {
	case n > 1:
		text += fmt.Sprintf(", each cut into %d tiles of %d x %d", n, side, side)
	case s.Height > side || s.Width > side:
		text += fmt.Sprintf(", of which the middle %d x %d are used", side, side)
	}
	return text
}

// fewImages is how many images weights of one coefficient alone need at least: ten for each of
// some 74 features.
const fewImages = 740

// Facts shows what this run works on and where it runs, and prepares the page for live charts. It
// opens the set; one that cannot be read stops the cell.
func (r Run) Facts() {
	if r.Wanted != "" {
		Text("**%s was not found on this machine, so this run uses procedural digits.** "+
			"To use it, run `wavescore data get %s`, or set `WAVESCORE_DATA` to a folder that holds `%s/`.", r.Wanted, r.Wanted, r.Wanted)
	}
	s := r.imageSet()
	rows := [][]any{
		{"images", fmt.Sprintf("%s: %s", r.Data, s.describe(r.Side))},
		{"train / test", fmt.Sprintf("%s / %s", r.used(r.Train, s.Train), r.used(r.Test, s.Test))},
		{"seed", fmt.Sprint(r.Seed)},
		{"machine", fmt.Sprintf("%s/%s, %d cores, %s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())},
	}
	if outside := Must1(fromOutside()).String(); outside != "" {
		rows = append(rows, []any{"set from outside", outside})
	}
	Table([]string{"run", ""}, rows...)
	for _, sentence := range r.advice() {
		Text("%s", sentence)
	}
	if gonbui.IsNotebook && !headless() {
		display(map[protocol.MIMEType]any{protocol.MIMETextHTML: LiveLibrary()}, nil)
	}
}

// used says how many of a part's images a run takes.
func (r Run) used(wanted, pictures int) string {
	all := pictures * r.imageSet().tiles(r.Side)
	switch {
	case wanted == 0 || wanted == all:
		return fmt.Sprintf("all %d", all)
	case wanted > all:
		return fmt.Sprintf("all %d (%d were asked for)", all, wanted)
	}
	return fmt.Sprintf("%d of %d", wanted, all)
}

// advice are sentences that say what to change where the set does not suit the notebooks.
func (r Run) advice() (sentences []string) {
	s := r.imageSet()
	n, _ := r.Counts()
	if n < fewImages {
		help := []string{"more pictures"}
		if r.Train > 0 && r.Train < fewImages {
			help = append(help, "a larger `Train`")
		}
		if smaller := r.Side - sideStep; smaller > 0 && s.tiles(smaller) > s.tiles(r.Side) {
			help = append(help, fmt.Sprintf("a smaller `Side` (%d), which cuts more tiles from a picture", smaller))
		}
		sentences = append(sentences, fmt.Sprintf("**%d images are few to learn from.** A machine with weights of its own for every coefficient has up to "+
			"74 features, and wants ten images for each: here its weights follow single images. What helps: %s.", n, strings.Join(help, ", or ")))
	}
	if r.Side%(2*sideStep) != 0 {
		sentences = append(sentences, fmt.Sprintf("A side of %d pixels can be halved 4 times: where a notebook asks for 5 levels it gets 4. Five take a multiple of %d.",
			r.Side, 2*sideStep))
	}
	return sentences
}
