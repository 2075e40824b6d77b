package parallel

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// For calls do once for every i in [0, n), on at most GOMAXPROCS goroutines. Each goroutine has a
// state of its own from newState, which holds the scratch memory of its iterations.
//
// Iterations begin in ascending order. Once one has failed, or ctx is cancelled, no other begins;
// For waits for those that run. It returns the error of the least i that failed, which is the
// same however many goroutines there are, or else ctx's. (errgroup.Group returns the error that
// came first, which is not.)
//
// A panic of an iteration is raised again by For, in the goroutine of its caller: with its own
// value where that is a typed error that the program can recover, and with a *PanicError, which
// holds the stack, where it is anything else.
func For[S any](ctx context.Context, n int, newState func() S, do func(state S, i int) error) error {
	l := loop{ctx: ctx, n: n, failedAt: n}
	work := func() {
		defer l.recover()
		state := newState()
		for i := l.next(); i < n; i = l.next() {
			if err := do(state, i); err != nil {
				l.fail(i, err)
			}
		}
	}
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) - 1 {
		workers.Go(work)
	}
	if n > 0 {
		work() // the caller's own goroutine is one of them
	}
	workers.Wait()
	if l.panicked != nil {
		panic(l.panicked)
	}
	if l.err != nil {
		return l.err
	}
	return ctx.Err()
}

// Each is For without a state.
func Each(ctx context.Context, n int, do func(i int) error) error {
	return For(ctx, n, func() struct{} { return struct{}{} }, func(_ struct{}, i int) error { return do(i) })
}

// loop is what the goroutines of a loop share.
type loop struct {
	ctx     context.Context
	n       int
	begun   atomic.Int64
	stopped atomic.Bool

	mu       sync.Mutex
	failedAt int // the least iteration that failed, or n
	err      error
	panicked any
}

// next returns the next iteration to begin, or n if there is none.
func (l *loop) next() int {
	if l.stopped.Load() || l.ctx.Err() != nil {
		return l.n
	}
	return min(int(l.begun.Add(1))-1, l.n)
}

func (l *loop) fail(i int, err error) {
	l.stopped.Store(true)
	l.mu.Lock()
	defer l.mu.Unlock()
	if i < l.failedAt {
		l.failedAt, l.err = i, err
	}
}

// recover keeps the first panic for the caller.
func (l *loop) recover() {
	value := recover()
	if value == nil {
		return
	}
	l.stopped.Store(true)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.panicked == nil {
		l.panicked = withStack(value)
	}
}

// PanicError is the value of the panic of For where an iteration panicked with what is not a
// typed error: a runtime error or a text. It holds the stack of that iteration, which the
// caller's would hide.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("%v\n\nin a worker of a parallel loop:\n%s", e.Value, e.Stack)
}

// Unwrap returns the value of the panic where it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

func withStack(value any) any {
	if _, isRuntime := value.(runtime.Error); !isRuntime {
		if err, ok := value.(error); ok {
			return err
		}
	}
	return &PanicError{Value: value, Stack: debug.Stack()}
}
