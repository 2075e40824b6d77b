package moments

import (
	"slices"
	"strconv"
	"strings"

	"wavescore/internal/length"
)

// Monomials are products of powers of the same variables: of each monomial the power of every
// variable.
type Monomials [][]int

// Monomials returns the features of the basis.
func (b *Basis) Monomials() Monomials {
	list := make(Monomials, b.Features())
	for a := range list {
		list[a] = b.Exponents(a)
	}
	return list
}

// Names writes the monomials with the names of the variables: "1", "y", "yu²". It panics with a
// LengthError unless there is one name a variable.
func (m Monomials) Names(variables ...string) []string {
	names := make([]string, len(m))
	for i, powers := range m {
		length.Check("names of variables", len(variables), len(powers))
		var name strings.Builder
		for v, power := range powers {
			if power > 0 {
				name.WriteString(variables[v])
			}
			if power > 1 {
				name.WriteString(superscripts.Replace(strconv.Itoa(power)))
			}
		}
		if names[i] = name.String(); names[i] == "" {
			names[i] = "1"
		}
	}
	return names
}

var superscripts = strings.NewReplacer("0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴", "5", "⁵", "6", "⁶", "7", "⁷", "8", "⁸", "9", "⁹")

// Missing returns the monomials whose clean moments transport asks for although they are not among
// the products of two of the set, by ascending powers. Noise lowers the powers of a product by even
// numbers, so that every such reduction of a product must be a product itself. Of a down-closed set
// nothing is missing.
func (m Monomials) Missing() Monomials {
	table := make(map[string]bool)
	var products, missing Monomials
	for _, a := range m {
		for _, b := range m {
			product := make([]int, len(a))
			for v := range a {
				product[v] = a[v] + b[v]
			}
			if key := keyOf(product); !table[key] {
				table[key] = true
				products = append(products, product)
			}
		}
	}
	var reduce func(powers []int, v int)
	reduce = func(powers []int, v int) {
		if v == len(powers) {
			if key := keyOf(powers); !table[key] {
				table[key] = true
				missing = append(missing, slices.Clone(powers))
			}
			return
		}
		for power := powers[v]; power >= 0; power -= 2 {
			lower := slices.Clone(powers)
			lower[v] = power
			reduce(lower, v+1)
		}
	}
	for _, product := range products {
		reduce(product, 0)
	}
	slices.SortFunc(missing, slices.Compare)
	return missing
}

// keyOf returns powers as the key of a map.
func keyOf(powers []int) string {
	key := make([]byte, len(powers))
	for v, power := range powers {
		key[v] = byte(power)
	}
	return string(key)
}
