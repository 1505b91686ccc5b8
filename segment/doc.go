// Package segment defines dynamic segments: named sets of customers, entered
// and left by rules at the exact instant at which a rule becomes true or false.
//
// A rule is a [Predicate], a value built from leaves and logic:
//
//	segment.All(
//		segment.Spent(segment.AtLeast, 100_000),
//		segment.Not(segment.HasTag("staff")),
//		segment.Purchases{Within: customer.Days(90)}.Count(segment.AtLeast, 3),
//	)
//
// Evaluating one gives its truth and the instant until which that holds if
// nothing happens: the flip. A window is counted forward from the fact:
// something at t is inside a trailing window of d while t ≤ now < t + d, where a
// calendar d is added to t in the customer's zone. A purchase at t0 therefore
// leaves "within 30 days" exactly at t0 + 30 days, and "no purchase for 30 days"
// begins at that same instant.
//
// Something that is missing compares as false, whatever the operator: a
// customer without the field "size" is neither in Field("size", Equal, v) nor in
// Field("size", NotEqual, v). Not of it is true.
//
// What a shop uses is [Segment], the functions that make a [Predicate], and
// [Membership], which look-ups show. The rest is how the engine evaluates them:
// [Compile] turns definitions into a [Set], which may be used concurrently; a
// [State] is one customer's place in it, and [Facts] is what is read of them.
// [Set.Eval] tells what is true of one customer and until when, [Set.Explain] why.
// [ParsePredicate] reads the JSON form, [MarshalPredicate] writes it.
package segment
