package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wavescore/pkg/empirical"
	"wavescore/pkg/model"
)

// TestScoresOfTraining: every score of the training set is fitted, measured and sampled from. Where
// no side of patches is given, sides are chosen on images that are not kept.
func TestScoresOfTraining(t *testing.T) {
	dir, folder := blobs(t, 40, 28), t.TempDir()
	for family, flags := range map[string]string{
		"local-score": "--patch 5", "equivariant-local-score": "--patch 0.1:3,2:30 -n 8", "patch-posterior": "--patch 7",
		"pca-locality": "--threshold 0.1 --batch 16 --nearest 10", "smoothed": "--spread 0.1 --draws 2", "ideal": "",
	} {
		file := filepath.Join(folder, family)
		for _, args := range []string{
			"fit --family " + family + " --data " + dir + " " + flags + " -o " + file,
			"eval " + file + " --data " + dir + " -n 2 --sigma 0.5",
			"sample " + file + " -n 2 --steps 3 -o " + file + ".npy",
		} {
			if _, err := wavescore(t, strings.Fields(args)...); err != nil {
				t.Errorf("%s: %v", args, err)
			}
		}
	}
	file := filepath.Join(folder, "chosen")
	if _, err := wavescore(t, "fit", "--family", "local-score", "--data", dir, "-o", file); err != nil {
		t.Fatal(err)
	}
	local, err := model.Load[empirical.Local](file)
	if err != nil {
		t.Fatal(err)
	}
	train, kept := 33, local.Images().Len() // of 40 pictures every sixth is for tests
	if kept >= train || len(local.Sides().Sigmas) != len(chosenAt) {
		t.Errorf("%d of %d images are kept, with sides %v", kept, train, local.Sides())
	}
}

func TestScoresOfTrainingMistakes(t *testing.T) {
	dir, file := blobs(t, 40, 28), filepath.Join(t.TempDir(), "machine")
	for _, test := range []struct{ args, says string }{
		{"local-score --patch x", "SIGMA:SIDE"},
		{"local-score --patch 0", "sides of patches: 0"},
		{"local-score --patch 1:3,0.5:5", "ascending"},
		{"local-score --edge round", "no effect"},
		{"local-score --degree 3", "no effect"},
		{"local-score -n 1", "--patch"},
		{"equivariant-local-score --patch 3 --edge mirror", "border or round"},
		{"pca-locality --threshold 7", "threshold"},
		{"pca-locality --patch 3", "no effect"},
		{"smoothed --draws 0", "draw"},
		{"ideal --patch 3", "no effect"},
		{"ideal --nearest=-1", "--nearest -1"},
		{"smoothed --nearest 5", "no effect"},
	} {
		from := dir
		if !strings.HasSuffix(test.args, "-n 1") {
			from = filepath.Join(dir, "nowhere") // the mistake is found before images are looked for
		}
		_, err := wavescore(t, strings.Fields("fit --data "+from+" -o "+file+" --family "+test.args)...)
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", test.args, err)
		}
		if _, err := os.Stat(file); err == nil {
			t.Fatalf("%s: a file is written", test.args)
		}
	}
}
