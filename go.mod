module github.com/regulars-go/regulars

go 1.26
