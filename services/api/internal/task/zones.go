package task

import (
	"sync"
	"time"
)

// zones keeps the locations that were asked for: reading one takes a tenth of a
// millisecond, and every request needs some. There are some 600 in all.
var zones zoneCache

type zoneCache struct{ byName sync.Map }

func (z *zoneCache) load(name string) (*time.Location, error) {
	if zone, ok := z.byName.Load(name); ok {
		return zone.(*time.Location), nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, errZone
	}
	z.byName.Store(name, zone)
	return zone, nil
}
