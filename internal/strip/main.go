// Strip writes notebooks/strip.png: one figure of each notebook with the notebook's number, as the
// README shows them. It takes the figures from the notebooks as they are committed, and runs at the
// module's root:
//
//	go run ./internal/strip
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"log"
	"os"
	"strings"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"wavescore/internal/notebooks"
)

// figures names the figure of each notebook by its number. A notebook that is not here gives its
// first.
var figures = map[string]string{
	"00": "denoised", "01": "mosaics", "02": "pairs", "03": "scores", "04": "heat", "05": "error-curves",
	"06": "ablation", "07": "families", "08": "receptive-fields", "09": "samples", "10": "frechet", "12": "digit",
	"11": "samples", "15": "walks", "16": "one-image", "17": "noise",
}

// Sizes in dots of the picture.
const (
	columns       = 4
	width, height = 392, 270 // of a figure at most
	number        = 34       // height of the line above it
	gap           = 12
	largest       = 300_000 // bytes of the file
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("strip: ")
	numbers, shown, err := read(".")
	if err != nil {
		log.Fatal(err)
	}
	strip, err := sheet(numbers, shown)
	if err != nil {
		log.Fatal(err)
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, quantised(strip)); err != nil {
		log.Fatal(err)
	}
	if out.Len() > largest {
		log.Fatalf("the picture has %d bytes, and at most %d are wanted: make its figures smaller", out.Len(), largest)
	}
	if err := os.WriteFile("notebooks/strip.png", out.Bytes(), 0o644); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("notebooks/strip.png: %d figures, %d x %d, %d bytes\n", len(shown), strip.Bounds().Dx(), strip.Bounds().Dy(), out.Len())
}

// read returns the numbers of the notebooks of the module at root, and a figure of each.
func read(root string) (numbers []string, shown []image.Image, err error) {
	entries, err := notebooks.Find(root, false)
	if err != nil {
		return nil, nil, err
	}
	for _, e := range entries {
		n, err := notebooks.ReadNotebook(e.Path)
		if err != nil {
			return nil, nil, err
		}
		figure, err := figureOf(n, figures[e.Number])
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", e.Path, err)
		}
		numbers, shown = append(numbers, e.Number), append(shown, figure)
	}
	return numbers, shown, nil
}

// figureOf returns the figure of a name in a notebook, or for no name the first.
func figureOf(n *notebooks.Notebook, name string) (image.Image, error) {
	var names []string
	for _, c := range n.Cells {
		for _, o := range c.Outputs {
			var metadata struct{ Wavescore notebooks.Figure }
			if o.Data["image/png"] == nil || json.Unmarshal(o.Metadata, &metadata) != nil || metadata.Wavescore.Name == "" {
				continue
			}
			names = append(names, metadata.Wavescore.Name)
			if name == "" || name == metadata.Wavescore.Name {
				var text notebooks.Text
				if err := json.Unmarshal(o.Data["image/png"], &text); err != nil {
					return nil, err
				}
				picture, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(string(text), "\n", ""))
				if err != nil {
					return nil, err
				}
				return png.Decode(bytes.NewReader(picture))
			}
		}
	}
	if len(names) == 0 {
		return nil, errors.New("it shows no figure")
	}
	return nil, fmt.Errorf("it has no figure %q; it has %s", name, strings.Join(names, ", "))
}

// sheet puts the figures into rows, each under its number.
func sheet(numbers []string, figures []image.Image) (*image.RGBA, error) {
	bold, err := opentype.Parse(gobold.TTF)
	if err != nil {
		return nil, err
	}
	face, err := opentype.NewFace(bold, &opentype.FaceOptions{Size: 20, DPI: 72})
	if err != nil {
		return nil, err
	}
	rows := (len(figures) + columns - 1) / columns
	strip := image.NewRGBA(image.Rect(0, 0, columns*(width+gap)+gap, rows*(number+height+gap)))
	draw.Draw(strip, strip.Bounds(), image.White, image.Point{}, draw.Src)
	for i, figure := range figures {
		left, top := gap+i%columns*(width+gap), i/columns*(number+height+gap)
		text := font.Drawer{Dst: strip, Src: image.NewUniform(color.Gray{0x30}), Face: face, Dot: fixed.P(left, top+number-10)}
		text.DrawString(numbers[i])
		size := figure.Bounds().Size()
		scale := min(float64(width)/float64(size.X), float64(height)/float64(size.Y))
		w, h := int(scale*float64(size.X)), int(scale*float64(size.Y))
		left += (width - w) / 2
		draw.CatmullRom.Scale(strip, image.Rect(left, top+number, left+w, top+number+h), figure, figure.Bounds(), draw.Over, nil)
	}
	return strip, nil
}

// quantised returns a picture of at most 256 colours: those of a cube of six steps a channel, and
// greys between. Text and curves need no more, and the file is a third as large.
func quantised(picture image.Image) *image.Paletted {
	var palette color.Palette
	for i := range 216 {
		palette = append(palette, color.RGBA{uint8(i / 36 * 51), uint8(i / 6 % 6 * 51), uint8(i % 6 * 51), 255})
	}
	for i := range 40 {
		palette = append(palette, color.Gray{uint8(6 + i*6)})
	}
	out := image.NewPaletted(picture.Bounds(), palette)
	draw.Draw(out, out.Bounds(), picture, image.Point{}, draw.Src)
	return out
}
