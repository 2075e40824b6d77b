package lab_test

import (
	"fmt"
	"os"

	"wavescore/pkg/lab"
)

// A slow value is computed once, here and in every other program that asks for the same.
func ExampleCached() {
	dir := lab.Must1(os.MkdirTemp("", "cache"))
	defer os.RemoveAll(dir)
	os.Setenv("WAVESCORE_CACHE", dir)
	defer os.Unsetenv("WAVESCORE_CACHE")

	type inputs struct {
		Family string
		Degree int
	}
	for _, degree := range []int{1, 3, 3} {
		error := lab.Must1(lab.Cached("error", inputs{"independent", degree}, func() (float64, error) {
			fmt.Println("computing degree", degree)
			return 1 / float64(degree+1), nil
		}))
		fmt.Println(error)
	}
	// Output:
	// computing degree 1
	// 0.5
	// computing degree 3
	// 0.25
	// 0.25
}

func ExampleTable() {
	lab.Table([]string{"family", "error"}, []any{"independent", 0.0123456}, []any{"local-coupled", 0.0098765})
	// Output:
	// family         error
	// independent    0.01235
	// local-coupled  0.009876
}
