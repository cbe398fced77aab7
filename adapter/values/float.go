package values

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"strconv"
)

// Float is the value as a floating-point number.
func (v Value) Float() (float64, error) {
	data, err := v.Bytes()
	if err != nil {
		return 0, err
	}
	switch len(data) {
	case 4:
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(data))), nil
	case 8:
		return math.Float64frombits(binary.LittleEndian.Uint64(data)), nil
	case 10, 12, 16:
		f, text := extended(data)
		if f == nil {
			switch text {
			case "inf":
				return math.Inf(1), nil
			case "-inf":
				return math.Inf(-1), nil
			}
			return math.NaN(), nil
		}
		n, _ := f.Float64()
		return n, nil
	}
	return 0, fmt.Errorf("%s is no floating-point number that is known here", v.Type)
}

// floatText writes a floating-point number with the digits that it has, as %g does.
func floatText(data []byte) string {
	switch len(data) {
	case 2:
		return strconv.FormatFloat(half(binary.LittleEndian.Uint16(data)), 'g', 5, 64)
	case 4:
		n := binary.LittleEndian.Uint32(data)
		return special(n>>31 != 0, n>>23&0xff == 0xff, uint64(n)&(1<<23-1), func() string {
			return strconv.FormatFloat(float64(math.Float32frombits(n)), 'g', 9, 64)
		})
	case 8:
		n := binary.LittleEndian.Uint64(data)
		return special(n>>63 != 0, n>>52&0x7ff == 0x7ff, n&(1<<52-1), func() string {
			return strconv.FormatFloat(math.Float64frombits(n), 'g', 17, 64)
		})
	case 10, 12, 16:
		f, text := extended(data)
		if f != nil {
			return f.Text('g', 21)
		}
		return text
	}
	return "<float of unknown format>"
}

func special(negative, is bool, fraction uint64, number func() string) string {
	sign := ""
	if negative {
		sign = "-"
	}
	switch {
	case !is:
		return number()
	case fraction == 0:
		return sign + "inf"
	}
	return fmt.Sprintf("%snan(%#x)", sign, fraction)
}

// extended reads the processor's format with 80 bits; nil with a text for what
// is no number.
func extended(data []byte) (*big.Float, string) {
	mantissa := binary.LittleEndian.Uint64(data)
	top := binary.LittleEndian.Uint16(data[8:])
	exponent, negative := int(top&0x7fff), top>>15 != 0
	if exponent == 0x7fff {
		return nil, special(negative, true, mantissa<<1>>1, nil)
	}
	f := new(big.Float).SetPrec(64).SetUint64(mantissa)
	f.SetMantExp(f, exponent-16383-63)
	if negative {
		f.Neg(f)
	}
	return f, ""
}

func half(n uint16) float64 {
	fraction, exponent := float64(n&0x3ff)/1024, int(n>>10&0x1f)
	v := 0.0
	switch {
	case exponent == 31 && fraction == 0:
		v = math.Inf(1)
	case exponent == 31:
		v = math.NaN()
	case exponent == 0:
		v = math.Ldexp(fraction, -14)
	default:
		v = math.Ldexp(1+fraction, exponent-15)
	}
	if n>>15 != 0 {
		v = -v
	}
	return v
}
