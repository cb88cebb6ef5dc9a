package recurrence

func (r Rule) Text() string { return "" }
