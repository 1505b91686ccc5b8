package customer_test

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
)

// faulty returns the fields that err names, in order.
func faulty(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	require.True(t, ok, "all faults come joined")
	var fields []string
	for _, one := range joined.Unwrap() {
		var field *customer.FieldError
		require.ErrorAs(t, one, &field)
		require.ErrorIs(t, one, customer.ErrInvalid)
		assert.NotEmpty(t, field.What)
		assert.NotEmpty(t, field.Fault)
		fields = append(fields, field.Field)
	}
	return fields
}

func leaveAsIs(*customer.Customer) {}

func TestValidateNamesEveryFaultyField(t *testing.T) {
	t.Parallel()
	at := utc(t, "2026-03-09 10:00")
	early, late := time.Date(1899, 12, 31, 0, 0, 0, 0, time.UTC), time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)
	by := customer.By{Actor: "anna", Reason: "moved away", At: at}
	tests := []struct {
		rule string
		in   customer.Input
		want []string
	}{
		{"a customer needs an ID and nothing else", customer.Customer{ID: "c1"}, nil},
		{"a customer with everything", unordered(), nil},
		{"an empty customer", customer.Customer{}, []string{"ID"}},
		{"a customer's zone is one", customer.Customer{ID: "c1", Zone: "Mars/Olympus"}, []string{"Zone"}},
		{"a customer's zone is not the machine's", customer.Customer{ID: "c1", Zone: "Local"}, []string{"Zone"}},
		{"a customer's zone is no path", customer.Customer{ID: "c1", Zone: "../../etc/passwd"}, []string{"Zone"}},
		{"a customer with every fault", customer.Customer{
			Since: early, Emails: []string{"a@example.com", ""}, Phones: []string{""}, Tags: []string{"vip", ""}, Zone: "?",
			Fields:   customer.Fields{{}, {Name: "a"}, {Name: "b", Value: customer.Number(1)}, {Name: "b", Value: customer.Number(2)}},
			Consents: []customer.Consent{{At: late}, {Channel: "sms"}, {Channel: "sms", Granted: true}},
			Cadences: []customer.PipelineCadence{{}, {Pipeline: "tea", Cadence: every(customer.Days(-1))}, {Pipeline: "tea", Cadence: on(time.Monday)}},
		}, []string{
			"ID", "Since", "Tags[1]", "Emails[1]", "Phones[0]", "Fields[0].Name", `Fields["a"]`, `Fields["b"]`, "Zone",
			"Consents[0].Channel", "Consents[0].At", "Consents[2].Channel",
			"Cadences[0].Pipeline", "Cadences[0].Cadence", "Cadences[1].Cadence", "Cadences[2].Pipeline",
		}},

		{"a purchase", customer.Purchase{ID: "p1", Customer: "c1", At: at}, nil},
		{"a purchase with everything", customer.Purchase{
			ID: "p1", Customer: "c1", At: at, Amount: math.MaxInt64, Source: "web", Next: at.AddDate(0, 0, 7),
			Items: []customer.Item{{SKU: "a", Category: "tea", Quantity: 2, Amount: math.MaxInt64}, {}},
		}, nil},
		{"an empty purchase", customer.Purchase{}, []string{"ID", "Customer", "At"}},
		{"a purchase before 1900", customer.Purchase{ID: "p1", Customer: "c1", At: early}, []string{"At"}},
		{"a purchase in an odd year of UTC", customer.Purchase{ID: "p1", Customer: "c1", At: time.Date(10_000, 1, 1, 1, 0, 0, 0, zone(t, "Asia/Tokyo"))}, nil},
		{"a next date that is the purchase's", customer.Purchase{ID: "p1", Customer: "c1", At: at, Next: at}, []string{"Next"}},
		{"a purchase with every fault", customer.Purchase{
			At: late, Next: late.AddDate(-20_000, 0, 0), Amount: -1, Refunds: []customer.Refund{{ID: "r1"}},
			Items: []customer.Item{{Quantity: -1, Amount: -1}, {Amount: math.MaxInt64}, {Amount: 1}, {Amount: 0}},
		}, []string{
			"ID", "Customer", "At", "Next", "Amount", "Next", "Refunds", "Items[0].Quantity", "Items[0].Amount", "Items[2].Amount",
		}},

		{"a refund", customer.Refund{ID: "r1", Customer: "c1", Purchase: "p1", At: at}, nil},
		{"an empty refund", customer.Refund{}, []string{"ID", "Customer", "Purchase", "At"}},
		{"a refund that takes money", customer.Refund{ID: "r1", Customer: "c1", Purchase: "p1", At: late, Amount: -1}, []string{"At", "Amount"}},

		{"an activity", customer.Activity{ID: "a1", Customer: "c1", At: at, Name: "page_view"}, nil},
		{"an empty activity", customer.Activity{}, []string{"ID", "Customer", "Name", "At"}},
		{"an activity's properties", customer.Activity{ID: "a1", Customer: "c1", At: at, Name: "review", Props: customer.Fields{
			{Name: "stars", Value: customer.Number(math.NaN())}, {Value: customer.Text("x")},
		}}, []string{`Props["stars"]`, "Props[1].Name"}},

		{"an edit", customer.Edit{Customer: "c1", Change: leaveAsIs, By: by}, nil},
		{"an empty edit", customer.Edit{By: customer.By{At: early}}, []string{"Customer", "By.At", "Change"}},
		{"a refusal", customer.Refusal{Customer: "c1", By: by}, nil},
		{"a refusal says why", customer.Refusal{By: customer.By{At: late}}, []string{"Customer", "By.At", "By.Reason"}},
		{"a stage move", customer.StageMove{Customer: "c1", Pipeline: "tea", Stage: "due"}, nil},
		{"an empty stage move", customer.StageMove{By: customer.By{At: late}}, []string{"Customer", "By.At", "Pipeline", "Stage"}},
		{"a next move", customer.NextMove{Customer: "c1", Pipeline: "tea", Next: at, By: by}, nil},
		{"a next move to no date", customer.NextMove{Customer: "c1", Pipeline: "tea"}, nil},
		{"an empty next move", customer.NextMove{Next: early, By: customer.By{At: late}}, []string{"Customer", "By.At", "Pipeline", "Next"}},
		{"a pause", customer.Pause{Customer: "c1", Until: at, By: by}, nil},
		{"the end of a pause", customer.Pause{Customer: "c1"}, nil},
		{"an empty pause", customer.Pause{Until: late, By: customer.By{At: late}}, []string{"Customer", "By.At", "Until"}},
		{"an assignment", customer.Assignment{Customer: "c1", Manager: "anna", By: by}, nil},
		{"an assignment to nobody", customer.Assignment{Customer: "c1"}, nil},
		{"an empty assignment", customer.Assignment{By: customer.By{At: early}}, []string{"Customer", "By.At"}},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			t.Parallel()
			err := tt.in.Validate()
			assert.Equal(t, tt.want, faulty(t, err))
			assert.Equal(t, len(tt.want) > 0, errors.Is(err, customer.ErrInvalid))
		})
	}
}

func TestYearsFrom1900To9999CanBeKept(t *testing.T) {
	t.Parallel()
	for year, ok := range map[int]bool{1899: false, 1900: true, 1969: true, 9999: true, 10_000: false, -1: false} {
		at := time.Date(year, 6, 1, 0, 0, 0, 0, time.UTC)
		assert.Equal(t, ok, customer.Activity{ID: "a", Customer: "c", Name: "n", At: at}.Validate() == nil, year)
		assert.Equal(t, ok, customer.Pause{Customer: "c", Until: at}.Validate() == nil, year)
		assert.Equal(t, ok, customer.Customer{ID: "c", Since: at}.Validate() == nil, year)
	}
}

func TestErrInvalidSurvivesJoinAndWrap(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("record: %w", errors.Join(errors.New("another"), customer.Purchase{ID: "p1"}.Validate()))
	require.ErrorIs(t, err, customer.ErrInvalid)
	require.NotErrorIs(t, err, customer.ErrDefinition)

	var field *customer.FieldError
	require.ErrorAs(t, err, &field)
	assert.Equal(t, customer.FieldError{What: "purchase", ID: "p1", Field: "Customer", Fault: "is empty; it is required"}, *field)
	assert.Equal(t, `purchase "p1": Customer is empty; it is required`, field.Error())
	assert.NotErrorIs(t, errors.New(customer.ErrInvalid.Error()), customer.ErrInvalid, "never by text")
}

func TestErrorsNameTheInputByItsID(t *testing.T) {
	t.Parallel()
	for what, in := range map[string]customer.Input{
		"customer":   customer.Customer{ID: "x1", Zone: "?"},
		"purchase":   customer.Purchase{ID: "x1"},
		"refund":     customer.Refund{ID: "x1"},
		"activity":   customer.Activity{ID: "x1"},
		"edit":       customer.Edit{Customer: "x1"},
		"refusal":    customer.Refusal{Customer: "x1"},
		"stage move": customer.StageMove{Customer: "x1"},
		"next move":  customer.NextMove{Customer: "x1"},
		"pause":      customer.Pause{Customer: "x1", By: customer.By{At: time.Unix(-1e11, 0)}},
		"assignment": customer.Assignment{Customer: "x1", By: customer.By{At: time.Unix(-1e11, 0)}},
	} {
		var field *customer.FieldError
		require.ErrorAs(t, in.Validate(), &field, what)
		assert.Equal(t, what, field.What)
		assert.Equal(t, "x1", field.ID)
	}
}

func TestErrorsHoldNoPersonalData(t *testing.T) {
	t.Parallel()
	secrets := []string{"Ada Lovelace", "ada@example.com", "+44123456789", "likes marzipan", "1815-12-10", "wants no more letters"}
	bad := customer.Customer{
		Name: secrets[0], Emails: []string{secrets[1], secrets[1], ""}, Phones: []string{secrets[2], ""}, Tags: []string{secrets[3], ""},
		Source: secrets[3], Manager: secrets[0], Locale: secrets[3], Since: time.Unix(-1e11, 0), Zone: "?",
		Fields: customer.Fields{
			{Name: "note", Value: customer.Text(secrets[3])},
			{Name: "note", Value: customer.Text(secrets[3])},
			{Value: customer.Text(secrets[1])},
			{Name: "born", Value: customer.DateValue(1815, 12, 10)},
			{Name: "born", Value: customer.DateValue(1815, 12, 10)},
		},
		Consents: []customer.Consent{{}},
		Cadences: []customer.PipelineCadence{{}},
	}
	by := customer.By{Actor: secrets[0], Reason: secrets[5], At: time.Unix(-1e11, 0)}
	for _, in := range []customer.Input{
		bad,
		customer.Purchase{Amount: -1, Source: secrets[3], Items: []customer.Item{{SKU: secrets[3], Category: secrets[3], Amount: -1}}},
		customer.Refund{Amount: -1, Reason: secrets[5]},
		customer.Activity{Props: customer.Fields{{Value: customer.Text(secrets[1])}, {Name: "a", Value: customer.Text(secrets[2])}, {Name: "a", Value: customer.Text(secrets[2])}}},
		customer.Edit{By: by},
		customer.Refusal{By: by},
		customer.StageMove{By: by},
		customer.NextMove{By: by},
		customer.Pause{By: by},
		customer.Assignment{Manager: secrets[0], By: by},
	} {
		err := in.Validate()
		require.Error(t, err)
		for _, secret := range secrets {
			assert.NotContains(t, err.Error(), secret, reflect.TypeOf(in))
		}
	}
}

func TestValidateChangesNothing(t *testing.T) {
	t.Parallel()
	c, p, a := filled[customer.Customer](t), filled[customer.Purchase](t), filled[customer.Activity](t)
	_, _, _ = c.Validate(), p.Validate(), a.Validate()
	assert.Equal(t, filled[customer.Customer](t), c)
	assert.Equal(t, filled[customer.Purchase](t), p)
	assert.Equal(t, filled[customer.Activity](t), a)
}

func TestEveryInputNamesItsCustomer(t *testing.T) {
	t.Parallel()
	for _, in := range []customer.Input{
		customer.Customer{ID: "c1"},
		customer.Purchase{ID: "x", Customer: "c1"},
		customer.Refund{ID: "x", Customer: "c1"},
		customer.Activity{ID: "x", Customer: "c1"},
		customer.Edit{Customer: "c1"},
		customer.Refusal{Customer: "c1"},
		customer.StageMove{Customer: "c1"},
		customer.NextMove{Customer: "c1"},
		customer.Pause{Customer: "c1"},
		customer.Assignment{Customer: "c1"},
	} {
		assert.Equal(t, "c1", in.CustomerID(), reflect.TypeOf(in))
	}
}

func TestDefinitionFaultsAreToldAtOnce(t *testing.T) {
	t.Parallel()
	var faults customer.Faults
	require.NoError(t, faults.Err())
	faults.Add("stages[1].name", "%q is given twice", "due")
	faults.Add("stages[2]", "is empty")
	err := fmt.Errorf("new engine: %w", faults.Err())
	require.ErrorIs(t, err, customer.ErrDefinition)
	require.NotErrorIs(t, err, customer.ErrInvalid)
	require.EqualError(t, err, "new engine: stages[1].name: \"due\" is given twice\nstages[2]: is empty")

	var one *customer.DefinitionError
	require.ErrorAs(t, err, &one)
	assert.Equal(t, customer.DefinitionError{Path: "stages[1].name", Fault: `"due" is given twice`}, *one)
}

func TestDefinitionFaultsNameTheirLine(t *testing.T) {
	t.Parallel()
	require.EqualError(t, &customer.DefinitionError{Path: "stages[2]", Fault: "is empty", Line: 7}, "line 7: stages[2]: is empty")
	require.EqualError(t, &customer.DefinitionError{Fault: "is empty", Line: 1}, "line 1: document: is empty")
	require.EqualError(t, &customer.DefinitionError{Fault: "is empty"}, "document: is empty")
}

func TestTagsAndConsents(t *testing.T) {
	t.Parallel()
	c := customer.Customer{
		Tags:     []string{"vip"},
		Consents: []customer.Consent{{Channel: "email", Granted: true}, {Channel: "sms"}},
	}
	assert.True(t, c.HasTag("vip"))
	assert.False(t, c.HasTag("VIP"))
	assert.False(t, c.HasTag(""))
	assert.False(t, c.Denied("email"))
	assert.True(t, c.Denied("sms"))
	assert.False(t, c.Denied("phone"), "never asked is not refused")
}
