package recurrence

// The words of the grammar (wire-chat.md, "Offline default agent"), in lower case.

var dayWords = map[string]int{
	"monday": 0, "mon": 0, "tuesday": 1, "tue": 1, "tues": 1, "wednesday": 2, "wed": 2, "weds": 2,
	"thursday": 3, "thu": 3, "thur": 3, "thurs": 3, "friday": 4, "fri": 4, "saturday": 5, "sat": 5, "sunday": 6, "sun": 6,
	"mondays": 0, "tuesdays": 1, "wednesdays": 2, "thursdays": 3, "fridays": 4, "saturdays": 5, "sundays": 6,
}

var monthWords = map[string]int{
	"january": 1, "jan": 1, "february": 2, "feb": 2, "march": 3, "mar": 3, "april": 4, "apr": 4, "may": 5, "june": 6, "jun": 6,
	"july": 7, "jul": 7, "august": 8, "aug": 8, "september": 9, "sep": 9, "sept": 9, "october": 10, "oct": 10,
	"november": 11, "nov": 11, "december": 12, "dec": 12,
}

var ordinalNumbers = map[string]int{
	"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
	"eleventh": 11, "twelfth": 12,
}

var numberWords = map[string]int{
	"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
	"eleven": 11, "twelve": 12, "other": 2,
}

// span is what a unit's word stands for.
type span struct {
	freq Frequency
	n    int
}

var unitWords = map[string]span{
	"day": {Daily, 1}, "days": {Daily, 1}, "week": {Weekly, 1}, "weeks": {Weekly, 1}, "fortnight": {Weekly, 2}, "fortnights": {Weekly, 2},
	"month": {Monthly, 1}, "months": {Monthly, 1}, "quarter": {Monthly, 3}, "quarters": {Monthly, 3}, "year": {Yearly, 1}, "years": {Yearly, 1},
}

var adverbs = map[string]span{
	"daily": {Daily, 1}, "everyday": {Daily, 1}, "weekly": {Weekly, 1}, "biweekly": {Weekly, 2}, "fortnightly": {Weekly, 2},
	"monthly": {Monthly, 1}, "quarterly": {Monthly, 3}, "yearly": {Yearly, 1}, "annually": {Yearly, 1},
}

// subDailyWords are units and adverbs below a day, which a person may ask for in vain.
var subDailyWords = map[string]bool{
	"hour": true, "hours": true, "minute": true, "minutes": true, "second": true, "seconds": true, "hourly": true,
}

var weekend = []weekday{{day: 5}, {day: 6}}
