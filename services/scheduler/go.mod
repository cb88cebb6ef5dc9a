module github.com/tickler-app/tickler/services/scheduler

go 1.26.0

require (
	github.com/tickler-app/tickler/pkg v0.0.0
	github.com/tickler-app/tickler/proto-events v0.0.0
	google.golang.org/protobuf v1.36.12
	pgregory.net/rapid v1.3.0
)

replace (
	github.com/tickler-app/tickler/pkg => ../../pkg
	github.com/tickler-app/tickler/proto-events => ../../proto-events
)
