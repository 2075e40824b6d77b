package lab

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wavescore/pkg/dataset"
)

func TestSettings(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("WAVESCORE_DATA", "")
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join("photos", "one.png"), "")
	given := Run{Data: "mnist", Side: 16, Train: 10, Test: 20, Seed: 1}
	for _, c := range []struct {
		list []string
		want Run
		env  string
	}{
		{nil, given, ""},
		{[]string{"Train=2000"}, Run{Data: "mnist", Side: 16, Train: 2000, Test: 20, Seed: 1}, "Train=2000"},
		{[]string{"Test=0", " Data = digits "}, Run{Data: "digits", Side: 16, Train: 10, Seed: 1}, "Data=digits;Test=0"},
		{[]string{"Side=64", "Seed=18446744073709551615"}, Run{Data: "mnist", Side: 64, Train: 10, Test: 20, Seed: 1<<64 - 1}, "Side=64;Seed=18446744073709551615"},
		{[]string{"Data=./photos"}, Run{Data: here + "/photos", Side: 16, Train: 10, Test: 20, Seed: 1}, "Data=" + here + "/photos"},
		{[]string{"Data=photos"}, Run{Data: here + "/photos", Side: 16, Train: 10, Test: 20, Seed: 1}, "Data=" + here + "/photos"},
	} {
		s, err := ParseSettings(c.list)
		if err != nil {
			t.Errorf("%q: %v", c.list, err)
			continue
		}
		if got := s.Apply(given); got != c.want {
			t.Errorf("%q: got %+v, want %+v", c.list, got, c.want)
		}
		if s.Env() != c.env {
			t.Errorf("%q: in the environment %q, want %q", c.list, s.Env(), c.env)
		}
		t.Setenv(settingsVariable, s.Env())
		t.Chdir(t.TempDir()) // as a notebook runs elsewhere
		if back, err := fromOutside(); err != nil || back.Apply(given) != c.want {
			t.Errorf("%q: from outside %+v, %v", c.list, back.Apply(given), err)
		}
		t.Chdir(here)
	}
}

func TestSettingsRefused(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("WAVESCORE_DATA", "")
	write(t, filepath.Join("photos", "one.png"), "")
	for list, want := range map[string]string{
		"train=1":               `"train=1" cannot be set: want NAME=VALUE with one of the names Data, Side, Train, Test, Seed`,
		"Wanted=mnist":          "one of the names Data, Side",
		"2000":                  "want NAME=VALUE",
		"":                      "want NAME=VALUE",
		"Train=lots":            "Train=lots: want a number of images, 0 for all",
		"Test=-1":               "Test=-1: want a number of images",
		"Test=1.5":              "Test=1.5: want a number of images",
		"Side=28":               "Side=28: want a multiple of 16",
		"Side=0":                "Side=0: want a multiple of 16",
		"Side=":                 "Side=: want a multiple of 16",
		"Seed=-1":               "Seed=-1: want a whole number from 0",
		"Data=mnits":            "Data=mnits: want one of the sets " + strings.Join(dataset.Names(), ", ") + ", or a folder of pictures; there is no folder",
		"Data=./nowhere":        "nowhere",
		"Data=cifar10":          `the set is not on this machine: run "wavescore data get cifar10"`,
		"Data=photos/one.png":   "is a file: want the folder that it is in",
		"Train=1 Test=2 Train=": "Train is set twice, to 1 and to",
	} {
		s, err := ParseSettings(strings.SplitAfter(list, " "))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want an error with %q", list, err, want)
		}
		if s.Apply(Run{}) != (Run{}) {
			t.Errorf("%q: something is set in spite of the error", list)
		}
	}
}

// A cell stops at settings that cannot be used, with what the command says of them.
func TestSetupTakesSettings(t *testing.T) {
	t.Setenv(settingsVariable, "Data=digits;Side=48;")
	if run := Setup(Run{Data: "mnist", Train: 3}); run.Data != "digits" || run.Side != 48 || run.Train != 3 {
		t.Errorf("got %+v", run)
	}
	for _, c := range []struct {
		env, want string
		run       Run
	}{
		{"Train=lots", "WAVESCORE_SET: Train=lots: want a number of images", Run{}},
		{"", "Side is 20: want a multiple of 16", Run{Side: 20}},
	} {
		t.Setenv(settingsVariable, c.env)
		func() {
			defer func() {
				if err, _ := recover().(error); err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("%q: panicked with %v, want %q", c.env, err, c.want)
				}
			}()
			Setup(c.run)
		}()
	}
}
