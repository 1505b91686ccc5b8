package main

import (
	"bufio"
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
func readActivities(r *bufio.Reader) (history, error) {
	in := csv.NewReader(r)
	in.FieldsPerRecord = -1 // not the same in every row
	if err := checkActivitiesHeader(in); err != nil {
		return history{}, err
	}
	var h history
	err := eachRow(in, func(line int, fields []string) error {
		a, err := activityRow(fields, len(h.entries)+1)
		h.entries = append(h.entries, entry{line: line, at: a.At, input: a})
		return err
	})
	if err == nil && len(h.entries) == 0 {
		err = errNoActivity
	}
	return h, err
}

var errNoActivity = errors.New("there is no activity in the log")

// checkActivitiesHeader reads the header. What it says of properties does not
// matter.
func checkActivitiesHeader(in *csv.Reader) error {
	header, err := in.Read()
	switch {
	case errors.Is(err, io.EOF):
		return errNoActivity
	case err != nil:
		return csvError(err)
	case len(header) < 3 || !slices.Equal(header[:3], []string{"customer", "time", "name"}):
		line, _ := in.FieldPos(0)
		return &lineError{line, fmt.Errorf("the header does not begin with customer,time,name; it is %s", activitiesHeader)}
	}
	return nil
}

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
