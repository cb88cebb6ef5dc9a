package kafka

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// patience is how long Leave lets a client leave its group in the ordinary way.
const patience = 2 * time.Second

// A membership is the context of a client that is in a group, with what ends it.
type membership struct {
	context.Context
	end context.CancelFunc
}

// Leavable lets Leave end a client. It is an option of one client, made anew for each;
// GroupOpts has it.
func Leavable() kgo.Opt {
	ctx, end := context.WithCancel(context.Background())
	return kgo.WithContext(membership{ctx, end})
}

// Leave closes a client of a group, as CloseAllowingRebalance does, within seconds. kgo
// itself waits for a rebalance that it takes part in, and the broker ends that one only once
// it has given up the members that were killed (a session, or 60 s of a rebalance): longer
// than whoever told us to stop waits before he kills us too.
func Leave(client *kgo.Client) {
	client.AllowRebalance()
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		client.Close()
	}()
	select {
	case <-closed:
		return
	case <-time.After(patience):
	}
	farewell(client)
	if own, ok := client.OptValue(kgo.WithContext).(membership); ok {
		own.end()
	}
	<-closed
}

// farewell tells the group at once that this member is gone, whose client still waits for
// the others. If it is not heard, the group finds out when the session ends.
func farewell(client *kgo.Client) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	name, _ := client.OptValue(kgo.ConsumerGroup).(string)
	id, _ := client.GroupMetadata()
	if name == "" || id == "" {
		return
	}
	member := kmsg.NewLeaveGroupRequestMember()
	member.MemberID = id
	req := kmsg.NewPtrLeaveGroupRequest()
	req.Group, req.MemberID, req.Members = name, id, append(req.Members, member)
	_, _ = req.RequestWith(ctx, client)
}
