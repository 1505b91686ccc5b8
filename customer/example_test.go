package customer_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/regulars-go/regulars/customer"
)

func ExamplePeriod_After() {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		fmt.Println(err)
		return
	}
	// The night of 29 March 2026 is an hour short in Berlin.
	evening := time.Date(2026, 3, 28, 18, 0, 0, 0, berlin)
	fmt.Println(customer.Days(1).After(evening, berlin).In(berlin))
	fmt.Println(customer.Hours(24).After(evening, berlin).In(berlin))

	newYear := time.Date(2026, 1, 31, 9, 0, 0, 0, berlin)
	fmt.Println(customer.Months(1).After(newYear, berlin).In(berlin))
	// Output:
	// 2026-03-29 18:00:00 +0200 CEST
	// 2026-03-29 19:00:00 +0200 CEST
	// 2026-02-28 09:00:00 +0100 CET
}

func ExamplePeriod_Times() {
	// Repeat a period from its anchor, and the 31st comes back.
	anchor := time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC)
	for n := range 4 {
		fmt.Println(customer.Months(1).Times(n).After(anchor, time.UTC).Format(time.DateOnly))
	}
	// Output:
	// 2026-01-31
	// 2026-02-28
	// 2026-03-31
	// 2026-04-30
}

func ExampleParsePeriod() {
	for _, text := range []string{"P3W", "P1M", "PT1M", "PT720H", "-P1D"} {
		p, err := customer.ParsePeriod(text)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(p, "follows the calendar:", p.IsCalendar())
	}
	// Output:
	// P3W follows the calendar: true
	// P1M follows the calendar: true
	// PT1M follows the calendar: false
	// PT720H follows the calendar: false
	// period "-P1D": does not begin with P, as in P3W or PT12H
}

func ExampleCadence_Next() {
	bought := time.Date(2026, 3, 10, 17, 45, 0, 0, time.UTC) // a Tuesday
	nine := customer.Clock(9, 0)

	monthly := customer.Cadence{Every: customer.Months(1)}
	fmt.Println(monthly, monthly.Next(bought, nine, time.UTC))

	weekly := customer.Cadence{On: customer.OnDays(time.Saturday)}
	fmt.Println(weekly, weekly.Next(bought, nine, time.UTC))
	// Output:
	// P1M 2026-04-10 09:00:00 +0000 UTC
	// every Saturday 2026-03-14 09:00:00 +0000 UTC
}

func ExampleDate_In() {
	born := customer.Date{Year: 2000, Month: time.February, Day: 29}
	fmt.Println(born.In(2027), born.In(2028))
	// Output: 2027-02-28 2028-02-29
}

func ExampleFields_With() {
	var fields customer.Fields
	fields = fields.With("size", customer.Number(42))
	fields = fields.With("birthday", customer.DateValue(1990, time.March, 9))
	for _, f := range fields {
		fmt.Println(f.Name, f.Value)
	}
	size, ok := fields.Get("size").AsNumber()
	fmt.Println(size, ok)
	// Output:
	// birthday 1990-03-09
	// size 42
	// 42 true
}

func ExamplePurchase_Validate() {
	err := customer.Purchase{ID: "p-17", Customer: "c-1", Amount: -500}.Validate()
	fmt.Println(err)
	fmt.Println(errors.Is(err, customer.ErrInvalid))

	var field *customer.FieldError
	if errors.As(err, &field) {
		fmt.Println(field.Field)
	}
	// Output:
	// purchase "p-17": At is zero; say when it happened
	// purchase "p-17": Amount -500 is negative; record a Refund instead
	// true
	// At
}

func ExampleFilter_Amount() {
	p := customer.Purchase{
		Amount: 1000,
		Items: []customer.Item{
			{SKU: "earl-grey", Category: "tea", Amount: 400},
			{SKU: "sachertorte", Category: "cakes", Amount: 600},
		},
		Refunds: []customer.Refund{{Amount: 500}},
	}
	tea := customer.Filter{Categories: []string{"tea"}}
	fmt.Println(tea.Takes(&p), tea.Amount(&p))
	// Output: true 200
}

func ExampleTotalsOf() {
	day := func(d int) time.Time { return time.Date(2026, 3, d, 9, 0, 0, 0, time.UTC) }
	totals, ok := customer.TotalsOf([]customer.Purchase{
		{ID: "p-1", At: day(1), Amount: 500},
		{ID: "p-2", At: day(9), Amount: 300, Refunds: []customer.Refund{{Amount: 100}}},
		{ID: "p-3", At: day(17), Amount: 800},
	})
	interval, _ := totals.MeanInterval()
	fmt.Println(totals.Count, totals.Total, totals.Average(), interval, ok)
	// Output: 3 1500 500 192h0m0s true
}
