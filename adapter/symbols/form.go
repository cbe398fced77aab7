package symbols

// A form is how an attribute's value is written (DWARF 5 §7.5.6).
type form uint16

const (
	formAddr          form = 0x01
	formBlock2        form = 0x03
	formBlock4        form = 0x04
	formData2         form = 0x05
	formData4         form = 0x06
	formData8         form = 0x07
	formString        form = 0x08
	formBlock         form = 0x09
	formBlock1        form = 0x0a
	formData1         form = 0x0b
	formFlag          form = 0x0c
	formSdata         form = 0x0d
	formStrp          form = 0x0e
	formUdata         form = 0x0f
	formRefAddr       form = 0x10
	formRef1          form = 0x11
	formRef2          form = 0x12
	formRef4          form = 0x13
	formRef8          form = 0x14
	formRefUdata      form = 0x15
	formIndirect      form = 0x16
	formSecOffset     form = 0x17
	formExprloc       form = 0x18
	formFlagPresent   form = 0x19
	formStrx          form = 0x1a
	formAddrx         form = 0x1b
	formRefSup4       form = 0x1c
	formStrpSup       form = 0x1d
	formData16        form = 0x1e
	formLineStrp      form = 0x1f
	formRefSig8       form = 0x20
	formImplicitConst form = 0x21
	formLoclistx      form = 0x22
	formRnglistx      form = 0x23
	formRefSup8       form = 0x24
	formStrx1         form = 0x25
	formStrx2         form = 0x26
	formStrx3         form = 0x27
	formStrx4         form = 0x28
	formAddrx1        form = 0x29
	formAddrx2        form = 0x2a
	formAddrx3        form = 0x2b
	formAddrx4        form = 0x2c
	formGNURefAlt     form = 0x1f20
	formGNUStrpAlt    form = 0x1f21
)

// A format is what the sizes of a unit's values depend on.
type format struct {
	version  uint16
	dwarf64  bool
	addrSize uint8
}

const ( // sizes that are no number of bytes
	sizeAddress = -1 - iota
	sizeOffset
	sizeRefAddr
	sizeLEB
	sizeOther // a string, a block, an indirect form
)

// formSizes are the forms that there are. Others are damage: nothing can be read after them.
var formSizes = [...]int8{
	0: sizeOther, 2: sizeOther, // not in use
	formAddr: sizeAddress, formBlock1: sizeOther, formBlock2: sizeOther, formBlock4: sizeOther, formBlock: sizeOther, formExprloc: sizeOther,
	formData1: 1, formData2: 2, formData4: 4, formData8: 8, formData16: 16, formSdata: sizeLEB, formUdata: sizeLEB,
	formString: sizeOther, formStrp: sizeOffset, formLineStrp: sizeOffset, formStrpSup: sizeOffset,
	formStrx: sizeLEB, formStrx1: 1, formStrx2: 2, formStrx3: 3, formStrx4: 4,
	formAddrx: sizeLEB, formAddrx1: 1, formAddrx2: 2, formAddrx3: 3, formAddrx4: 4,
	formFlag: 1, formFlagPresent: 0, formImplicitConst: 0, formIndirect: sizeOther,
	formRefAddr: sizeRefAddr, formRef1: 1, formRef2: 2, formRef4: 4, formRef8: 8, formRefUdata: sizeLEB, formRefSup4: 4, formRefSup8: 8, formRefSig8: 8,
	formSecOffset: sizeOffset, formLoclistx: sizeLEB, formRnglistx: sizeLEB,
}

// kind is the form's size, or one of the constants above.
func (f format) kind(frm form) int {
	kind := sizeOther
	switch {
	case frm == formGNURefAlt || frm == formGNUStrpAlt:
		kind = sizeOffset
	case int(frm) < len(formSizes):
		kind = int(formSizes[frm])
	}
	switch {
	case kind == sizeAddress, kind == sizeRefAddr && f.version <= 2:
		return int(f.addrSize)
	case (kind == sizeOffset || kind == sizeRefAddr) && f.dwarf64:
		return 8
	case kind == sizeOffset || kind == sizeRefAddr:
		return 4
	}
	return kind
}

func (c *cursor) skip(frm form, f format) {
	switch kind := f.kind(frm); kind {
	case sizeLEB:
		c.uleb()
	case sizeOther:
		c.other(frm, f)
	default:
		c.take(uint64(kind))
	}
}

// other passes over a value whose size is written with it.
func (c *cursor) other(frm form, f format) {
	switch frm {
	case formString:
		c.text()
	case formBlock1:
		c.take(uint64(c.u8()))
	case formBlock2:
		c.take(c.fixed(2))
	case formBlock4:
		c.take(c.fixed(4))
	case formBlock, formExprloc:
		c.take(c.uleb())
	case formIndirect:
		if frm = form(c.uleb()); frm != formIndirect && frm != formImplicitConst {
			c.skip(frm, f)
			return
		}
		c.bad = true
	default:
		c.bad = true
	}
}

// value reads an attribute.
func (c *cursor) value(a *attribute, f format) value {
	frm := a.form
	if frm == formIndirect {
		frm = form(c.uleb())
	}
	v := value{form: frm, n: uint64(c.at)}
	switch kind := f.kind(frm); {
	case frm == formImplicitConst:
		v.n = uint64(a.implicit)
	case frm == formFlagPresent:
		v.n = 1
	case frm == formSdata:
		v.n = uint64(c.sleb())
	case kind == sizeLEB:
		v.n = c.uleb()
	case kind >= 0 && kind <= 8:
		v.n = c.fixed(kind)
	default:
		c.skip(frm, f)
	}
	return v
}
