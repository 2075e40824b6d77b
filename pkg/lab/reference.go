package lab

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Reference returns the path of a file that belongs to the run's image set, data/FOLDER/NAME-SET
// and an ending, and whether it is there: r.Reference("samples", "unet", ".idx.gz") are samples
// of the U-Net of these images. SET is the name of the set, or that of its folder.
func (r Run) Reference(folder, name, ending string) (path string, found bool) {
	path = filepath.Join(Must1(ModuleRoot()), "data", folder, name+"-"+r.Name()+ending)
	info, err := os.Stat(path)
	return path, err == nil && info.Mode().IsRegular()
}

// Network returns the path of a reference network of the run's images, "unet", "cnn-circular",
// "cnn-zero" or "classifier", and whether there is one. All are of images of 32 x 32: a run of
// another Side has none.
func (r Run) Network(name string) (path string, found bool) {
	path, found = r.Reference("networks", name, ".safetensors")
	return path, found && (r.Side == networkSide || r.Side == 0)
}

// networkSide is the side of the images of the reference networks.
const networkSide = 32

// networks are what can be asked for by name: what a reader calls it, and the subcommand of
// wavescore that makes one.
var networks = map[string]struct{ title, command string }{
	"unet":         {"U-Net", "train --arch unet"},
	"cnn-circular": {"circular CNN", "train --arch cnn --padding circular --show 120000"},
	"cnn-zero":     {"zero-padded CNN", "train --arch cnn --padding zero --show 120000"},
	"classifier":   {"classifier", "classifier"},
}

// TellMissing shows a paragraph for each of the named networks that the run's images have none
// of: what is left out, and the command that trains it. It shows nothing where all are there. A
// name that Network does not list is a panic.
func (r Run) TellMissing(names ...string) {
	for _, name := range names {
		network, known := networks[name]
		if !known {
			panic(fmt.Sprintf("lab: no kind of network is called %q", name))
		}
		path, found := r.Network(name)
		if found {
			continue
		}
		if r.Side != networkSide && r.Side != 0 {
			Text("**There is no %s of images of %d x %d, so what needs it is left out.** The networks are of %d x %d.",
				network.title, r.Side, r.Side, networkSide, networkSide)
			continue
		}
		if root, err := filepath.Rel(Must1(ModuleRoot()), path); err == nil {
			path = root
		}
		Text("**There is no %s of these images, so what needs it is left out.** `wavescore %s --data %s -o %s` trains one.",
			network.title, network.command, quoted(r.Data), quoted(path))
	}
}

// quoted returns a word as a shell takes it.
func quoted(word string) string {
	if strings.ContainsAny(word, " '\"$&;()<>|*?[]#~`\\\t\n") {
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	return word
}
