package main

import (
	"image"
	"image/color"
	"slices"
	"testing"
)

// Every notebook has the figure that the strip shows of it.
func TestNotebooksHaveTheirFigures(t *testing.T) {
	numbers, _, err := read("../..")
	if err != nil {
		t.Fatal(err)
	}
	for number := range figures {
		if !slices.Contains(numbers, number) {
			t.Errorf("there is no notebook %s", number)
		}
	}
}

// A figure lies in its place at its full width, whatever its size, and keeps its colour.
func TestSheet(t *testing.T) {
	blue := color.RGBA{0, 0, 255, 255}
	var numbers []string
	var pictures []image.Image
	for range columns + 1 {
		picture := image.NewRGBA(image.Rect(0, 0, 1800, 1000))
		for i := 0; i < len(picture.Pix); i += 4 {
			copy(picture.Pix[i:], []byte{blue.R, blue.G, blue.B, blue.A})
		}
		numbers, pictures = append(numbers, "00"), append(pictures, picture)
	}
	strip, err := sheet(numbers, pictures)
	if err != nil {
		t.Fatal(err)
	}
	inks := quantised(strip)
	for _, corner := range []struct{ left, top int }{{gap, number}, {gap + 3*(width+gap), number}, {gap, number + height + gap + number}} {
		const high = width * 1000 / 1800
		for _, at := range []struct {
			x, y   int
			inside bool
		}{{corner.left, corner.top, true}, {corner.left + width - 1, corner.top + high - 2, true}, {corner.left - 1, corner.top, false}, {corner.left + width, corner.top, false}} {
			r, g, b, _ := inks.At(at.x, at.y).RGBA()
			if got := (r == 0 && g == 0 && b == 0xffff); got != at.inside {
				t.Errorf("at %d, %d the colour is %x %x %x", at.x, at.y, r, g, b)
			}
		}
	}
}
