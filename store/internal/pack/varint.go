package pack

import (
	"encoding/binary"
	"math/bits"
)

// uvarint is [binary.Uvarint] of a string; n is 0 where none stands there. The
// lengths of those that are long, mostly times, follow no pattern, and so it
// does not branch on them.
func uvarint(s string) (v uint64, n int) {
	if len(s) < 8 {
		return slowUvarint(s)
	}
	v = uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	end := ^v & 0x8080808080808080 // the upper bit of the last byte, and some behind it
	if end == 0 {
		return slowUvarint(s)
	}
	v &= end ^ (end - 1) // no more than up to the last byte
	v = v&0x007f007f007f007f | v&0x7f007f007f007f00>>1
	v = v&0x00003fff00003fff | v&0x3fff00003fff0000>>2
	v = v&0x000000000fffffff | v&0x0fffffff00000000>>4
	return v, bits.TrailingZeros64(end)/8 + 1
}

func slowUvarint(s string) (v uint64, n int) {
	for i := range min(len(s), binary.MaxVarintLen64) {
		b := s[i]
		v |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			return v, i + 1
		}
	}
	return 0, 0
}
