package storetest

import (
	"fmt"
	"reflect"
	"time"

	"github.com/regulars-go/regulars/customer"
)

// filler sets every exported field it can reach to something other than zero,
// and no two of them to the same if it can help it, so that a store that loses
// or mixes up a field is found out, also one that was added yesterday.
type filler struct{ n int }

var (
	timeType  = reflect.TypeFor[time.Time]()
	valueType = reflect.TypeFor[customer.Value]()
)

// fill returns a T with every field set.
func fill[T any](f *filler) T {
	var v T
	f.set(reflect.ValueOf(&v).Elem())
	return v
}

func (f *filler) set(v reflect.Value) {
	f.n++
	switch {
	case v.Type() == timeType:
		v.Set(reflect.ValueOf(t0.Add(time.Duration(f.n) * 1_234_567 * time.Microsecond)))
	case v.Type() == valueType:
		v.Set(reflect.ValueOf(f.value()))
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			f.set(v.Field(i))
		}
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.set(v.Elem())
	case v.Kind() == reflect.Slice:
		f.setSlice(v)
	default:
		f.setPlain(v)
	}
}

// setSlice makes enough elements that fields of every kind of value occur.
func (f *filler) setSlice(v reflect.Value) {
	v.Set(reflect.MakeSlice(v.Type(), 7, 7))
	for i := range v.Len() {
		f.set(v.Index(i))
	}
}

func (f *filler) setPlain(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("text %06d ü", f.n)) // in order, as lists of a record are
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(f.n))
	case reflect.Uint8:
		v.SetUint(uint64(f.n%3 + 1)) // within what every enumeration has
	case reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(f.n))
	case reflect.Bool:
		v.SetBool(true)
	default:
		panic(fmt.Sprintf("storetest cannot fill a %v yet", v.Type()))
	}
}

func (f *filler) value() customer.Value {
	return []customer.Value{
		customer.Text("größe"), customer.Text(""), customer.Number(-12), customer.Number(0.1),
		customer.Bool(true), customer.Bool(false), customer.DateValue(1968, time.February, 29),
		customer.Instant(t0),
	}[f.n/2%8]
}

// hollow gives the lists in v, which is zero, an element, in which what is left of
// a filled value would show. One only: no two have the same name.
func hollow(v reflect.Value) {
	switch {
	case v.Type() == timeType || v.Type() == valueType:
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			hollow(v.Field(i))
		}
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
	}
}

// unset returns the paths of exported fields below v that are zero.
func unset(path string, v reflect.Value) (paths []string) {
	switch {
	case v.IsZero():
		return []string{path}
	case v.Type() == timeType || v.Type() == valueType:
	case v.Kind() == reflect.Pointer:
		return unset(path, v.Elem())
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			paths = append(paths, unset(path+"."+v.Type().Field(i).Name, v.Field(i))...)
		}
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			paths = append(paths, unset(fmt.Sprintf("%s[%d]", path, i), v.Index(i))...)
		}
	}
	return paths
}

// differ returns the paths at which two values differ, and how.
func differ(path string, want, got reflect.Value) (paths []string) {
	switch {
	case want.Type() == timeType || want.Type() == valueType:
	case want.Kind() == reflect.Struct:
		for i := range want.NumField() {
			paths = append(paths, differ(path+"."+want.Type().Field(i).Name, want.Field(i), got.Field(i))...)
		}
		return paths
	case want.Kind() == reflect.Pointer && !want.IsNil() && !got.IsNil():
		return differ(path, want.Elem(), got.Elem())
	case want.Kind() == reflect.Slice && want.Len() == got.Len():
		for i := range want.Len() {
			paths = append(paths, differ(fmt.Sprintf("%s[%d]", path, i), want.Index(i), got.Index(i))...)
		}
		return paths
	case want.Kind() == reflect.Slice:
		return []string{fmt.Sprintf("%s: want %d of them, got %d", path, want.Len(), got.Len())}
	}
	if reflect.DeepEqual(want.Interface(), got.Interface()) {
		return nil
	}
	return []string{fmt.Sprintf("%s: want %#v, got %#v", path, want, got)}
}
