package dataset

import "errors"

// The dead leaves that stand in for natural images: radii in pixels, images that each are cut into
// leafTiles tiles.
const (
	smallestLeaf, largestLeaf = 3, 64
	leafTiles                 = 16
)

// Scenes returns at most n grey tiles of side x side pixels in a mixed order that the seed gives:
// of natural images where those are on this machine, or else of dead leaves, which share their
// power law. The set's Name says which. It returns the error of natural images that are there and
// cannot be read, or are smaller than a tile, and of a side that is not positive.
func Scenes(side, n int, seed uint64) (*Images, error) {
	scenes, err := Open("natural", Train)
	if errors.Is(err, ErrNotFound) {
		scenes, err = leafScenes(side, n, seed)
	}
	if err != nil {
		return nil, err
	}
	tiles, err := scenes.Grey().Tiles(side, side)
	if err != nil {
		return nil, err
	}
	return tiles.Shuffle(seed).Slice(0, min(n, tiles.Len())), nil
}

// leafScenes returns dead leaves that can be cut into n tiles or more.
func leafScenes(side, n int, seed uint64) (*Images, error) {
	leaves, err := NewDeadLeaves(4*side, 4*side, smallestLeaf, largestLeaf)
	if err != nil {
		return nil, err
	}
	return leaves.Draw(n/leafTiles+1, seed), nil
}
