package customer_test

import (
	"testing"
	"time"

	"github.com/regulars-go/regulars/customer"
)

func BenchmarkPeriodAfter(b *testing.B) {
	at := time.Date(2026, 3, 9, 17, 45, 0, 0, time.UTC)
	for _, zoneName := range []string{"UTC", "Europe/Berlin"} {
		loc := zone(b, zoneName)
		for _, p := range []customer.Period{customer.Hours(720), customer.Days(30), customer.Months(1)} {
			b.Run(zoneName+"/"+p.String(), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					p.After(at, loc)
				}
			})
		}
	}
}

func BenchmarkCadenceNext(b *testing.B) {
	at, nine := time.Date(2026, 3, 9, 17, 45, 0, 0, time.UTC), customer.Clock(9, 0)
	for _, zoneName := range []string{"UTC", "Europe/Berlin"} {
		loc := zone(b, zoneName)
		for _, c := range []customer.Cadence{every(customer.Weeks(3)), on(time.Saturday)} {
			b.Run(zoneName+"/"+c.String(), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					c.Next(at, nine, loc)
				}
			})
		}
	}
}

func BenchmarkCustomerValidate(b *testing.B) {
	c := unordered()
	c.Zone = "Europe/Berlin"
	b.ReportAllocs()
	for b.Loop() {
		if err := c.Validate(); err != nil {
			b.Fatal(err)
		}
	}
}
