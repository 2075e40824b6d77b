package dataset

import (
	"errors"
	"io/fs"
	"testing"

	"wavescore/data"
)

// FuzzManifest reads manifests that nobody wrote with care, and asks of their sets what does not
// need the network.
func FuzzManifest(f *testing.F) {
	for _, seed := range [][]byte{data.Manifest, nil, []byte("[]"), []byte(`[{"name":"a","files":[{"name":"b.gz","bytes":-1,"holds":[]}]}]`)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		sets, err := parseManifest(text)
		if err != nil {
			return
		}
		dir := t.TempDir()
		for _, s := range sets {
			s.Size()
			s.byHand()
			if err := s.check(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
				var format *FormatError
				var path *fs.PathError
				if !errors.As(err, &format) && !errors.As(err, &path) {
					t.Errorf("%q: %v", s.Name, err)
				}
			}
		}
	})
}
