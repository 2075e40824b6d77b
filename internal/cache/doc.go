// Package cache keeps values that are slow to compute on the disk, for the programs that are made
// of a module's packages: the cells of its notebooks above all.
//
// # What a value is known by
//
// The key of a value is a hash of its name, its inputs, its type, and the source of what computes
// it: the function itself and every declaration of the program that it reaches. Get reads that
// source from the folder of the executable, where GoNB leaves the program of a cell. The order of
// the declarations, their layout and their comments do not count, so a cell finds what another
// cell, or another notebook, has computed by the same source. An entry says besides which packages
// of the module its program was made of, and does not serve once one of them has changed.
//
// The reach of a function is found by names, without types, and is rather too large than too
// small: an identifier stands for the declaration of its name, a variable also for what any
// function assigns to it, and a type for its exported methods and for those that some selector in
// the reach names. Three kinds of values are left to the inputs, because they are no source:
//
//   - a variable that stands in the inputs by itself: the text that it is set by does not count;
//   - a variable set by the function Cache.Settings, if the inputs mention it;
//   - the arguments of a function that calls Get inside, except those that hold functions: their
//     source is taken from the calls of it.
//
// # What lies on the disk
//
// Every entry is a file NAME-KEY.value in the folder of a Cache, with a NAME-KEY.lock that is held
// while it is looked for, computed and written. Files of other names are never touched.
package cache
