package document_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/customer/document"
)

func TestWhatIsNoDocument(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"nothing":          {"", "line 1: document: is no JSON: the end stands where a value belongs"},
		"white space":      {"\n \n", "line 3: document: is no JSON: the end stands where a value belongs"},
		"byte order mark":  {"\ufeff{}", `line 1: document: is no JSON: "\ufeff" stands where a value belongs`},
		"two values":       {"{}\n{}", `line 2: document: has "{" behind its end; a document is one value`},
		"a word":           {"nul", `line 1: document: is no JSON: "n" stands where a value belongs`},
		"a longer word":    {"truely", `line 1: document: has "l" behind its end; a document is one value`},
		"comma at the end": {`{"a": [1,]}`, `line 1: a[1]: is no JSON: "]" stands where a value belongs`},
		"no comma":         {"[1\n2]", `line 2: document: is no JSON: "2" stands where "," or "]" belongs`},
		"open array":       {"[1", `line 1: document: is no JSON: the end stands where "," or "]" belongs`},
		"wrong bracket":    {`{"a": {]}`, `line 1: a: is no JSON: "]" stands where a key in quotes belongs`},
		"open object":      {`{"a": 1`, `line 1: document: is no JSON: the end stands where "," or "}" belongs`},
		"bare key":         {`{a: 1}`, `line 1: document: is no JSON: "a" stands where a key in quotes belongs`},
		"no colon":         {`{"a" 1}`, `line 1: document: is no JSON: "1" stands where ":" belongs`},
		"no value":         {`{"a":}`, `line 1: a: is no JSON: "}" stands where a value belongs`},
		"a comment":        {`{"a": 1 // one`, `line 1: document: is no JSON: "/" stands where "," or "}" belongs`},
		"single quotes":    {`{'a': 1}`, `line 1: document: is no JSON: "'" stands where a key in quotes belongs`},

		"key twice":         {"{\"a\": 1,\n\"b\": 2,\n\"a\": 3}", "line 3: a: is given twice; keep one"},
		"key twice, hidden": {`{"x": [{"a": 1, "\u0061": 2}]}`, "line 1: x[0].a: is given twice; keep one"},

		"open string":     {`["a`, `line 1: [0]: is no JSON: a string has no closing quote`},
		"backslash":       {`["\`, `line 1: [0]: is no JSON: "\" is followed by none of "\/bfnrtu in a string`},
		"odd escape":      {`["\x"]`, `line 1: [0]: is no JSON: "\" is followed by none of "\/bfnrtu in a string`},
		"short escape":    {`["\u00g0"]`, `line 1: [0]: is no JSON: "\u" is not followed by four hexadecimal digits`},
		"cut escape":      {`["\u00`, `line 1: [0]: is no JSON: "\u" is not followed by four hexadecimal digits`},
		"line feed":       {"[\"a\nb\"]", `line 1: [0]: has the control character 0xa in a string; write it as \u000a`},
		"zero byte":       {"[\"\x00\"]", `line 1: [0]: has the control character 0x0 in a string; write it as \u0000`},
		"broken UTF-8":    {"[\"\xff\"]", `line 1: [0]: is not UTF-8 text: it has the byte 0xff`},
		"cut UTF-8":       {"[\"\xc3\"]", `line 1: [0]: is not UTF-8 text: it has the byte 0xc3`},
		"UTF-8 surrogate": {"[\"\xed\xa0\x80\"]", `line 1: [0]: is not UTF-8 text: it has the byte 0xed`},
		"first half":      {`["\ud83d"]`, `line 1: [0]: has half a character, \ud83d, in a string; such escapes come in pairs`},
		"second half":     {`["\ude00"]`, `line 1: [0]: has half a character, \ude00, in a string; such escapes come in pairs`},
		"halves swapped":  {`["\ude00\ud83d"]`, `line 1: [0]: has half a character, \ude00, in a string; such escapes come in pairs`},
		"half, then text": {`["\ud83dx"]`, `line 1: [0]: has half a character, \ud83d, in a string; such escapes come in pairs`},
		"half a key":      {`{"\ud83d": 1}`, `line 1: document: has half a character, \ud83d, in a string; such escapes come in pairs`},
		"broken outside":  {"{\xff", `line 1: document: is no JSON: the byte 0xff stands where a key in quotes belongs`},

		"leading zero":  {`[01]`, `line 1: [0]: is no JSON: a number goes wrong at "01"`},
		"minus":         {`[-]`, `line 1: [0]: is no JSON: a number goes wrong at "-]"`},
		"plus":          {`[+1]`, `line 1: [0]: is no JSON: "+" stands where a value belongs`},
		"point":         {`[1.]`, `line 1: [0]: is no JSON: a number goes wrong at "1.]"`},
		"point first":   {`[.5]`, `line 1: [0]: is no JSON: "." stands where a value belongs`},
		"exponent":      {`[1e+]`, `line 1: [0]: is no JSON: a number goes wrong at "1e+]"`},
		"at the end":    {`1e`, `line 1: document: is no JSON: a number goes wrong at "1e"`},
		"not a number":  {`[NaN]`, `line 1: [0]: is no JSON: "N" stands where a value belongs`},
		"hexadecimal":   {`[0x1]`, `line 1: document: is no JSON: "x" stands where "," or "]" belongs`},
		"deep":          {strings.Repeat("[", 1001), `line 1: ` + strings.Repeat("[0]", 1000) + `: is deeper than 1000 arrays and objects; simplify the definition`},
		"deep, objects": {strings.Repeat(`{"a":`, 1001), `line 1: a` + strings.Repeat(".a", 999) + `: is deeper than 1000 arrays and objects; simplify the definition`},
		"large":         {strings.Repeat(" ", document.MaxSize+1), `line 1: document: has 16777217 bytes; a document has at most 16777216`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, err := document.Parse([]byte(c.text))
			require.EqualError(t, err, c.want)
			require.ErrorIs(t, err, customer.ErrDefinition)
			assert.Nil(t, n)
		})
	}
}

func TestTheLargestDocumentsAreRead(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", document.MaxDepth) + strings.Repeat("]", document.MaxDepth)
	n, err := document.Parse([]byte(deep))
	require.NoError(t, err)
	require.ErrorContains(t, bar.Decode(n, new(order)), "is an array, not an object")

	for name, text := range map[string]string{
		"numbers": "[" + strings.Repeat("1,              ", document.MaxSize/16-1) + "1]",
		"text":    `[["` + strings.Repeat("x", document.MaxSize-6) + `"]]`,
		"lines":   strings.Repeat("\n", document.MaxSize-1) + "1",
		"key":     `{"` + strings.Repeat(`\\`, document.MaxSize/2-4) + `":0}`,
	} {
		require.LessOrEqual(t, len(text), document.MaxSize)
		n, err := document.Parse([]byte(text))
		require.NoError(t, err, name)
		require.Error(t, bar.Decode(n, new([]string)), name)
	}
}

func TestDeepDefinitionsAreRead(t *testing.T) {
	t.Parallel()
	text := strings.Repeat(`{"without":`, document.MaxDepth-2) + `{"tea":{}}` + strings.Repeat("}", document.MaxDepth-2)
	d, err := read[drink](text)
	require.NoError(t, err)
	written, err := bar.Encode(&d)
	require.NoError(t, err)
	require.Equal(t, text, string(written))
	_, err = bar.Encode(mixed{[]drink{d}})
	require.ErrorContains(t, err, "is deeper than 1000")
}

func TestNodesKnowWhereTheyStand(t *testing.T) {
	t.Parallel()
	n, err := document.Parse([]byte("{\n\"a\": [1,\n{\"b c\": true, \"1\": \"x\", \"\": {}}],\r\n\"d\":\n{\"e\": {\"f\": -1.5e2}}\n}"))
	require.NoError(t, err)
	for path, line := range map[string]int{
		"": 1, "a": 2, "a[0]": 2, "a[1]": 3, `a[1]["b c"]`: 3, `a[1]["1"]`: 3, `a[1][""]`: 3, "d": 5, "d.e": 5, "d.e.f": 5,
	} {
		found := n.Find(path)
		assert.Equal(t, path, found.Path())
		assert.Equal(t, line, found.Line(), path)
	}
	for path, nearest := range map[string]string{
		"x": "", "a[2]": "a", "a[-1]": "a", "a[x]": "a", "a.b": "a", "a[0].b": "a[0]", "d.e.x.f": "d.e", "d.e[0]": "d.e",
		`d["e"].f`: "d.e.f", "[": "", "[]": "", `["`: "", ".": "", "a.": "a", "a..b": "a", "a[0": "a[0]", "a[1": "a[1]",
	} {
		assert.Equal(t, nearest, n.Find(path).Path(), path)
	}
	assert.Equal(t, "d.e.f", n.Find("d").Find("e.f").Path(), "a path counts from the node")
}

func TestLongKeysAreCutShort(t *testing.T) {
	t.Parallel()
	n, err := document.Parse([]byte(`{"a": {"` + strings.Repeat("é", 50) + `": 1}}`))
	require.NoError(t, err)
	_, long, ok := n.Find("a").OnlyMember()
	require.True(t, ok)
	assert.Equal(t, `a["`+strings.Repeat("é", 30)+`..."]`, long.Path())
	assert.Equal(t, "a", n.Find(long.Path()).Path())
}

func TestNodesTellWhatTheyAre(t *testing.T) {
	t.Parallel()
	n, err := document.Parse([]byte(`[{"a": "\u00e9\n", "b": 1}, [2, 3], "x\/", 4, true, null, {"only": 5}, {}]`))
	require.NoError(t, err)
	all := n.Elements()
	require.Len(t, all, 8)
	assert.Equal(t, 8, n.Len())
	for i, is := range []func(*document.Node) bool{
		(*document.Node).IsObject, (*document.Node).IsArray, (*document.Node).IsString, (*document.Node).IsNumber, (*document.Node).IsBool,
	} {
		for j, one := range all[:6] {
			assert.Equal(t, i == j, is(one), "%d %d", i, j)
		}
	}
	var keys []string
	for key := range all[0].Members() {
		keys = append(keys, key)
	}
	assert.Equal(t, []string{"a", "b"}, keys)
	for range all[0].Members() {
		break
	}
	s, ok := all[0].Member("a").Text()
	assert.Equal(t, "é\n", s)
	assert.True(t, ok)
	_, ok = all[3].Text()
	assert.False(t, ok)
	assert.Nil(t, all[0].Member("c"))
	assert.Nil(t, all[1].Member("a"))
	assert.Nil(t, all[0].Elements())
	key, value, ok := all[6].OnlyMember()
	assert.True(t, ok)
	assert.Equal(t, "only", key)
	assert.Equal(t, "[6].only", value.Path())
	for _, i := range []int{0, 3, 7} {
		_, _, ok := all[i].OnlyMember()
		assert.False(t, ok)
	}
}

func TestLocateGivesLinesToFaultsFoundLater(t *testing.T) {
	t.Parallel()
	n, err := document.Parse([]byte("{\"a\": [\n1,\n2]}"))
	require.NoError(t, err)
	var faults customer.Faults
	faults.Add("a[1]", "is even")
	faults.Add("a[7].b", "is missing")
	faults.Add("z", "is odd")
	require.EqualError(t, n.Locate(faults.Err()), "line 3: a[1]: is even\nline 1: a[7].b: is missing\nline 1: z: is odd")
	assert.Equal(t, assert.AnError, n.Locate(assert.AnError))
	assert.NoError(t, n.Locate(nil))
}
