// Package viz draws figures.
package viz
