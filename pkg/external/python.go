package external

import (
	"os/exec"
	"sync"
)

// Python returns a Python that can import modules, such as "numpy" or "numpy, torch": the first of
// some programs, and then of the python3 of the PATH and that of the system. Found is false where
// none can.
func Python(modules string, first ...string) (program string, found bool) {
	for _, program := range append(first, "python3", "/usr/bin/python3") {
		if imports(program, modules) {
			return program, true
		}
	}
	return "", false
}

// imports reports whether a program is a Python that can import modules. It is asked once.
func imports(program, modules string) bool {
	can, _ := asked.LoadOrStore([2]string{program, modules}, sync.OnceValue(func() bool {
		return exec.Command(program, "-c", "import "+modules).Run() == nil
	}))
	return can.(func() bool)()
}

var asked sync.Map // func() bool by program and modules
