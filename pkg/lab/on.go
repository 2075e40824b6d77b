package lab

import "wavescore/pkg/dataset"

// On returns the run on another image set, known by its name, and whether that is on this machine.
func (r Run) On(data string) (other Run, found bool) {
	set, known := dataset.FindSet(data)
	if known {
		_, found = set.Find()
	}
	if found = found || data == "digits"; !found {
		return r, false
	}
	r.Data, r.Wanted, r.Files = data, "", files(data)
	return r, true
}
