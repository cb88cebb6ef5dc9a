package broker

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// worthwhile is how many bytes the topics may weigh before Compact does something. It
// copies all there is, and who starts the house waits for it.
const worthwhile = 64 << 20

// Compact removes from the compacted topics of a broker that is not running what later
// records replaced, if they have become heavy. It reports whether it did.
//
// It works on a copy, which then takes the place of the folder: kfake removes a partition's
// files before it writes them anew. And it ends the transactions that were left open, since
// kfake lets a record in one of them, which may never be committed, replace an older one.
func Compact(ctx context.Context, folder string, topics ...string) (bool, error) {
	return compact(ctx, folder, worthwhile, topics)
}

func compact(ctx context.Context, folder string, limit int64, topics []string) (bool, error) {
	next, last := folder+".next", folder+".last"
	if err := settle(folder, last, next); err != nil {
		return false, fmt.Errorf("finish an interrupted compaction: %w", err)
	}
	if heavy, err := weight(folder, topics); err != nil || heavy < limit {
		return false, err
	}
	err := os.CopyFS(next, os.DirFS(folder))
	if err == nil {
		err = shrink(ctx, next)
	}
	if err != nil {
		return false, errors.Join(fmt.Errorf("compact topics: %w", err), os.RemoveAll(next))
	}
	return true, errors.Join(os.Rename(folder, last), os.Rename(next, folder), os.RemoveAll(last))
}

// settle brings a folder back to one state, wherever the last compaction was interrupted.
func settle(folder, last, next string) error {
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		// It stopped between the two renames: next is whole, and last is still the truth.
		if err := os.Rename(last, folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return errors.Join(os.RemoveAll(next), os.RemoveAll(last))
}

// weight is the size of the topics on disk; nothing if there is no broker yet.
func weight(folder string, topics []string) (total int64, err error) {
	partitions, err := os.ReadDir(filepath.Join(folder, "partitions"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	} else if err != nil {
		return 0, err
	}
	for _, partition := range partitions {
		name := partition.Name()
		for _, topic := range topics {
			if name[:max(0, strings.LastIndexByte(name, '-'))] != topic {
				continue
			}
			files, err := os.ReadDir(filepath.Join(folder, "partitions", name))
			if err != nil {
				return 0, err
			}
			for _, file := range files {
				if info, err := file.Info(); err == nil {
					total += info.Size()
				}
			}
		}
	}
	return total, nil
}

// shrink compacts the topics of the broker whose data is in folder. It listens where nobody
// knows of it.
func shrink(ctx context.Context, folder string) error {
	cluster, err := open(folder, 0)
	if err != nil {
		return err
	}
	defer cluster.Close()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := endTransactions(ctx, cluster); err != nil {
		return fmt.Errorf("end open transactions: %w", err)
	}
	cluster.Compact()
	return nil
}

// endTransactions aborts what is open, as a new owner of the transactional id would.
func endTransactions(ctx context.Context, cluster *kfake.Cluster) error {
	brokers := kgo.SeedBrokers(cluster.ListenAddrs()...)
	client, err := kgo.NewClient(brokers)
	if err != nil {
		return err
	}
	defer client.Close()
	open, err := kadm.NewClient(client).ListTransactions(ctx, nil, []string{"Ongoing"})
	if err != nil {
		return err
	}
	for _, id := range open.TransactionalIDs() {
		owner, err := kgo.NewClient(brokers, kgo.TransactionalID(id))
		if err != nil {
			return err
		}
		_, _, err = owner.ProducerID(ctx)
		owner.Close()
		if err != nil {
			return fmt.Errorf("of %s: %w", id, err)
		}
	}
	return nil
}
