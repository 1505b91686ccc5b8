package row

import (
	"encoding/hex"
	"hash/fnv"
	"strings"
	"unicode/utf8"
)

// Text returns a text as a column can hold it: databases want UTF-8, and
// PostgreSQL no NUL. What people type in may be anything; the packed copy has it
// as it was.
func Text(s string) string {
	if utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// Texts returns texts as columns can hold them, joined by [Separator].
func Texts(list []string) string {
	clean := make([]string, len(list))
	for i, s := range list {
		clean[i] = strings.ReplaceAll(Text(s), Separator, "\uFFFD")
	}
	return strings.Join(clean, Separator)
}

// Separator stands between the texts of a list: the unit separator of ASCII,
// which no one types.
const Separator = "\x1f"

// maxValue is how long a value in an index is. PostgreSQL refuses entries of a
// third of a page; IDs and names end far below this.
const maxValue = 300

// Value returns what a customer with the given tag, contact or the like is looked
// up by. Two texts that no index can hold may have one value: who looks up compares
// the texts of the record itself.
func Value(s string) string {
	s = Text(s)
	if len(s) <= maxValue {
		return s
	}
	h := fnv.New128a()
	h.Write([]byte(s))
	return strings.ToValidUTF8(s[:maxValue], "") + "…" + hex.EncodeToString(h.Sum(nil))
}
