package segment_test

import (
	"time"
	_ "time/tzdata" // the zones of the tests, wherever they run

	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/segment"
)

// zoneNames are UTC, the two usual kinds of summer time, one that moves by half
// an hour, and one that skips a midnight.
var zoneNames = []string{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Beirut"}

func zone(t require.TestingT, name string) *time.Location {
	loc, err := time.LoadLocation(name)
	require.NoError(t, err)
	return loc
}

// local reads a time such as "2026-03-29 02:30" on the clocks of loc.
func local(loc *time.Location, s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04:05"[:len(s)], s, loc)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

func utc(s string) time.Time { return local(time.UTC, s) }

// anyStage knows every stage.
var anyStage = segment.Names{
	HasPipeline: func(string) bool { return true },
	HasStage:    func(string, string) bool { return true },
}
