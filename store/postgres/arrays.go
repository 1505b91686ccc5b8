package postgres

import "github.com/jackc/pgx/v5/pgtype"

// The arrays that most columns are sent as. pgx is handed pointers into them: an
// element that is handed over by value, as those of its own arrays are, costs an
// allocation.
type (
	texts    []string
	blobs    [][]byte
	instants []pgtype.Timestamptz // zero is null

	textElement string
	blobElement []byte
)

func (t *textElement) TextValue() (pgtype.Text, error) {
	return pgtype.Text{String: string(*t), Valid: true}, nil
}

func (b *blobElement) BytesValue() ([]byte, error) { return *b, nil }

func oneDimension(n int) []pgtype.ArrayDimension {
	return []pgtype.ArrayDimension{{Length: int32(n), LowerBound: 1}}
}

// Dimensions and the other methods implement [pgtype.ArrayGetter].
func (a texts) Dimensions() []pgtype.ArrayDimension { return oneDimension(len(a)) }

// Index implements [pgtype.ArrayGetter].
func (a texts) Index(i int) any { return (*textElement)(&a[i]) }

// IndexType implements [pgtype.ArrayGetter].
func (a texts) IndexType() any { return new(textElement) }

// Dimensions implements [pgtype.ArrayGetter].
func (a blobs) Dimensions() []pgtype.ArrayDimension { return oneDimension(len(a)) }

// Index implements [pgtype.ArrayGetter].
func (a blobs) Index(i int) any { return (*blobElement)(&a[i]) }

// IndexType implements [pgtype.ArrayGetter].
func (a blobs) IndexType() any { return new(blobElement) }

// Dimensions implements [pgtype.ArrayGetter].
func (a instants) Dimensions() []pgtype.ArrayDimension { return oneDimension(len(a)) }

// Index implements [pgtype.ArrayGetter].
func (a instants) Index(i int) any { return &a[i] }

// IndexType implements [pgtype.ArrayGetter].
func (a instants) IndexType() any { return new(pgtype.Timestamptz) }
