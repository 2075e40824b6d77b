package dataset

import (
	"fmt"
	"sync"
	"unsafe"

	"github.com/cespare/xxhash/v2"
)

// origin is the set that images were taken from.
type origin struct {
	digest func() string // computed once for all slices
	known  bool          // it has been computed
}

// Identity returns a digest of the set that the images are of, 64 bits in hexadecimal, and the
// index in it of the first. Slices of a set have its digest and their own place in it, also after
// Pad, Resize and Grey, which change every image alike; other names, labels and classes change
// nothing. It implements diffusion.Identified.
func (s *Images) Identity() (digest string, from int) {
	return s.source().digest(), s.begin()
}

// source returns what the images are of: themselves, where nothing else is known, as for other
// pixels put into a copy of a set.
func (s *Images) source() *origin {
	if s.origin != nil && len(s.Pixels) > 0 && &s.Pixels[0] == s.first {
		return s.origin
	}
	return s.asOrigin()
}

// of says that the images are of an origin, from an index on. The pixels are there.
func (s *Images) of(o *origin, from int) {
	s.origin, s.from = o, from
	if len(s.Pixels) > 0 {
		s.first = &s.Pixels[0]
	}
}

// begin returns the index of the first image in the source.
func (s *Images) begin() int {
	if s.source() != s.origin {
		return 0
	}
	return s.from
}

// asOrigin returns the images as an origin of their own, whose digest is computed when it is
// first asked for.
func (s *Images) asOrigin() *origin {
	pixels, shape := s.Pixels, [...]int{s.Channels, s.Height, s.Width}
	return &origin{digest: sync.OnceValue(func() string {
		all := xxhash.New()
		fmt.Fprint(all, shape)
		if len(pixels) > 0 {
			all.Write(unsafe.Slice((*byte)(unsafe.Pointer(&pixels[0])), 4*len(pixels)))
		}
		return fmt.Sprintf("%016x", all.Sum64())
	})}
}

// identify makes the images an origin of their own, and computes its digest at once: what is made
// from them then need not keep their pixels to know its own. It takes some hundredths of a second
// for the largest sets.
func (s *Images) identify() *Images {
	if s.origin != nil && s.origin.known {
		return s
	}
	s.of(s.asOrigin(), 0)
	s.origin.digest()
	s.origin.known = true
	return s
}

// changed returns the origin of images made from those of s, image by image, as the change says.
func (s *Images) changed(format string, args ...any) *origin {
	before, change := s.source(), fmt.Sprintf(format, args...)
	digest := func() string {
		return fmt.Sprintf("%016x", xxhash.Sum64(fmt.Appendf(nil, "%s %s", before.digest(), change)))
	}
	if before.known {
		known := digest()
		return &origin{digest: func() string { return known }, known: true}
	}
	return &origin{digest: sync.OnceValue(digest)}
}
