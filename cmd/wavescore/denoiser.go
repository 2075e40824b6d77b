package main

import (
	"fmt"
	"os"

	"wavescore/internal/tensorfile"
	"wavescore/pkg/analytic"
	"wavescore/pkg/conditional"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/neural"
)

// openDenoiser opens a machine that 'wavescore fit' wrote or a network that 'wavescore train' wrote.
func openDenoiser(path string) (diffusion.Denoiser, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	d, err := parseDenoiser(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return d, nil
}

func parseDenoiser(content []byte) (diffusion.Denoiser, error) {
	file, err := tensorfile.Decode(content)
	if err != nil {
		return nil, err
	}
	switch {
	case file.Text["machine"] != "":
		return analytic.ParseMachine(content)
	case file.Text["conditional"] != "":
		machine := new(conditional.Machine)
		return machine, machine.UnmarshalBinary(content)
	case file.Text["network"] != "":
		return neural.Parse(content)
	}
	return nil, fmt.Errorf("holds neither a machine nor a network")
}
