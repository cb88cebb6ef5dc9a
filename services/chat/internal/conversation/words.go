package conversation

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tickler-app/tickler/pkg/fault"
)

// What the turn itself says, whatever planner there is.
const (
	interrupted       = "I was interrupted before I was done. What is shown above did happen; ask again for the rest."
	interruptedInCall = "I was interrupted in the middle of a call, so whether it was done is not known. Look at the task before you ask again."
	stoppedByService  = "I had to stop here because the service restarts. What is shown above did happen; ask again for the rest."
	tooManySteps      = "I stopped here: that took more steps than one turn may have. Tell me what is left to do."
	tooLong           = "I stopped here: the answer grew too long."
	tooSlow           = "I stopped here: it took too long. What is shown above did happen; ask again for the rest."
	goneInCircles     = "I stopped here: I was going round in circles. Say it another way?"
	signedOut         = "I could not go on: you are signed out. Sign in and ask again."
	plannerAway       = "what I think with does not answer"
	couldNotFinish    = "I could not finish: %s. What is shown above did happen; try again in a moment."
	needsYes          = "This changes more than one task, so I need your yes first:"
	nothingToSay      = "I have nothing to say to that."
)

var (
	notWords = regexp.MustCompile(`[^\p{L}\p{N}' ]+`)
	yes      = regexp.MustCompile(`^(?:(?:yes|y|yep|yeah|yup|sure|ok|okay|confirm|confirmed|approve|approved|do it|do that|do so|go ahead|go on|go for it|` +
		`proceed|please do|please|of course|absolutely|definitely|certainly|correct|right|that's right|exactly|i am sure|i'm sure|i am|fine|` +
		`(?:delete|complete|change|move|do) (?:them|it|both|these|those)(?: all)?|thanks) ?)+$`)
	no = strings.Split("no,n,nope,nah,cancel,stop,deny,denied,don't,do not,don't do it,do not do it,never mind,nevermind,no thanks,no thank you,"+
		"forget it,no don't,no cancel,abort,leave it,keep them,keep it,better not,not now", ",")
)

// brokenOff says why a turn could not be finished, as far as that is for the person.
func brokenOff(err error) string {
	why := plannerAway
	if e, ok := errors.AsType[*fault.Error](err); ok && e.Kind != fault.Internal {
		why = e.Message
	}
	return fmt.Sprintf(couldNotFinish, why)
}

// decision reads a message as a yes or a no; neither if it says anything else besides.
func decision(message string) (says, isYes bool) {
	words := strings.ToLower(strings.ReplaceAll(message, "’", "'"))
	words = strings.Join(strings.Fields(notWords.ReplaceAllString(words, " ")), " ")
	if yes.MatchString(words) && words != "please" && words != "thanks" {
		return true, true
	}
	return slices.Contains(no, words), false
}
