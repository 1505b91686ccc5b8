package sqlite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/regulars-go/regulars/store"
)

// job is something to write. It may be run more than once, each time in another
// transaction, of which only the last is committed.
type job struct {
	ctx  context.Context
	run  func(*session) error
	err  error
	done chan struct{}
	lost int // how often the lock could not be had
}

// waited returns the error of a context that ended.
func (j *job) waited(err error) error {
	if j.lost == 0 {
		return err
	}
	return fmt.Errorf("%w: %w", errNotBegun, err)
}

// queue is the jobs that wait to be written.
type queue struct {
	mu   sync.Mutex
	jobs []*job
}

func (q *queue) add(j *job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.jobs = append(q.jobs, j)
}

// maxTogether is how many jobs are committed together. Nobody waits for more than
// one such transaction besides the one under way.
const maxTogether = 64

// take returns the jobs that have waited longest.
func (q *queue) take() []*job {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(len(q.jobs), maxTogether)
	jobs := q.jobs[:n:n]
	q.jobs = q.jobs[n:]
	return jobs
}

// putBack has jobs wait again, before all others.
func (q *queue) putBack(jobs []*job) {
	if len(jobs) == 0 {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.jobs = append(jobs, q.jobs...)
}

// withdraw takes a job back, unless somebody is at it.
func (q *queue) withdraw(j *job) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(q.jobs, j)
	if i < 0 {
		return false
	}
	q.jobs = slices.Delete(slices.Clone(q.jobs), i, i+1)
	return true
}

// write has the job done and waits for it. Whoever gets hold of the pen writes
// for all who wait: a transaction costs much the same with one change or fifty.
func (s *Store) write(ctx context.Context, run func(*session) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.isClosed() {
		return errClosed
	}
	j := &job{ctx: ctx, run: run, done: make(chan struct{})}
	s.jobs.add(j)
	for gone := false; ; {
		select {
		case <-j.done:
			return j.err
		case <-until(ctx.Done(), gone):
			if gone = true; s.jobs.withdraw(j) {
				return j.waited(ctx.Err())
			}
		case <-until(s.closed, gone):
			if gone = true; s.jobs.withdraw(j) {
				return errClosed
			}
		case pen := <-s.pen:
			if jobs := s.jobs.take(); len(jobs) > 0 { // else the job is done
				s.jobs.putBack(pen.together(jobs))
			}
			s.pen <- pen
		}
	}
}

// until returns the channel, or one that never comes once it has.
func until(c <-chan struct{}, gone bool) <-chan struct{} {
	if gone {
		return nil
	}
	return c
}

// together does the jobs in one transaction. Where one fails in the database,
// that undoes all, and each is done again in a transaction of its own. It returns
// those that go on waiting for the lock.
func (c *session) together(jobs []*job) (waiting []*job) {
	if err := c.transact(jobs); err != nil && len(jobs) > 1 && !errors.Is(err, errNotBegun) {
		for i := range jobs {
			_ = c.transact(jobs[i : i+1]) // it is noted in the job
		}
	}
	for _, j := range jobs {
		if c.waits(j) {
			waiting = append(waiting, j)
		} else {
			close(j.done)
		}
	}
	return waiting
}

// errNotBegun marks a transaction that could not begin.
var errNotBegun = errors.New("cannot write now; who holds a transaction of their own writes with InTx, as for ApplyTx")

// slice is how long SQLite is let wait for the lock at a time: it knows of no
// context.
const slice = 50 * time.Millisecond

// impatient has the session wait for the lock in slices, for as long altogether.
func (c *session) impatient(wait time.Duration) error {
	c.slices = int((wait + slice - 1) / slice)
	return c.exec(fmt.Sprintf("pragma busy_timeout = %d", min(wait, slice).Milliseconds()))
}

// waits reports whether the job goes on waiting for the lock.
func (c *session) waits(j *job) bool {
	if !errors.Is(j.err, errNotBegun) {
		return false
	}
	j.lost++
	if gone := j.ctx.Err(); gone != nil {
		j.err = j.waited(gone)
		return false
	}
	return j.lost < c.slices
}

// transact does the jobs in one transaction, and returns the error that undid
// all of them.
func (c *session) transact(jobs []*job) error {
	err := c.exec("begin immediate")
	if err != nil {
		err = fmt.Errorf("%w: %w", errNotBegun, err)
	} else {
		if err = c.runAll(jobs); err == nil {
			err = c.end()
		}
		if err != nil {
			_ = c.exec("rollback") // which SQLite may have done already
		}
	}
	if err != nil {
		for _, j := range jobs {
			j.err = err
		}
	}
	return err
}

// end commits. Where that fails, the log may have all of it even so: nobody sees
// it, and the next commit overwrites it, but if everybody crashes before, it counts.
func (c *session) end() error {
	if err := c.exec("commit"); err != nil {
		return fmt.Errorf("%w: %w", store.ErrOutcomeUnknown, err)
	}
	return nil
}

// runAll runs the jobs. Those that are refused have written nothing, so that the
// others can go on.
func (c *session) runAll(jobs []*job) error {
	c.turn = 0
	for _, j := range jobs {
		if j.err = j.ctx.Err(); j.err != nil {
			continue
		}
		if j.err = j.run(c); j.err != nil && !refused(j.err) {
			return j.err
		}
	}
	return nil
}

// refused reports whether an error says that a job found out, before it wrote
// anything, that it cannot be done.
func refused(err error) bool {
	return errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrUnknown)
}
