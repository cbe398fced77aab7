package values

import "stepback/adapter/types"

// The types that expressions need even if the program has none of them.
var (
	Int       = types.Base(types.Int, "int", 4, true)
	UInt      = types.Base(types.Int, "unsigned int", 4, false)
	Long      = types.Base(types.Int, "long", 8, true)
	ULong     = types.Base(types.Int, "unsigned long", 8, false)
	Char      = types.Base(types.Char, "char", 1, true)
	Bool      = types.Base(types.Bool, "bool", 1, false)
	Float     = types.Base(types.Float, "float", 4, true)
	Double    = types.Base(types.Float, "double", 8, true)
	LongFloat = types.Base(types.Float, "long double", 16, true)
	VoidType  = types.Base(types.Void, "void", 1, false)
	// Untyped is the type of what has none in the debug information.
	Untyped = types.Base(types.Unknown, "<data variable, no debug info>", -1, false)
)
