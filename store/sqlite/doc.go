// Package sqlite keeps everything in one SQLite file.
package sqlite
