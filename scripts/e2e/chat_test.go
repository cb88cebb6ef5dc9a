package e2e

import (
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/tickler-app/tickler/scripts/internal/person"
)

// talkingToTasks is what a person does who types instead of clicking, without a model.
func talkingToTasks(s *scene) {
	ada := s.signUp()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		s.Fatal(err)
	}
	tomorrow := time.Now().In(berlin).AddDate(0, 0, 1)
	heard, err := ada.Hear(s.Context(), s.house.Public(), "", "add call the dentist tomorrow at 3pm, remind me 1 hour before, then show what's due this week")
	if err != nil {
		s.Fatal(err)
	}
	for _, want := range []string{"start", "tool-input-available", "tool-output-available", "data-task", "text-delta", "finish"} {
		if !slices.Contains(heard.Frames, want) {
			s.Errorf("no %s in %v", want, heard.Frames)
		}
	}
	if strings.Count(strings.ToLower(heard.Text), "call the dentist") < 2 || !strings.Contains(heard.Text, tomorrow.Weekday().String()[:3]) {
		s.Errorf("it said %s", heard.Text)
	}
	var list struct{ Tasks []person.Task }
	tasks := func() []person.Task {
		if _, err := ada.Call(s.Context(), "GET", "tasks", nil, "", &list); err != nil {
			s.Fatal(err)
		}
		return list.Tasks
	}
	made := tasks()
	if len(made) != 1 || made[0].DueDate == nil || !strings.HasPrefix(*made[0].DueDate, tomorrow.Format("2006-01-02")+"T15:00:00") || len(made[0].Reminders) != 1 {
		s.Fatalf("made %+v", made)
	}
	s.eventually("the trail says that the agent did it in the chat", func() bool {
		entries, err := ada.Entries(s.Context())
		return err == nil && slices.ContainsFunc(entries, func(e person.Entry) bool {
			return e.Type == "task.created" && e.Actor.Type == "agent" && e.Source == "chat" && e.RequestID != ""
		})
	})
	s.say(ada, heard.Conversation, "create a task: Swim", "Swim", false)
	s.say(ada, heard.Conversation, "delete 'Swim' and 'Call the dentist'", "?", true)
	if n := len(tasks()); n != 2 {
		s.Errorf("before a yes %d tasks are left", n)
	}
	s.say(ada, heard.Conversation, "yes", "", false)
	if n := len(tasks()); n != 0 {
		s.Errorf("after a yes %d tasks are left", n)
	}
	s.say(ada, heard.Conversation, "undo", "", false)
	if n := len(tasks()); n != 2 {
		s.Errorf("after one undo there are %d tasks", n)
	}
}

func (s *scene) say(p *person.Person, in, message, want string, asks bool) {
	s.Helper()
	heard, err := p.Say(s.Context(), in, message)
	if err != nil {
		s.Fatalf("%s: %v", message, err)
	}
	if !strings.Contains(heard.Response, want) || heard.Metadata.Asks != asks {
		s.Errorf("%s: %+v", message, heard)
	}
}

// chatDiesInTheMiddle: whoever talked finds out what happened, and nothing happened twice.
func chatDiesInTheMiddle(s *scene) {
	ada := s.signUp()
	first, err := ada.Say(s.Context(), "", "create a task: Before")
	if err != nil {
		s.Fatal(err)
	}
	in, ended := first.Conversation, make(chan error, 1)
	go func() {
		_, err := ada.Hear(s.Context(), s.house.Public(), in, "add a task to buy milk; add a task to buy eggs; add a task to buy bread; add a task to buy tea; add a task to buy salt; add a task to buy rice")
		ended <- err
	}()
	var list struct{ Tasks []person.Task }
	s.eventually("it is at work", func() bool {
		_, err := ada.Call(s.Context(), "GET", "tasks", nil, "", &list)
		return err == nil && len(list.Tasks) > 1
	})
	if err := s.house.Process("chat").Send(syscall.SIGKILL); err != nil {
		s.Fatal(err)
	}
	<-ended // early, or just in time
	s.await()
	var kept struct{ Messages []struct{ Role string } }
	s.eventually("the conversation has an end", func() bool {
		_, err := ada.Call(s.Context(), "GET", "conversations/"+in, nil, "", &kept)
		return err == nil && len(kept.Messages) == 4
	})
	if _, err := ada.Say(s.Context(), in, "list my tasks"); err != nil {
		s.Error(err)
	}
	if _, err := ada.Call(s.Context(), "GET", "tasks", nil, "", &list); err != nil {
		s.Fatal(err)
	}
	seen := map[string]int{}
	for _, task := range list.Tasks {
		if seen[strings.ToLower(task.Title)]++; seen[strings.ToLower(task.Title)] > 1 {
			s.Errorf("%s is there twice", task.Title)
		}
	}
}
