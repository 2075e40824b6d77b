package lab

// Must stops the cell when something went wrong: it panics with err, and the notebook shows the
// message and the line. The runner counts such a cell as failed.
func Must(err error) {
	if err != nil {
		panic(err)
	}
}

// Must1 returns value, or stops the cell as Must does: set := lab.Must1(dataset.Open("mnist",
// dataset.Test)).
func Must1[T any](value T, err error) T {
	Must(err)
	return value
}

// Must2 is Must1 for two values.
func Must2[T, U any](value1 T, value2 U, err error) (T, U) {
	Must(err)
	return value1, value2
}
