package notebooks

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/go-zeromq/zmq4"
)

// A kernel is a running Jupyter kernel and the client's side of its sockets
// (https://jupyter-client.readthedocs.io/en/stable/messaging.html). The kernel, the compiler it
// calls and the programs it runs are one process group, which stop ends.
type kernel struct {
	command *exec.Cmd
	temp    string        // its temporary folder
	sockets string        // the folder of its sockets, the same unless that name is too long
	stderr  *bytes.Buffer // read after exited only
	exited  chan struct{}
	close   context.CancelFunc

	key          []byte
	shell, iopub zmq4.Socket
	published    chan *message // what arrives on iopub
}

// message is a Jupyter message.
type message struct {
	Header, Parent header
	Content        json.RawMessage
}

type header struct {
	ID      string `json:"msg_id"`
	Session string `json:"session"`
	User    string `json:"username"`
	Date    string `json:"date"`
	Type    string `json:"msg_type"`
	Version string `json:"version"`
}

// longestFolder is the length of the longest folder that sockets can be in: systems take 103 to
// 107 bytes with a socket's own name.
const longestFolder = 90

// startKernel starts the kernel of a kernelspec folder for programs that run in dir with the
// given variables besides ours.
func startKernel(ctx context.Context, spec, dir string, env ...string) (*kernel, error) {
	folder, err := filepath.Abs(os.TempDir()) // the kernel runs in another folder than this process
	if err != nil {
		return nil, err
	}
	temp, err := os.MkdirTemp(folder, "wavescore-")
	if err != nil {
		return nil, err
	}
	k := &kernel{temp: temp, sockets: temp, stderr: new(bytes.Buffer), exited: make(chan struct{}), published: make(chan *message, 100)}
	if len(temp) > longestFolder {
		if k.sockets, err = os.MkdirTemp("/tmp", "wavescore-"); err != nil {
			return nil, errors.Join(fmt.Errorf("no socket fits into %s, whose name is too long, nor is there a folder in /tmp: %w", temp, err), k.stop())
		}
	}
	if err := k.start(ctx, spec, dir, env); err != nil {
		k.stop()
		return nil, fmt.Errorf("the kernel of %s did not start: %w", spec, err)
	}
	return k, nil
}

func (k *kernel) start(ctx context.Context, spec, dir string, env []string) error {
	// Unix sockets rather than ports: nobody else can take or reach them.
	k.key = []byte(rand.Text())
	socket := filepath.Join(k.sockets, "socket")
	connection := filepath.Join(k.temp, "kernel-"+rand.Text()+".json")
	info, _ := json.Marshal(map[string]any{
		"transport": "ipc", "ip": socket, "signature_scheme": "hmac-sha256", "key": string(k.key), "kernel_name": "gonb",
		"shell_port": 1, "iopub_port": 2, "stdin_port": 3, "control_port": 4, "hb_port": 5,
	})
	if err := os.WriteFile(connection, info, 0o600); err != nil {
		return err
	}
	argv, err := kernelCommand(spec, connection)
	if err != nil {
		return err
	}
	k.command = exec.Command(argv[0], argv[1:]...)
	k.command.Dir = dir
	k.command.Env = append(os.Environ(), append(env, "TMPDIR="+k.temp)...)
	k.command.Stderr = k.stderr
	k.command.WaitDelay = time.Second
	k.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := k.command.Start(); err != nil {
		return err
	}
	go func() {
		k.command.Wait()
		close(k.exited)
	}()

	for _, err := os.Stat(socket + "-5"); err != nil; _, err = os.Stat(socket + "-5") { // the last one that the kernel opens
		select {
		case <-time.After(10 * time.Millisecond):
		case <-k.exited:
			return fmt.Errorf("it ended: %s", strings.TrimSpace(k.stderr.String()))
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	sockets, closeSockets := context.WithCancel(context.Background())
	k.close = closeSockets
	k.shell, k.iopub = zmq4.NewDealer(sockets), zmq4.NewSub(sockets)
	err = errors.Join(k.iopub.SetOption(zmq4.OptionSubscribe, ""),
		k.shell.Dial("ipc://"+socket+"-1"), k.iopub.Dial("ipc://"+socket+"-2"))
	if err != nil {
		return err
	}
	go k.listen(sockets)

	// A subscription takes a moment to arrive at the publisher, and what is published before is
	// lost. So ask for nothing in particular until an answer comes.
	for {
		if _, err := k.send("kernel_info_request", struct{}{}); err != nil {
			return err
		}
		select {
		case <-k.published:
			return nil
		case <-time.After(100 * time.Millisecond):
		case <-k.exited:
			return fmt.Errorf("it ended: %s", strings.TrimSpace(k.stderr.String()))
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// kernelCommand reads the command line of a kernelspec.
func kernelCommand(spec, connection string) ([]string, error) {
	data, err := os.ReadFile(filepath.Join(spec, "kernel.json"))
	if err != nil {
		return nil, err
	}
	var k struct{ Argv []string }
	if err := json.Unmarshal(data, &k); err != nil {
		return nil, fmt.Errorf("kernel.json: %w", err)
	}
	if len(k.Argv) == 0 {
		return nil, errors.New("kernel.json has no argv")
	}
	fill := strings.NewReplacer("{resource_dir}", spec, "{connection_file}", connection)
	for i := range k.Argv {
		k.Argv[i] = fill.Replace(k.Argv[i])
	}
	return k.Argv, nil
}

// stop ends the kernel and all that it started, and removes what they left.
func (k *kernel) stop() error {
	if k.command != nil && k.command.Process != nil {
		group := -k.command.Process.Pid
		syscall.Kill(group, syscall.SIGKILL)
		<-k.exited
		for range 25 { // until the others are gone too, so that none writes into what is removed next
			if errors.Is(syscall.Kill(group, 0), syscall.ESRCH) {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	if k.close != nil {
		k.close()
		k.shell.Close()
		k.iopub.Close()
	}
	return errors.Join(os.RemoveAll(k.temp), os.RemoveAll(k.sockets))
}

// execute runs a cell and returns what it showed, as far as it came: ctx ends the wait, not the
// cell.
func (k *kernel) execute(ctx context.Context, source string) ([]*Output, error) {
	id, err := k.send("execute_request", map[string]any{
		"code": source, "silent": false, "store_history": true, "allow_stdin": false, "stop_on_error": true,
	})
	if err != nil {
		return nil, err
	}
	var shown outputs
	for {
		select {
		case m := <-k.published:
			if m.Parent.ID != id {
				continue
			}
			done, err := shown.add(m)
			if done || err != nil {
				return shown, err
			}
		case <-k.exited:
			return shown, fmt.Errorf("the kernel ended: %s", strings.TrimSpace(k.stderr.String()))
		case <-ctx.Done():
			return shown, context.Cause(ctx)
		}
	}
}

// program returns the lines of the program that GoNB made of the last cell, none where it is not
// there.
func (k *kernel) program() []string {
	files, _ := filepath.Glob(filepath.Join(k.temp, "gonb_*", "main.go"))
	if len(files) != 1 {
		return nil
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		return nil
	}
	return strings.Split(string(text), "\n")
}

// send sends a request and returns its id.
func (k *kernel) send(kind string, content any) (string, error) {
	id := rand.Text()
	head, err := json.Marshal(header{ID: id, Session: "wavescore", User: "wavescore", Type: kind, Version: "5.3",
		Date: time.Now().UTC().Format(time.RFC3339Nano)})
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(content)
	if err != nil {
		return "", err
	}
	parts := [][]byte{head, []byte("{}"), []byte("{}"), body}
	return id, k.shell.SendMulti(zmq4.NewMsgFrom(append([][]byte{[]byte(delimiter), k.sign(parts)}, parts...)...))
}

const delimiter = "<IDS|MSG>"

func (k *kernel) sign(parts [][]byte) []byte {
	mac := hmac.New(sha256.New, k.key)
	for _, part := range parts {
		mac.Write(part)
	}
	return hex.AppendEncode(nil, mac.Sum(nil))
}

// listen passes on what the kernel publishes, until the sockets close. Replies on the shell
// socket say nothing more, but somebody has to take them.
func (k *kernel) listen(sockets context.Context) {
	go func() {
		for {
			if _, err := k.shell.Recv(); err != nil {
				return
			}
		}
	}()
	for {
		wire, err := k.iopub.Recv()
		if err != nil {
			return
		}
		if m, err := k.parse(wire.Frames); err == nil {
			select {
			case k.published <- m:
			case <-sockets.Done():
				return
			}
		}
	}
}

// parse checks and reads a message: identities, the delimiter, the signature, header, parent
// header, metadata, content.
func (k *kernel) parse(frames [][]byte) (*message, error) {
	for len(frames) > 0 && string(frames[0]) != delimiter {
		frames = frames[1:]
	}
	if len(frames) < 6 || !hmac.Equal(frames[1], k.sign(frames[2:6])) {
		return nil, errors.New("not a message of this kernel")
	}
	m := &message{Content: frames[5]}
	return m, errors.Join(json.Unmarshal(frames[2], &m.Header), json.Unmarshal(frames[3], &m.Parent))
}
