package customer_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
)

// The helpers of this file walk a noun by reflection, so that a field which is
// added later is filled, changed and compared without a change here.

var (
	timeType  = reflect.TypeFor[time.Time]()
	valueType = reflect.TypeFor[customer.Value]()
)

// filled returns a T with something in every field, two of everything in a
// list, and instants that are neither in UTC nor whole microseconds.
func filled[T any](t testing.TB) *T {
	v := new(T)
	fill(t, reflect.ValueOf(v).Elem(), "", zone(t, "Asia/Kolkata"))
	return v
}

func fill(t testing.TB, v reflect.Value, path string, loc *time.Location) {
	switch {
	case v.Type() == timeType:
		v.Set(reflect.ValueOf(time.Date(2026, 3, 9, 10, 0, len(path), 123_456_789, loc)))
		return
	case v.Type() == valueType:
		v.Set(reflect.ValueOf(customer.Text("value of " + path)))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(path)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(len(path)))
	case reflect.Uint8:
		v.SetUint(uint64(1 + len(path)%5))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(t, v.Index(i), fmt.Sprintf("%s[%d]", path, i), loc)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i), path+"."+v.Type().Field(i).Name, loc)
		}
	default:
		require.Failf(t, "unknown kind", "%s is a %s; teach walk_test.go to fill it", path, v.Kind())
	}
}

// leaves visits every value of v that is not made of others, and every list.
func leaves(v reflect.Value, path string, visit func(path string, v reflect.Value)) {
	switch {
	case v.Type() == timeType || v.Type() == valueType:
		visit(path, v)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			leaves(v.Field(i), path+"."+v.Type().Field(i).Name, visit)
		}
	case v.Kind() == reflect.Slice:
		visit(path, v)
		for i := range v.Len() {
			leaves(v.Index(i), fmt.Sprintf("%s[%d]", path, i), visit)
		}
	default:
		visit(path, v)
	}
}

// change makes a leaf differ from what it was.
func change(v reflect.Value) {
	switch {
	case v.Type() == timeType:
		v.Set(reflect.ValueOf(v.Interface().(time.Time).Add(time.Microsecond)))
	case v.Type() == valueType:
		v.Set(reflect.ValueOf(customer.Text("another value")))
	case v.Kind() == reflect.Slice:
		v.Set(reflect.Append(v.Slice3(0, v.Len(), v.Len()), v.Index(0)))
	case v.Kind() == reflect.String:
		v.SetString(v.String() + "~")
	case v.Kind() == reflect.Bool:
		v.SetBool(!v.Bool())
	case v.Kind() == reflect.Uint8:
		v.SetUint(v.Uint() + 1)
	default:
		v.SetInt(v.Int() + 1)
	}
}

// eachChange calls differ with two filled Ts of which the second differs in one
// leaf, for every leaf in turn.
func eachChange[T any](t *testing.T, differ func(path string, a, b *T)) {
	t.Helper()
	var paths []string
	leaves(reflect.ValueOf(filled[T](t)).Elem(), "", func(path string, _ reflect.Value) { paths = append(paths, path) })
	require.NotEmpty(t, paths)
	for _, path := range paths {
		a, b := filled[T](t), filled[T](t)
		leaves(reflect.ValueOf(b).Elem(), "", func(p string, v reflect.Value) {
			if p == path {
				change(v)
			}
		})
		differ(path, a, b)
	}
}

// requireNothingShared says that no list of a is a list of b.
func requireNothingShared[T any](t *testing.T, a, b *T) {
	t.Helper()
	lists := map[uintptr]string{}
	leaves(reflect.ValueOf(a).Elem(), "", func(path string, v reflect.Value) {
		if v.Kind() == reflect.Slice && v.Len() > 0 {
			lists[v.Pointer()] = path
		}
	})
	leaves(reflect.ValueOf(b).Elem(), "", func(path string, v reflect.Value) {
		if v.Kind() == reflect.Slice && v.Len() > 0 {
			require.NotContains(t, lists, v.Pointer(), "%s is shared", path)
		}
	})
}

// requireStorable says that every instant of a is what a store gives back.
func requireStorable[T any](t *testing.T, a *T) {
	t.Helper()
	leaves(reflect.ValueOf(a).Elem(), "", func(path string, v reflect.Value) {
		if at, ok := v.Interface().(time.Time); ok {
			require.Equal(t, time.UnixMicro(at.UnixMicro()).UTC(), at, path)
		}
	})
}
