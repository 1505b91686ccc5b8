package pipeline_test

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/trigger"
)

func TestBadInputsChangeNothingAndSayWhatToDo(t *testing.T) {
	t.Parallel()
	purchase := func(change func(*customer.Purchase)) customer.Input {
		p := bought("x", opening)
		change(&p)
		return p
	}
	by := customer.By{Reason: "r"}
	future := customer.By{Reason: "r", At: opening.Add(time.Hour)}
	for name, c := range map[string]struct {
		input customer.Input
		says  []string
	}{
		"customer without ID":      {customer.Customer{}, []string{"ID is empty"}},
		"customer in no zone":      {customer.Customer{ID: "x", Zone: "Mars/Olympus"}, []string{"Zone", "Europe/Berlin"}},
		"customer since tomorrow":  {customer.Customer{ID: "x", Since: opening.AddDate(0, 0, 1)}, []string{"Since", "in the future"}},
		"purchase without ID":      {purchase(func(p *customer.Purchase) { p.ID = "" }), []string{"ID is empty"}},
		"purchase without owner":   {purchase(func(p *customer.Purchase) { p.Customer = "" }), []string{"Customer is empty"}},
		"purchase at no time":      {purchase(func(p *customer.Purchase) { p.At = time.Time{} }), []string{"At is zero; say when"}},
		"purchase in the future":   {purchase(func(p *customer.Purchase) { p.At = opening.Add(time.Hour) }), []string{"At", "1h0m0s in the future"}},
		"purchase in another era":  {purchase(func(p *customer.Purchase) { p.At = opening.AddDate(-200, 0, 0) }), []string{"At", "1826"}},
		"purchase below nought":    {purchase(func(p *customer.Purchase) { p.Amount = -1 }), []string{"Amount", "Refund"}},
		"purchase, two faults":     {purchase(func(p *customer.Purchase) { p.Amount, p.ID = -1, "" }), []string{"Amount", "ID is empty"}},
		"negative quantity":        {purchase(func(p *customer.Purchase) { p.Items = []customer.Item{{}, {Quantity: -1}} }), []string{"Items[1].Quantity", "Refund"}},
		"negative item":            {purchase(func(p *customer.Purchase) { p.Items = []customer.Item{{Amount: -1}} }), []string{"Items[0].Amount"}},
		"overflowing items":        {purchase(func(p *customer.Purchase) { p.Items = []customer.Item{{Amount: math.MaxInt64}, {Amount: 1}} }), []string{"Items[1].Amount", "overflow"}},
		"overflowing total":        {purchase(func(p *customer.Purchase) { p.Amount = math.MaxInt64 }), []string{"Amount", "overflow"}},
		"next before the purchase": {purchase(func(p *customer.Purchase) { p.Next = opening }), []string{"Next"}},
		"refund without all":       {customer.Refund{}, []string{"ID is empty", "Customer is empty", "Purchase is empty", "At is zero"}},
		"refund below nought":      {customer.Refund{ID: "x", Customer: "olga", Purchase: "a", At: opening, Amount: -1}, []string{"Amount", "positive"}},
		"activity without all":     {customer.Activity{}, []string{"ID is empty", "Customer is empty", "Name is empty", "At is zero"}},
		"activity, property twice": {customer.Activity{ID: "x", Customer: "olga", Name: "n", At: opening, Props: customer.Fields{{Name: "p", Value: customer.Number(1)}, {Name: "p", Value: customer.Number(2)}}}, []string{`Props["p"]`}},
		"edit without change":      {customer.Edit{Customer: "olga"}, []string{"Change is nil"}},
		"edit of the ID":           {customer.Edit{Customer: "olga", Change: func(c *customer.Customer) { c.ID = "x" }}, []string{"Change", "stay for good"}},
		"edit to a bad card":       {customer.Edit{Customer: "olga", Change: func(c *customer.Customer) { c.Tags = []string{""} }}, []string{"Tags[0]"}},
		"edit that panics":         {customer.Edit{Customer: "olga", Change: func(c *customer.Customer) { panic("Olga Example") }}, []string{"panicked"}},
		"refusal without reason":   {customer.Refusal{Customer: "olga"}, []string{"By.Reason"}},
		"refusal in the future":    {customer.Refusal{Customer: "olga", By: future}, []string{"By.At", "in the future"}},
		"stage move without all":   {customer.StageMove{}, []string{"Customer", "Pipeline", "Stage"}},
		"stage move to nowhere":    {customer.StageMove{Customer: "olga", Pipeline: "nails", Stage: "x", By: by}, []string{"Stage", "no stage of pipeline"}},
		"next move without all":    {customer.NextMove{}, []string{"Customer", "Pipeline"}},
		"next move out of range":   {customer.NextMove{Customer: "olga", Pipeline: "nails", Next: opening.AddDate(9000, 0, 0)}, []string{"Next"}},
		"pause for nobody":         {customer.Pause{}, []string{"Customer"}},
		"assignment to nobody":     {customer.Assignment{}, []string{"Customer"}},
		"nothing":                  {nil, []string{"input 1", "invalid input"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, of(nails()))
			s.buys("a")
			before := dump(t, s.cfg.Store)
			good := bought("good", opening)
			err := s.Apply(t.Context(), good, c.input)
			var fault *pipeline.InputError
			require.ErrorAs(t, err, &fault)
			assert.Equal(t, 1, fault.Index)
			for _, part := range c.says {
				require.ErrorContains(t, err, part)
			}
			assertNoPersonalData(t, err)
			assert.Equal(t, before, dump(t, s.cfg.Store), "neither it nor the good one beside it was taken in")
		})
	}
}

func assertNoPersonalData(t *testing.T, err error) {
	t.Helper()
	for _, secret := range []string{"Example", "example.org", "901820"} {
		assert.NotContains(t, err.Error(), secret)
	}
}

func TestEveryInvalidInputOfACallIsTold(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	err := s.Apply(t.Context(), bought("", opening), bought("fine", opening), customer.Pause{})
	require.ErrorContains(t, err, "input 0")
	require.ErrorContains(t, err, "input 2")
	assert.Zero(t, s.record().Totals.Count)
}

func TestBatchOfManyCustomersIsAllOrNothing(t *testing.T) {
	t.Parallel()
	s := emptyShop(t, of(nails()))
	var batch []customer.Input
	for i := range 20 {
		id := fmt.Sprintf("c%02d", i)
		p := bought("p", opening)
		p.Customer = id
		batch = append(batch, customer.Customer{ID: id}, p)
	}
	stranger := bought("p", opening)
	stranger.Customer = "stranger"
	err := s.Apply(t.Context(), append(batch, stranger)...)
	require.ErrorIs(t, err, pipeline.ErrUnknownCustomer)
	require.ErrorContains(t, err, `input 40, purchase of customer "stranger"`)
	assert.Empty(t, dump(t, s.cfg.Store))

	s.must(batch...)
	s.must(batch...) // again: nothing
	rec, err := s.Customer(t.Context(), "c07")
	require.NoError(t, err)
	assert.Equal(t, 1, rec.Totals.Count)
	assert.Equal(t, uint64(1), rec.Version)
}

func TestUnknownCustomer(t *testing.T) {
	t.Parallel()
	s := emptyShop(t, of(nails()))
	inputs := []customer.Input{
		bought("a", opening),
		customer.Refund{ID: "r", Customer: "olga", Purchase: "a", At: opening},
		customer.Activity{ID: "x", Customer: "olga", Name: "n", At: opening},
		customer.Edit{Customer: "olga", Change: func(*customer.Customer) {}},
		customer.Refusal{Customer: "olga", By: anna},
		moveStage("due"), moveNext(opening),
		customer.Pause{Customer: "olga"},
		customer.Assignment{Customer: "olga"},
	}
	for _, in := range inputs {
		require.ErrorIs(t, s.Apply(t.Context(), in), pipeline.ErrUnknownCustomer, "%T", in)
	}
	_, err := s.Customer(t.Context(), "olga")
	require.ErrorIs(t, err, pipeline.ErrUnknownCustomer)
	assert.Empty(t, dump(t, s.cfg.Store))
}

func TestSameInputTwiceIsANoOp(t *testing.T) {
	t.Parallel()
	d := of(nails(), sends("purchase", trigger.Purchase()), sends("view", trigger.Activity("page_view")))
	d.Segments = []segment.Segment{{ID: "keen", Enter: segment.Activities{Name: "page_view"}.Count(segment.AtLeast, 2)}}
	s := setup(t, d)
	inputs := []customer.Input{
		s.record().Customer,
		bought("a", opening.Add(500*time.Nanosecond)), // finer than what is kept
		customer.Refund{ID: "r", Customer: "olga", Purchase: "a", At: opening.Add(time.Second), Amount: 1},
		customer.Refund{ID: "rest", Customer: "olga", Purchase: "a", At: opening.Add(time.Second)}, // all that is left
		customer.Activity{ID: "v", Customer: "olga", Name: "page_view", At: opening},
	}
	s.must(inputs...)
	before := dump(t, s.cfg.Store)
	s.must(inputs...)
	for _, in := range inputs {
		s.must(in, in)
	}
	assert.Equal(t, before, dump(t, s.cfg.Store))
	assert.False(t, s.in("keen"))
}

func TestSameIDWithOtherContentIsAnError(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	s.must(bought("a", opening), customer.Activity{ID: "v", Customer: "olga", Name: "page_view", At: opening},
		customer.Refund{ID: "r", Customer: "olga", Purchase: "a", At: opening, Amount: 1})
	other := bought("a", opening)
	other.Amount++
	before := dump(t, s.cfg.Store)
	for name, in := range map[string]customer.Input{
		"purchase": other,
		"moved":    bought("a", opening.Add(time.Second)),
		"activity": customer.Activity{ID: "v", Customer: "olga", Name: "cart_add", At: opening},
		"refund":   customer.Refund{ID: "r", Customer: "olga", Purchase: "a", At: opening, Amount: 2},
		"customer": customer.Customer{ID: "olga", Name: "Somebody Else"},
	} {
		err := s.Apply(t.Context(), bought("z", opening), in)
		require.ErrorIs(t, err, pipeline.ErrIDReused, name)
		assertNoPersonalData(t, err)
	}
	assert.Equal(t, before, dump(t, s.cfg.Store))
}

func TestIDsAreOfOneCustomer(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	s.must(customer.Customer{ID: "igor"})
	p := bought("a", opening)
	s.must(p)
	p.Customer, p.Amount = "igor", 1
	s.must(p)
	rec, err := s.Customer(t.Context(), "igor")
	require.NoError(t, err)
	assert.Equal(t, 1, rec.Totals.Count)
}

func TestDuplicatesWithinOneBatch(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	s.must(bought("a", opening), bought("a", opening))
	assert.Equal(t, 1, s.record().Totals.Count)
	other := bought("b", opening)
	other.Amount = 1
	require.ErrorIs(t, s.Apply(t.Context(), bought("b", opening), other), pipeline.ErrIDReused)
}

func TestDuplicateOfAnOldPurchaseOutOfReachIsStillKnown(t *testing.T) {
	t.Parallel()
	d := of(nails())
	d.Segments = []segment.Segment{{ID: "s", Enter: segment.Purchases{Within: customer.Days(1)}.Count(segment.AtLeast, 1)}}
	s := setup(t, d)
	s.buys("a")
	s.tick(at("2028-01-01 00:00"))
	s.must(bought("a", opening))
	assert.Equal(t, 1, s.record().Totals.Count)
}

func TestNothingToApplyIsFine(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	require.NoError(t, s.Apply(t.Context()))
}

func TestErrorsCanBeToldApart(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	err := s.RecordPurchase(t.Context(), bought("", opening))
	var input *pipeline.InputError
	var field *customer.FieldError
	require.ErrorAs(t, err, &input)
	require.ErrorAs(t, err, &field)
	require.ErrorIs(t, err, customer.ErrInvalid)
	assert.Equal(t, "purchase", input.Kind)
	assert.Equal(t, "olga", input.Customer)
	assert.False(t, errors.Is(err, pipeline.ErrIDReused))
}
