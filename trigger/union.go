package trigger

import "github.com/regulars-go/regulars/customer/document"

// Union returns the steps by their keys in JSON. It is how package pipeline reads
// and writes definitions.
func Union() document.Union { return steps }

var steps = document.UnionOf[Step](
	document.Case{Key: "send", Value: message{}, Doc: "Sends the customer a message over a channel."},
	document.Case{Key: "mail", Value: mail{}, Doc: "Sends the customer an e-mail."},
	document.Case{Key: "task", Value: task{}, Doc: "Asks the customer's manager to do something."},
	document.Case{Key: "webhook", Value: webhook{}, Doc: "Calls a webhook."},
	document.Case{Key: "tag", Value: tag(""), Doc: "Gives the customer a tag."},
	document.Case{Key: "untag", Value: untag(""), Doc: "Takes a tag from the customer."},
	document.Case{Key: "set_field", Value: setField{}, Doc: "Sets a custom field of the customer's card."},
	document.Case{Key: "assign", Value: assign(""), Doc: "Makes a manager responsible for the customer."},
	document.Case{Key: "wait", Value: wait{}, Doc: "Goes on with the next step later."},
	document.Case{Key: "wait_at", Value: waitAt{}, Doc: "Goes on with the next step at a time of day."},
	document.Case{Key: "stop", Value: stop{}, Doc: "Ends the run."},
)
