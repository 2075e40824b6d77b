package parallel_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"

	"wavescore/internal/parallel"
)

func none() struct{} { return struct{}{} }

func TestForCallsEveryIterationOnce(t *testing.T) {
	for _, cores := range []int{1, 2, 7} {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
		for _, n := range []int{0, 1, 2, 1000} {
			counts := make([]atomic.Int64, n)
			var states atomic.Int64
			err := parallel.For(t.Context(), n, func() int64 { return states.Add(1) }, func(_ int64, i int) error {
				counts[i].Add(1)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			for i := range counts {
				if c := counts[i].Load(); c != 1 {
					t.Fatalf("%d cores: iteration %d of %d ran %d times", cores, i, n, c)
				}
			}
			if most := int64(min(cores, n)); states.Load() > most {
				t.Errorf("%d cores and %d iterations: %d states, want at most %d", cores, n, states.Load(), most)
			}
		}
	}
}

// Whichever goroutine is first, the error is that of the least iteration that fails.
func TestForReturnsTheErrorOfTheLeastIteration(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(8))
	for range 200 {
		err := parallel.Each(t.Context(), 100, func(i int) error {
			if i >= 13 && i%2 == 1 {
				return fmt.Errorf("iteration %d", i)
			}
			runtime.Gosched()
			return nil
		})
		if err == nil || err.Error() != "iteration 13" {
			t.Fatalf("got %v, want that of iteration 13", err)
		}
	}
}

func TestForStopsWhenItsContextIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var begun atomic.Int64
	err := parallel.Each(ctx, 1<<40, func(int) error { // a loop that would never end
		if begun.Add(1) == 5 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

type lengthError int

func (lengthError) Error() string { return "length" }

func TestForRaisesPanicsInItsCaller(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	raised := func(do func(int) error) (value any) {
		defer func() { value = recover() }()
		_ = parallel.Each(t.Context(), 50, do)
		return nil
	}
	if got := raised(func(i int) error {
		if i == 40 {
			panic(lengthError(i))
		}
		return nil
	}); got != lengthError(40) {
		t.Errorf("a typed error came back as %v", got)
	}
	got := raised(func(i int) error {
		var empty []int
		return fmt.Errorf("%d", empty[i])
	})
	var panicked *parallel.PanicError
	if err, ok := got.(error); !ok || !errors.As(err, &panicked) || len(panicked.Stack) == 0 {
		t.Fatalf("a runtime error came back as %v", got)
	}
	var bounds runtime.Error
	if !errors.As(panicked, &bounds) {
		t.Errorf("the runtime error is not within %v", panicked.Value)
	}
}

func ExampleFor() {
	squares := make([]int, 5)
	err := parallel.For(context.Background(), len(squares), none, func(_ struct{}, i int) error {
		squares[i] = i * i
		return nil
	})
	fmt.Println(squares, err)
	// Output: [0 1 4 9 16] <nil>
}
