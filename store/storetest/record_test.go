package storetest

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/store"
)

// A field that was added to a record must be added to Same, or an engine takes what
// another wrote for its own.
func TestRecordSameLooksAtEveryField(t *testing.T) {
	t.Parallel()
	r := fill[store.Record](new(filler))
	again := fill[store.Record](new(filler))
	again.Version++
	require.True(t, r.Same(&again), "but for the version")
	alterEach("Record", reflect.ValueOf(&again).Elem(), func(path string) {
		assert.Equal(t, path == "Record.Version", r.Same(&again), path)
	})
	require.True(t, r.Same(&again), "all is as it was")
}

// alterEach sets one field of v after the other to zero, calls done, and sets it back.
func alterEach(path string, v reflect.Value, done func(path string)) {
	switch {
	case v.Type() == timeType || v.Type() == valueType:
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			alterEach(path+"."+v.Type().Field(i).Name, v.Field(i), done)
		}
	case v.Kind() == reflect.Pointer:
		alterEach(path, v.Elem(), done)
	case v.Kind() == reflect.Slice:
		alterEach(path+"[0]", v.Index(0), done)
	}
	was := reflect.New(v.Type()).Elem()
	was.Set(v)
	v.SetZero()
	done(path)
	v.Set(was)
}
