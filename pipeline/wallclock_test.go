package pipeline_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fromTheWall is what reads the wall clock or waits by it, by package.
var fromTheWall = map[string][]string{
	"time":                         {"Now", "Since", "Until", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick", "Sleep"},
	"context":                      {"WithTimeout", "WithDeadline", "WithTimeoutCause", "WithDeadlineCause"},
	"github.com/benbjohnson/clock": {"New"},
}

// sqlClock is how statements read the clock of the database.
var sqlClock = regexp.MustCompile(`(?i)\b(now\s*\(|(current|local)_?(timestamp|date|time)\b|(clock|statement|transaction)_timestamp|pg_sleep|(date|time|datetime|unixepoch|julianday)\s*\(\s*\))|'now'`)

// mayReadTheWall is where that is right, and why.
var mayReadTheWall = map[string]string{
	"pipeline/engine.go: clock.New":             "the wall clock is what Config.Clock is by default",
	"pipeline/dispatch.go: context.WithTimeout": "Config.SendTimeout is real time: what a Notifier hangs on knows no other",
	"store/postgres/store.go: clock.New":        "the wall clock is what Options.Clock is by default",
}

// Only the clock that was injected is read: nothing else in the library, nor its SQL,
// knows what time it is.
func TestNothingReadsTheWallClock(t *testing.T) {
	t.Parallel()
	found := make(map[string]bool)
	root := os.DirFS("..")
	require.NoError(t, fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (name == "examples" || name == "store/storetest" || name == "store/postgres/postgrestest" || strings.HasPrefix(d.Name(), ".") && name != "."):
			return fs.SkipDir // programs and tests
		case strings.HasSuffix(name, "_test.go"):
			return nil
		case path.Ext(name) == ".go":
			return readsInGo(name, found)
		case path.Ext(name) == ".sql":
			text, err := fs.ReadFile(root, name)
			readsInSQL(name, withoutComments(string(text)), found)
			return err
		}
		return nil
	}))
	for use := range found {
		assert.Contains(t, mayReadTheWall, use, "use the injected clock, or say here why not")
	}
	for use := range mayReadTheWall {
		assert.Contains(t, found, use, "is no longer needed")
	}
}

// readsInGo notes what a file calls, and the SQL in its literals.
func readsInGo(name string, found map[string]bool) error {
	f, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", filepath.FromSlash(name)), nil, 0)
	if err != nil {
		return err
	}
	imported := make(map[string]string) // by name
	for _, i := range f.Imports {
		as := strings.Trim(i.Path.Value, `"`)
		if _, watched := fromTheWall[as]; !watched {
			continue
		}
		imported[path.Base(as)] = as
		if i.Name != nil {
			imported[i.Name.Name] = as
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			x, ok := n.X.(*ast.Ident)
			if ok && slices.Contains(fromTheWall[imported[x.Name]], n.Sel.Name) {
				found[fmt.Sprintf("%s: %s.%s", name, path.Base(imported[x.Name]), n.Sel.Name)] = true
			}
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				readsInSQL(name, n.Value, found)
			}
		}
		return true
	})
	return nil
}

func readsInSQL(name, text string, found map[string]bool) {
	for _, use := range sqlClock.FindAllString(text, -1) {
		found[name+": SQL "+use] = true
	}
}

func withoutComments(sql string) string {
	return regexp.MustCompile(`--.*`).ReplaceAllString(sql, "")
}
