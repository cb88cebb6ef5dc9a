package feed

import "time"

// remembered is how long a session's end matters: longer than any token of it is good.
const remembered = time.Hour

// EndSession ends a person's subscriptions of one session, and lets none begin.
func (f *Feed) EndSession(person, session string) {
	if session != "" {
		f.end(person, session)
	}
}

// EndPerson ends all of a person's subscriptions, and lets none begin.
func (f *Feed) EndPerson(person string) { f.end(person, "") }

func (f *Feed) end(person, session string) {
	s := f.shard(person)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over[key(person, session)] = f.Now().Add(remembered)
	p := s.people[person]
	if p == nil {
		return
	}
	for _, sub := range p.subs {
		if session == "" || sub.Session == session {
			sub.End()
		}
	}
}

// Over says whether a session has ended, or its person is gone.
func (f *Feed) Over(person, session string) bool {
	s := f.shard(person)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.isOver(person, session)
}

func (s *shard) isOver(person, session string) bool {
	if _, gone := s.over[key(person, "")]; gone {
		return true
	}
	_, over := s.over[key(person, session)]
	return over
}

// key is a name for a person's session; ids have no NUL.
func key(person, session string) string { return person + "\x00" + session }
