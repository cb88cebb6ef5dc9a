package apache

import (
	"fmt"
	"net"
	"strconv"
)

// Secure makes a broker ask everybody who they are: over TLS, by SCRAM, with rights. At
// first there is no user; whoever comes to Inside may do everything, and makes them.
type Secure struct {
	// Certificate is a PEM file with the broker's key (PKCS 8) and certificate, for 127.0.0.1.
	Certificate string

	inside int
}

// Inside is the address at which nobody is asked who they are, for an operator.
func (s *Secure) Inside() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.inside)) }

// properties are settings besides those of every broker; they replace its listeners.
func (s *Secure) properties(port, control int) []byte {
	return fmt.Appendf(nil, `
listeners=SASL_SSL://127.0.0.1:%[1]d,INSIDE://127.0.0.1:%[2]d,CONTROLLER://127.0.0.1:%[3]d
listener.security.protocol.map=SASL_SSL:SASL_SSL,INSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=INSIDE
sasl.enabled.mechanisms=SCRAM-SHA-256,SCRAM-SHA-512
listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.sasl_ssl.ssl.keystore.type=PEM
listener.name.sasl_ssl.ssl.keystore.location=%[4]s
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
# admin, and whoever stands inside
super.users=User:admin;User:ANONYMOUS
allow.everyone.if.no.acl.found=false
`, port, s.inside, control, s.Certificate)
}
