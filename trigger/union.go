package trigger

import (
	"github.com/regulars-go/regulars/customer/document"
	"github.com/regulars-go/regulars/segment"
)

// Union returns the steps by their keys in JSON. It is how package pipeline reads
// and writes definitions.
func Union() document.Union { return steps }

// language is that of triggers.
var language = document.NewLanguage(append(segment.Unions(), steps)...)

var steps = document.UnionOf[Step](
	document.Case{Key: "send", Value: message{}, Doc: "sends the customer a message over a channel"},
	document.Case{Key: "mail", Value: mail{}, Doc: "sends the customer an e-mail"},
	document.Case{Key: "task", Value: task{}, Doc: "asks the customer's manager to do something"},
	document.Case{Key: "webhook", Value: webhook{}, Doc: "calls a webhook"},
	document.Case{Key: "tag", Value: tag(""), Doc: "gives the customer a tag"},
	document.Case{Key: "untag", Value: untag(""), Doc: "takes a tag from the customer"},
	document.Case{Key: "set_field", Value: setField{}, Doc: "sets a custom field of the customer's card"},
	document.Case{Key: "assign", Value: assign(""), Doc: "makes a manager responsible for the customer"},
	document.Case{Key: "wait", Value: wait{}, Doc: "goes on with the next step later"},
	document.Case{Key: "wait_at", Value: waitAt{}, Doc: "goes on with the next step at a time of day"},
	document.Case{Key: "stop", Value: stop{}, Doc: "ends the run"},
)
