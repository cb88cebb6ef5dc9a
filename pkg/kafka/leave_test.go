package kafka

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A process that was killed while it joined is waited for by all that join after it. One of
// these is told to stop meanwhile: it goes, and the group knows.
func TestAMemberThatIsToldToStopDoesNotWaitForOneThatDied(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		b.dies()
		member := b.client(GroupOpts(b.group, b.topic)...)
		time.Sleep(time.Second) // it has asked to join, and waits for the dead one
		told := time.Now()
		Leave(member)
		if took := time.Since(told); took > 2*patience {
			b.Errorf("it took %s to stop", took)
		}
		if left := b.members(); left != 1 {
			b.Errorf("%d members are left, not only the dead one", left)
		}
	})
}

func TestLeaveOfAGroupAtRestIsImmediate(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		member := b.client(GroupOpts(b.group, b.topic)...)
		b.isShared(1)
		told := time.Now()
		Leave(member)
		if took := time.Since(told); took >= patience {
			b.Errorf("it took %s to stop", took)
		}
		if left := b.members(); left != 0 {
			b.Errorf("%d members are left", left)
		}
	})
}

func (b *bench) members() int {
	b.Helper()
	groups, err := kadm.NewClient(b.prod).DescribeGroups(b.Context(), b.group)
	b.must(err)
	return len(groups[b.group].Members)
}

// dies joins the group and is never heard of again. Its session is long, so that what waits
// for it waits for a whole rebalance.
func (b *bench) dies() {
	b.Helper()
	client := b.client()
	join := kmsg.NewPtrJoinGroupRequest()
	join.Group, join.ProtocolType = b.group, "consumer"
	join.SessionTimeoutMillis, join.RebalanceTimeoutMillis = 300_000, 60_000
	protocol := kmsg.NewJoinGroupRequestProtocol()
	protocol.Name = kgo.CooperativeStickyBalancer().ProtocolName()
	meta := kmsg.NewConsumerMemberMetadata()
	meta.Topics = []string{b.topic}
	protocol.Metadata = meta.AppendTo(nil)
	join.Protocols = append(join.Protocols, protocol)
	first, err := join.RequestWith(b.Context(), client)
	b.must(err)
	join.MemberID = first.MemberID // asked for one, it has to come again with it (KIP-394)
	_, err = join.RequestWith(b.Context(), client)
	b.must(err)
}
