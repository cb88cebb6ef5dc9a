package events

import _ "embed"

// AsyncAPI describes the topics and what is on them, in AsyncAPI 3 as YAML. A test keeps it as
// the catalog and the messages say.
//
//go:embed asyncapi.yaml
var AsyncAPI []byte
