package external

import "syscall"

const (
	setPipeSize = 1031    // F_SETPIPE_SZ of fcntl(2)
	pipeSize    = 1 << 20 // bytes, as many as a pipe may have without privileges
)

// enlarge lets a pipe hold a batch, where the system can: with the 64 kB that it has at first, a
// batch goes through in pieces, and both sides wait for each other as often.
func enlarge(pipe any) {
	file, ok := pipe.(syscall.Conn)
	if !ok {
		return
	}
	if raw, err := file.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { _, _, _ = syscall.Syscall(syscall.SYS_FCNTL, fd, setPipeSize, pipeSize) })
	}
}
