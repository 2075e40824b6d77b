package lab

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"wavescore/pkg/dataset"
)

// settingsVariable names the environment variable that holds settings from outside, as
// Settings.Env writes them.
const settingsVariable = "WAVESCORE_SET"

// settable are the fields of a Run that can be set from outside, in its order.
var settable = []string{"Data", "Side", "Train", "Test", "Seed"}

// Settings are values of a Run from outside a notebook, which replace those that the notebook
// gives. The zero value sets nothing.
type Settings struct {
	names  []string // the fields that are set, in the order of settable
	values Run
}

// ParseSettings reads settings such as Data=fashion-mnist and Train=2000. Data is the name of an
// image set that is on this machine or a folder of pictures; a relative path counts from the
// working folder and is made absolute. A name that cannot be set, a value that cannot be used and
// a name given twice are errors that say what is accepted.
func ParseSettings(list []string) (Settings, error) {
	var s Settings
	for _, text := range list {
		name, value, found := strings.Cut(text, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if !found || !slices.Contains(settable, name) {
			return Settings{}, fmt.Errorf("%q cannot be set: want NAME=VALUE with one of the names %s, such as Data=fashion-mnist or Train=2000",
				text, strings.Join(settable, ", "))
		}
		if slices.Contains(s.names, name) {
			return Settings{}, fmt.Errorf("%s is set twice, to %v and to %s", name, s.values.field(name), value)
		}
		s.names = append(s.names, name)
		if err := s.values.parse(name, value); err != nil {
			return Settings{}, err
		}
	}
	slices.SortFunc(s.names, func(a, b string) int { return slices.Index(settable, a) - slices.Index(settable, b) })
	return s, nil
}

// fromOutside returns the settings of the environment.
func fromOutside() (Settings, error) {
	var list []string
	for _, text := range strings.Split(os.Getenv(settingsVariable), ";") {
		if strings.TrimSpace(text) != "" {
			list = append(list, text)
		}
	}
	s, err := ParseSettings(list)
	if err != nil {
		return s, fmt.Errorf("lab: %s: %w", settingsVariable, err)
	}
	return s, nil
}

// Env returns the settings as the environment variable WAVESCORE_SET holds them:
// Data=fashion-mnist;Train=2000.
func (s Settings) Env() string { return s.join(";") }

// String returns the settings for a reader.
func (s Settings) String() string { return s.join(", ") }

func (s Settings) join(separator string) string {
	var list []string
	for _, name := range s.names {
		list = append(list, fmt.Sprintf("%s=%v", name, s.values.field(name)))
	}
	return strings.Join(list, separator)
}

// Apply returns the run with the values that are set in the place of its own.
func (s Settings) Apply(run Run) Run {
	for _, name := range s.names {
		run.field(name).Set(s.values.field(name))
	}
	return run
}

func (r *Run) field(name string) reflect.Value { return reflect.ValueOf(r).Elem().FieldByName(name) }

// parse sets one field to the value of a text.
func (r *Run) parse(name, value string) (err error) {
	switch name {
	case "Data":
		r.Data, err = findData(value)
	case "Side":
		if r.Side, err = strconv.Atoi(value); err != nil || checkSide(r.Side) != nil {
			err = fmt.Errorf("setting Side=%s: want a multiple of %d, in pixels", value, sideStep)
		}
	case "Seed":
		if r.Seed, err = strconv.ParseUint(value, 10, 64); err != nil {
			err = fmt.Errorf("setting Seed=%s: want a whole number from 0", value)
		}
	default: // Train, Test
		n, wrong := strconv.Atoi(value)
		if wrong != nil || n < 0 {
			err = fmt.Errorf("%s=%s: want a number of images, 0 for all there are", name, value)
		}
		r.field(name).SetInt(int64(n))
	}
	return err
}

// sideStep is what the side of a run's images is a multiple of: so they can be halved four times,
// as notebooks expect.
const sideStep = 16

func checkSide(side int) error {
	if side < sideStep || side%sideStep != 0 {
		return fmt.Errorf("lab: Side is %d: want a multiple of %d, in pixels", side, sideStep)
	}
	return nil
}

// findData returns the name of a known set that is on this machine, or the absolute path of a
// folder.
func findData(value string) (string, error) {
	if set, known := dataset.FindSet(value); known {
		if _, found := set.Find(); !found {
			return "", fmt.Errorf("setting Data=%s: the set is not on this machine: run \"wavescore data get %s\", or set WAVESCORE_DATA to a folder that has %s",
				value, value, set.Folder)
		}
		return value, nil
	}
	if slices.Contains(dataset.Names(), value) {
		return value, nil
	}
	var looked []string
	for _, place := range places(value) {
		place, err := filepath.Abs(place)
		if err != nil {
			return "", fmt.Errorf("setting Data=%s: %w", value, err)
		}
		info, err := os.Stat(place)
		switch {
		case err == nil && info.IsDir() && strings.Contains(place, ";"):
			return "", fmt.Errorf("setting Data=%s: a semicolon in the path of a folder ends the setting; rename the folder", value)
		case err == nil && info.IsDir():
			return place, nil
		case err == nil:
			return "", fmt.Errorf("setting Data=%s: %s is a file: want the folder that it is in", value, place)
		case !errors.Is(err, fs.ErrNotExist):
			return "", fmt.Errorf("setting Data=%s: %w", value, err)
		}
		looked = append(looked, place)
	}
	return "", fmt.Errorf("setting Data=%s: want one of the sets %s, or a folder of pictures; there is no folder %s",
		value, strings.Join(dataset.Names(), ", "), strings.Join(looked, " or "))
}

// places are where dataset.Open looks for a folder of one's own, in order.
func places(data string) []string {
	if strings.ContainsAny(data, `/\`) {
		return []string{data}
	}
	var places []string
	for _, folder := range dataset.Folders() {
		places = append(places, filepath.Join(folder, data))
	}
	return append(places, data)
}
