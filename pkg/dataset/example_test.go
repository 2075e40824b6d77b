package dataset_test

import (
	"bytes"
	"errors"
	"fmt"

	"wavescore/pkg/dataset"
)

// An IDX file of two images of 2x3 pixels, padded and cut short.
func ExampleReadIDX() {
	file := []byte{
		0, 0, 8, 3, // unsigned bytes in three dimensions
		0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3,
		0, 51, 102, 153, 204, 255,
		255, 204, 153, 102, 51, 0,
	}
	images, err := dataset.ReadIDX(bytes.NewReader(file), "tiny")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d images of %dx%d\n", images.Len(), images.Height, images.Width)
	fmt.Printf("%.1f\n", images.Batch(nil, 0, 1))

	padded, err := images.Pad(4, 4)
	if err != nil {
		fmt.Println(err)
		return
	}
	for row := range padded.Height {
		fmt.Printf("%4.1f\n", padded.Batch(nil, 0, 1)[4*row:4*row+4])
	}

	_, err = dataset.ReadIDX(bytes.NewReader(file[:25]), "tiny")
	fmt.Println(err)
	// Output:
	// 2 images of 2x3
	// [-1.0 -0.6 -0.2 0.2 0.6 1.0]
	// [-1.0 -1.0 -1.0 -1.0]
	// [-1.0 -0.6 -0.2 -1.0]
	// [ 0.2  0.6  1.0 -1.0]
	// [-1.0 -1.0 -1.0 -1.0]
	// dataset: tiny: at byte 25: expected the pixels of 2 images of 2x3, found the end of the file
}

// Where a set has not been downloaded, procedural digits can stand in for it.
func ExampleOpen() {
	train, err := dataset.Open("mnist", dataset.Train)
	if errors.Is(err, dataset.ErrNotFound) {
		train, err = dataset.Open("digits", dataset.Train)
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d images of %dx%d, %d classes\n", train.Len(), train.Height, train.Width, len(train.Classes))
	// Output: 60000 images of 28x28, 10 classes
}
