package x86

// effects are the ways in which instructions use flags, by the names that the
// tables have for them, after the flag cross-reference in appendix A of the
// SDM, volume 1, and the pages of volume 2.
var effects = map[string]effect{
	// Arithmetic and logic.
	"add":   {0, Arithmetic, 0},
	"adc":   {CF, Arithmetic, 0},
	"logic": {0, Arithmetic &^ AF, AF},
	"inc":   {0, Arithmetic &^ CF, 0},
	"mul":   {0, CF | OF, PF | AF | ZF | SF},
	"div":   {0, 0, Arithmetic}, // and mov to and from control registers
	"adcx":  {CF, CF, 0},
	"adox":  {OF, OF, 0},

	// Shifts and rotates: by one; by cl; by an immediate, which Decode looks at.
	"shift1":  {0, Arithmetic &^ AF, AF},
	"shiftcl": {Arithmetic, Arithmetic &^ AF, AF | OF},
	"rot1":    {0, CF | OF, 0},
	"rotcl":   {CF | OF, CF | OF, OF},
	"rotc1":   {CF, CF | OF, 0},

	"shift":   {}, // see countWords
	"rotate":  {},
	"rotatec": {CF, 0, 0},
	"double":  {},

	// Bits.
	"bt":    {0, CF, PF | AF | SF | OF},
	"bsf":   {0, ZF, CF | PF | AF | SF | OF},
	"tzcnt": {0, CF | ZF, PF | AF | SF | OF},
	"blsr":  {0, CF | ZF | SF | OF, PF | AF},
	"bextr": {0, CF | ZF | OF, PF | AF | SF},

	// All six get defined values, most of them 0: comparisons, rdrand, aes...kl.
	"all": {0, Arithmetic, 0},

	// String instructions go where DF says.
	"df":   {DF, 0, 0},
	"cmps": {DF, Arithmetic, 0},

	// Single flags.
	"zf":   {0, ZF, 0},
	"cf":   {0, CF, 0},
	"cmc":  {CF, CF, 0},
	"cld":  {0, DF, 0},
	"cli":  {0, IF, 0},
	"stac": {0, AC, 0},

	// Readers.
	"ifc":  {CF, 0, 0},
	"ifz":  {ZF, 0, 0},
	"ifp":  {PF, 0, 0},
	"ifbe": {CF | ZF, 0, 0},

	// The register as a whole. In user mode, popf leaves IF alone.
	"lahf":  {Arithmetic &^ OF, 0, 0},
	"sahf":  {0, Arithmetic &^ OF, 0},
	"pushf": {Arithmetic | TF | IF | DF | AC, 0, 0},
	"popf":  {0, Arithmetic | TF | DF | AC, 0},
}

// conditions are the flags that the condition codes look at; two neighbours
// are opposites.
var conditions = [8]Flags{OF, CF, ZF, CF | ZF, SF, PF, SF | OF, ZF | SF | OF}

// countWords are the effects that depend on more than the opcode.
var countWords = map[string]attr{
	"shift": countShift, "rotate": countRotate, "rotatec": countRotate, "double": countDouble, "cmps": repeatFlags,
}
