package lab

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wavescore/pkg/model"
	"wavescore/pkg/neural"
)

// The reference networks that ship are found by the name of their set and can be read.
func TestNetworkFindsWhatShips(t *testing.T) {
	for _, data := range []string{"mnist", "fashion-mnist", "digits"} {
		for name := range networks {
			path, found := Run{Data: data}.Network(name)
			if !found {
				t.Errorf("no %s of %s: %s", name, data, path)
				continue
			}
			var err error
			if name == "classifier" {
				_, err = model.Load[neural.Classifier](path)
			} else {
				_, err = model.Load[neural.Network](path)
			}
			if err != nil {
				t.Errorf("%s of %s: %v", name, data, err)
			}
		}
	}
}

// A folder of images has the networks of its name, and what is missing is told with the command
// that makes it.
func TestTellMissing(t *testing.T) {
	root := t.TempDir()
	t.Setenv("WAVESCORE_ROOT", root)
	run := Run{Data: filepath.Join(root, "my pictures")}
	networks := filepath.Join(root, "data", "networks")
	write(t, filepath.Join(networks, "cnn-zero-my pictures.safetensors"), "there")
	if err := os.Mkdir(filepath.Join(networks, "classifier-my pictures.safetensors"), 0o755); err != nil {
		t.Fatal(err)
	}
	told := printed(t, func() { run.TellMissing("unet", "cnn-zero", "classifier") })
	for _, want := range []string{
		"There is no U-Net of these images",
		"`wavescore train --arch unet --data '" + run.Data + "' -o 'data/networks/unet-my pictures.safetensors'`",
		"There is no classifier", // a folder of that name is no network
	} {
		if !strings.Contains(told, want) {
			t.Errorf("%q is not in %q", want, told)
		}
	}
	if strings.Contains(told, "zero") {
		t.Errorf("what is there is missing: %q", told)
	}
}

// Every command that TellMissing names is one that the command line has: its words are those of
// data/networks/README.md.
func TestTrainOptionsAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../data/networks/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, network := range networks {
		if !strings.Contains(string(text), "wavescore "+network.command+" --data mnist -o FILE") {
			t.Errorf("%s: README.md of the networks has no %q", name, network.command)
		}
	}
}

// printed returns what a function writes to standard output.
func printed(t *testing.T, do func()) string {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "stdout"))
	if err != nil {
		t.Fatal(err)
	}
	stdout := os.Stdout
	os.Stdout = file
	defer func() { os.Stdout = stdout; file.Close() }()
	do()
	text, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
