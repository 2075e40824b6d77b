// Package machines holds the machines that the program brings along.
package machines

import _ "embed"

// Photo is the file of a machine for grey photographs of any size, a mixture of patches that
// environment/photo fitted to the first 300 pictures of BSD400.
//
//go:embed photo.safetensors
var Photo []byte
