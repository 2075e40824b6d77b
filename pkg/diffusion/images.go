package diffusion

// Images is a source of clean images of one shape: what package dataset's Images is.
type Images interface {
	// Len returns the number of images.
	Len() int
	// Size returns the number of pixels of one image, channels included.
	Size() int
	// Batch writes images from to to-1 to dst, row-major, pixels in [-1, 1], and returns it. A
	// nil dst is allocated.
	Batch(dst []float64, from, to int) []float64
}

// Identified are Images that know what they are a part of, so that no image is counted twice
// under two names, and different images of one name are told apart.
type Identified interface {
	Images

	// Identity returns a digest of the set that the images are of, and the index in it of the
	// first. Two sets of one digest hold the same images in the same order.
	Identity() (digest string, from int)
}

// IdentityOf returns the identity of images, or "" for those that have none.
func IdentityOf(images Images) (digest string, from int) {
	if i, ok := images.(Identified); ok {
		return i.Identity()
	}
	return "", 0
}
