// Package pipeline is the engine of regulars: the definition of a
// repeat-purchase cycle ([Pipeline]) and the [Engine] that moves every customer
// through all of them.
//
// At its heart is one pure function, the step: from the definitions, a
// customer's record and what happened, it makes the next record, the events, the
// deliveries and the instant at which the customer may change by the clock
// alone. The Engine is a thin shell around it that loads records, steps them and
// commits the outcome in one transaction. A delivery exists if and only if the
// state change that caused it does.
//
// Definitions are plain values, or one JSON document ([ParseDefinitions]) that the
// file definitions.schema.json describes.
//
// Everything runs on an injected clock. With a fake one, a year of it runs in a
// test in milliseconds; see the example of the package.
package pipeline
