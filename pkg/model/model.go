package model

import (
	"encoding"
	"fmt"
	"os"

	"wavescore/internal/tensorfile"
	"wavescore/internal/wholefile"
	"wavescore/pkg/analytic"
	"wavescore/pkg/conditional"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/empirical"
	"wavescore/pkg/neural"
	"wavescore/pkg/patchmixture"
)

// marshaled is a denoiser that reads itself from bytes.
type marshaled interface {
	diffusion.Denoiser
	encoding.BinaryUnmarshaler
}

// kinds returns an empty denoiser of every kind by the text that marks its files.
func kinds() map[string]marshaled {
	return map[string]marshaled{
		"machine":     new(analytic.Machine),
		"conditional": new(conditional.Machine),
		"network":     new(neural.Network),

		patchmixture.FileText: new(patchmixture.Machine),

		empirical.IdealText:       new(empirical.Ideal),
		empirical.LocalText:       new(empirical.Local),
		empirical.CompositionText: new(empirical.Composition),
		empirical.PrincipalText:   new(empirical.Principal),
		empirical.SmoothedText:    new(empirical.Smoothed),
		empirical.PreselectedText: new(empirical.Preselected),
	}
}

// Open returns the denoiser in a file: an *analytic.Machine, a *conditional.Machine, a
// *patchmixture.Machine, a *neural.Network, or one of those of package empirical. Its errors name
// the file; that of a damaged one, or one of something else, says so before anything of its size is
// made.
func Open(path string) (diffusion.Denoiser, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	d, err := parse(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return d, nil
}

func parse(content []byte) (diffusion.Denoiser, error) {
	texts, err := tensorfile.Texts(content)
	if err != nil {
		return nil, err
	}
	for text, d := range kinds() {
		if texts[text] != "" {
			return d, d.UnmarshalBinary(content)
		}
	}
	return nil, fmt.Errorf("%w: it holds neither a machine nor a network", tensorfile.ErrDamaged)
}

// Load returns the model of a known kind in a file, for instance Load[neural.Classifier]. Its
// errors name the file.
func Load[T any, P interface {
	*T
	encoding.BinaryUnmarshaler
}](path string) (P, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	m := P(new(T))
	if err := m.UnmarshalBinary(content); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// Save writes a model to a file, whole or not at all.
func Save(path string, m encoding.BinaryMarshaler) error {
	content, err := m.MarshalBinary()
	if err != nil {
		return err
	}
	return wholefile.Write(path, content)
}
