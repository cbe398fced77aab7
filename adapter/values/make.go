package values

import (
	"encoding/binary"
	"math"
	"math/big"

	"stepback/adapter/types"
)

// FloatOf is a floating-point number of a type.
func FloatOf(target Target, t *types.Type, f float64) Value {
	switch t.Bytes() {
	case 4:
		return Of(target, t, binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(f))), nil)
	case 8:
		return Of(target, t, binary.LittleEndian.AppendUint64(nil, math.Float64bits(f)), nil)
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		data := binary.LittleEndian.AppendUint64(nil, 1<<63|math.Float64bits(f)<<12>>1)
		return Of(target, t, append(data, 0xff, 0x7f|byte(math.Float64bits(f)>>56)&0x80, 0, 0, 0, 0, 0, 0), nil)
	}
	return BigFloat(target, t, new(big.Float).SetPrec(64).SetFloat64(f))
}

// BigFloat is a number in the processor's format with 80 bits.
func BigFloat(target Target, t *types.Type, f *big.Float) Value {
	data := make([]byte, max(t.Bytes(), 10))
	if f.Sign() != 0 {
		m := new(big.Float).SetPrec(64)
		exponent := f.MantExp(m)
		m.SetMantExp(m, 64)
		n, _ := new(big.Float).Abs(m).Uint64()
		binary.LittleEndian.PutUint64(data, n)
		binary.LittleEndian.PutUint16(data[8:], uint16(min(max(exponent-1+16383, 0), 0x7fff)))
	}
	if f.Signbit() {
		data[9] |= 0x80
	}
	return Of(target, t, data, nil)
}

// Big is a number with all its digits; nil if it is none, as infinity.
func (v Value) Big() (*big.Float, error) {
	data, err := v.Bytes()
	if err != nil {
		return nil, err
	}
	if len(data) >= 10 && v.Type.Is(types.Float) {
		f, _ := extended(data)
		return f, nil
	}
	f, err := v.Float()
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, err
	}
	return new(big.Float).SetPrec(64).SetFloat64(f), nil
}
