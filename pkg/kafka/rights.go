package kafka

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Rights are what a service must be allowed on the broker to do all of its work; the zero
// value is nothing. What it needs is for the catalog to say.
type Rights struct {
	Service      string
	Write        []string // topics
	Read         []string // topics
	Group        string
	Transactions string // prefix of its transactional ids
}

// ErrRights means that the broker does not allow what the service has to do.
var ErrRights = errors.New("the broker does not allow what this service has to do")

// Check returns nil if the broker can be asked, allows rights, and has the topics that are
// wanted. Otherwise its error is one line that names the setting that is wrong, or what to run.
func Check(ctx context.Context, client *kgo.Client, want []Topic, rights Rights) error {
	err := rights.check(ctx, client)
	if err == nil {
		err = CheckTopics(ctx, client, want)
	}
	switch {
	case err == nil, errors.Is(err, ErrTopics), errors.Is(err, ErrRights), strings.Contains(err.Error(), "KAFKA_"):
		return err
	case errors.Is(err, kerr.SaslAuthenticationFailed):
		return fmt.Errorf("KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD: the broker does not know them: %w", err)
	case errors.Is(err, io.EOF): // as brokers do with whoever speaks otherwise than they want
		return fmt.Errorf("KAFKA_TLS, KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD: the broker hangs up, so one of them is not as it wants: %w", err)
	}
	return fmt.Errorf("KAFKA_BROKERS: %w", err)
}

// check asks for what is allowed and does nothing, so that a right which is missing shows
// before the first record that needs it.
func (r Rights) check(ctx context.Context, client *kgo.Client) error {
	lacks, err := r.topics(ctx, client)
	if err != nil {
		return err
	}
	if r.Group != "" {
		ask := kmsg.NewPtrDescribeGroupsRequest()
		ask.Groups = []string{r.Group}
		answer, err := ask.RequestWith(ctx, client)
		if err == nil && len(answer.Groups) > 0 {
			err = kerr.ErrorForCode(answer.Groups[0].ErrorCode)
		}
		if errors.Is(err, kerr.GroupAuthorizationFailed) {
			lacks = append(lacks, "be in the group "+r.Group)
		} else if err != nil && !errors.Is(err, kerr.GroupIDNotFound) {
			return fmt.Errorf("describe group %s: %w", r.Group, err)
		}
	}
	if r.Transactions != "" {
		ask := kmsg.NewPtrDescribeTransactionsRequest()
		ask.TransactionalIDs = []string{r.Transactions + "-0"}
		answer, err := ask.RequestWith(ctx, client)
		if err == nil && len(answer.TransactionStates) > 0 {
			err = kerr.ErrorForCode(answer.TransactionStates[0].ErrorCode)
		}
		// Other errors tell nothing: there is none yet, or the broker is too old to be asked.
		if errors.Is(err, kerr.TransactionalIDAuthorizationFailed) {
			lacks = append(lacks, "write in transactions named "+r.Transactions+"-…")
		}
	}
	if len(lacks) > 0 {
		return fmt.Errorf("%w: as KAFKA_SASL_USERNAME it may not %s: run `topics access`, which gives %s its rights",
			ErrRights, strings.Join(lacks, ", "), r.Service)
	}
	return nil
}

// topics says what may not be done with topics. One that is missing is CheckTopics' to tell.
func (r Rights) topics(ctx context.Context, client *kgo.Client) (lacks []string, err error) {
	ask := kmsg.NewPtrMetadataRequest()
	ask.IncludeTopicAuthorizedOperations = true
	names := slices.Concat(r.Read, r.Write)
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		one := kmsg.NewMetadataRequestTopic()
		one.Topic = &name
		ask.Topics = append(ask.Topics, one)
	}
	if len(ask.Topics) == 0 {
		return nil, nil // with no name the call would mean every topic
	}
	answer, err := ask.RequestWith(ctx, client)
	if err != nil {
		return nil, fmt.Errorf("list topics: %w", err)
	}
	for _, topic := range answer.Topics {
		name := *topic.Topic
		hidden := errors.Is(kerr.ErrorForCode(topic.ErrorCode), kerr.TopicAuthorizationFailed)
		if !hidden && (topic.ErrorCode != 0 || topic.AuthorizedOperations == math.MinInt32) {
			continue // it is missing, or the broker does not tell
		}
		for operation, needed := range map[kmsg.ACLOperation][]string{kmsg.ACLOperationRead: r.Read, kmsg.ACLOperationWrite: r.Write} {
			if slices.Contains(needed, name) && (hidden || topic.AuthorizedOperations&(1<<operation) == 0) {
				lacks = append(lacks, strings.ToLower(operation.String())+" "+name)
			}
		}
	}
	slices.Sort(lacks)
	return lacks, nil
}
