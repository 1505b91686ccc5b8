package sqlite

import (
	"database/sql"
	"time"
)

// instant returns the time that is kept as microseconds since 1970.
func instant(micros int64) time.Time { return time.UnixMicro(micros).UTC() }

// optional returns how a time is kept that may be zero: null, then.
func optional(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMicro(), Valid: !t.IsZero()}
}

// optionalInstant is the reverse of optional.
func optionalInstant(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return instant(n.Int64)
}
