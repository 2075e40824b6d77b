package cache_test

import (
	"fmt"
	"os"
	"path/filepath"

	"wavescore/internal/cache"
)

// kept returns a value by a cache in a folder. It asks for its caller, which gives the source.
func kept(dir, name string, inputs any, compute func() (float64, error)) (float64, error) {
	root, err := filepath.Abs("../..")
	if err != nil {
		return 0, err
	}
	c := cache.Cache{Dir: dir, Root: root, Limit: 1 << 20}
	return cache.Get(c, cache.Caller(), name, inputs, compute)
}

// A slow value is computed once for each of its inputs.
func ExampleGet() {
	dir, err := os.MkdirTemp("", "cache")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	for _, degree := range []int{1, 3, 3} {
		value, err := kept(dir, "error", degree, func() (float64, error) {
			fmt.Println("computing degree", degree)
			return 1 / float64(degree+1), nil
		})
		fmt.Println(value, err)
	}
	// Output:
	// computing degree 1
	// 0.5 <nil>
	// computing degree 3
	// 0.25 <nil>
	// 0.25 <nil>
}
