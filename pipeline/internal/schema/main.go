// Schema writes the JSON Schema of definitions into the folder it is run in. It
// is called by go generate.
package main

import (
	"log"
	"os"

	"github.com/regulars-go/regulars/pipeline"
)

func main() {
	schema, err := pipeline.DefinitionsSchema()
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("definitions.schema.json", schema, 0o644); err != nil {
		log.Fatal(err)
	}
}
