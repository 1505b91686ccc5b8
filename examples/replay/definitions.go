package main

import (
	"bufio"
	_ "embed"
	"io"

	"github.com/regulars-go/regulars/pipeline"
)

// shop is what a music shop wants done, for want of other definitions. Nobody
// there has set up anything per customer: after three intervals a customer's own
// habit decides when the next purchase is expected, until then a month does.
//
//go:embed shop.json
var shop []byte

// shopFile is what errors call the definitions that are built in.
const shopFile = "shop.json"

// readDefinitions reads the definitions of a file; without one, the shop's.
func readDefinitions(path string, stdin io.Reader) (pipeline.Definitions, error) {
	if path == "" {
		defs, err := pipeline.ParseDefinitions(shop)
		return defs, inFile(shopFile, err)
	}
	return readFile(path, stdin, func(in *bufio.Reader) (pipeline.Definitions, error) {
		document, err := io.ReadAll(in)
		if err != nil {
			return pipeline.Definitions{}, err
		}
		return pipeline.ParseDefinitions(document)
	})
}
