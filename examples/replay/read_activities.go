package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unique"

	"github.com/regulars-go/regulars/customer"
)

const activitiesHeader = "customer,time,name[,prop=value...]"

// readActivities reads comma-separated values (RFC 4180) under a header that
// begins with customer,time,name. What follows these in a row are properties,
// as many as there are, each prop=value; cells left empty are passed over.
// Rows that look alike are activities of their own.
func readActivities(r io.Reader) ([]entry, error) {
	in := csv.NewReader(skipMark(r))
	in.FieldsPerRecord = -1 // not the same in every row
	in.ReuseRecord = true
	header, err := in.Read()
	if errors.Is(err, io.EOF) {
		return nil, errNoActivity
	}
	if err != nil {
		return nil, csvError(err)
	}
	if len(header) < 3 || !slices.Equal(header[:3], []string{"customer", "time", "name"}) {
		line, _ := in.FieldPos(0)
		return nil, &lineError{line, fmt.Errorf("the header does not begin with customer,time,name; it is %s", activitiesHeader)}
	}
	var activities []entry
	for {
		fields, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, csvError(err)
		}
		line, _ := in.FieldPos(0)
		a, err := activityRow(fields, len(activities)+1)
		if err != nil {
			return nil, &lineError{line, err}
		}
		activities = append(activities, entry{line: line, at: a.At, input: a})
	}
	if len(activities) == 0 {
		return nil, errNoActivity
	}
	return activities, nil
}

var errNoActivity = errors.New("there is no activity in the log")

// activityRow reads the cells of a row, which share one string.
func activityRow(fields []string, row int) (customer.Activity, error) {
	if len(fields) < 3 {
		return customer.Activity{}, fmt.Errorf("there are %d cells; a row is %s", len(fields), activitiesHeader)
	}
	at, err := parseTime(fields[1])
	if err != nil {
		return customer.Activity{}, err
	}
	a := customer.Activity{
		// With leading zeros, since the engine orders activities of one instant by ID.
		ID:       fmt.Sprintf("replay-activity-%010d", row),
		Customer: unique.Make(fields[0]).Value(),
		At:       at,
		Name:     unique.Make(fields[2]).Value(),
	}
	for _, cell := range fields[3:] {
		if cell == "" {
			continue
		}
		name, value, ok := strings.Cut(cell, "=")
		if !ok {
			return a, fmt.Errorf("the cell %.40q is no property such as price=9.90", cell)
		}
		a.Props = append(a.Props, customer.Field{Name: unique.Make(name).Value(), Value: parseValue(value)})
	}
	return a, a.Validate()
}

// parseValue reads a value as what it looks like: a decimal number, a truth, a
// day such as 2006-01-02, else a text.
func parseValue(s string) customer.Value {
	if strings.Trim(s, "+-.0123456789eE") == "" { // neither infinity nor hexadecimal
		if f, err := strconv.ParseFloat(s, 64); err == nil && !math.IsInf(f, 0) {
			return customer.Number(f)
		}
	}
	if s == "true" || s == "false" {
		return customer.Bool(s == "true")
	}
	if t, err := time.Parse(dashedDay, s); err == nil {
		return customer.DateValue(t.Date())
	}
	return customer.Text(strings.Clone(s))
}
