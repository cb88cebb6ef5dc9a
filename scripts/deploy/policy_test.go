package deploy

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	events "github.com/tickler-app/tickler/proto-events"
)

// An end is one of a connection: a pod of ours, one of somebody else, or an address.
type end struct {
	name      string
	namespace string
	labels    map[string]string
	address   netip.Addr // of what is no pod
	ports     []int32
}

// policies are those of one namespace.
type policies struct {
	namespace string
	list      []networkingv1.NetworkPolicy
}

// allows decides as the API's documentation says: each side that some policy selects needs
// a rule of one that lets the connection through.
func (p policies) allows(from, to end, port int32) bool {
	return p.side(from, to, port, networkingv1.PolicyTypeEgress) && p.side(to, from, port, networkingv1.PolicyTypeIngress)
}

func (p policies) side(of, peer end, port int32, direction networkingv1.PolicyType) bool {
	if of.namespace != p.namespace || of.address.IsValid() {
		return true // nobody asks us
	}
	selected := false
	for _, policy := range p.list {
		if !slices.Contains(policy.Spec.PolicyTypes, direction) || !matches(&policy.Spec.PodSelector, of.labels) {
			continue
		}
		selected = true
		if direction == networkingv1.PolicyTypeEgress {
			for _, rule := range policy.Spec.Egress {
				if p.peers(rule.To, peer) && ports(rule.Ports, port) {
					return true
				}
			}
			continue
		}
		for _, rule := range policy.Spec.Ingress {
			if p.peers(rule.From, peer) && ports(rule.Ports, port) {
				return true
			}
		}
	}
	return !selected
}

func (p policies) peers(list []networkingv1.NetworkPolicyPeer, other end) bool {
	if len(list) == 0 {
		return true
	}
	return slices.ContainsFunc(list, func(peer networkingv1.NetworkPolicyPeer) bool {
		if peer.IPBlock != nil {
			inside := func(cidr string) bool { return netip.MustParsePrefix(cidr).Contains(other.address) }
			return other.address.IsValid() && inside(peer.IPBlock.CIDR) && !slices.ContainsFunc(peer.IPBlock.Except, inside)
		}
		if other.address.IsValid() {
			return false
		}
		if peer.NamespaceSelector == nil {
			return other.namespace == p.namespace && matches(peer.PodSelector, other.labels)
		}
		return matches(peer.NamespaceSelector, map[string]string{"kubernetes.io/metadata.name": other.namespace}) &&
			(peer.PodSelector == nil || matches(peer.PodSelector, other.labels))
	})
}

func ports(list []networkingv1.NetworkPolicyPort, port int32) bool {
	return len(list) == 0 || slices.ContainsFunc(list, func(p networkingv1.NetworkPolicyPort) bool { return p.Port.IntVal == port })
}

func matches(selector *metav1.LabelSelector, of map[string]string) bool {
	if selector != nil && len(selector.MatchExpressions) == 0 { // as nearly all are; to parse each anew takes minutes
		for key, value := range selector.MatchLabels {
			if of[key] != value {
				return false
			}
		}
		return true
	}
	parsed, err := metav1.LabelSelectorAsSelector(selector)
	return err == nil && parsed.Matches(labels.Set(of))
}

// The arrows of docs and picture: who calls whom over HTTP, and who has a schema.
var (
	calls = map[string][]string{
		"web":  {"identity", "api", "audit", "notification", "realtime", "chat", "mcp"},
		"chat": {"mcp", "identity"}, "mcp": {"api", "audit", "identity"},
		"api": {"identity"}, "audit": {"identity"}, "notification": {"identity"}, "realtime": {"identity"},
	}
	keepers = []string{"identity", "api", "audit", "notification", "chat"}
)

// arrows are all connections that there may be among ends, and no others.
func arrows(services map[string][]int32) map[string]bool {
	may := map[string]bool{}
	add := func(from, to string, port int32) { may[fmt.Sprintf("%s -> %s:%d", from, to, port)] = true }
	for name, ports := range services {
		for _, other := range calls[name] {
			if listens := services[other]; listens != nil {
				add(name, other, listens[0])
			}
		}
		if slices.Contains(events.Services(), name) {
			add(name, "redpanda", 9092)
		}
		if slices.Contains(keepers, name) {
			add(name, "postgres", 5432)
		}
		add("prometheus", name, ports[len(ports)-1])
		add(name, "dns", 53)
	}
	for _, name := range []string{"setup", "test", "redpanda", "postgres"} {
		add(name, "dns", 53)
	}
	add("setup", "redpanda", 9092)
	add("setup", "postgres", 5432)
	add("test", "web", 3000)
	add("ingress", "web", 3000)
	add("ingress", "realtime", 8005)
	add("prometheus", "redpanda", 9644)
	add("notification", "the internet", 443)
	add("notification", "the internet", 2525)
	for _, sender := range []string{"identity", "notification"} {
		for _, port := range []int32{25, 465, 587} {
			add(sender, "the internet", port)
		}
	}
	if services["chat"] != nil {
		add("chat", "the internet", 443)
	}
	return may
}

// ends are all that could speak or be spoken to.
func ends(t *testing.T, from []object) (all []end, services map[string][]int32) {
	t.Helper()
	services = map[string][]int32{}
	for _, w := range workloads(t, from) {
		e := end{name: w.meta["app.kubernetes.io/name"], namespace: "tickler", labels: w.meta}
		for _, port := range w.spec.Containers[0].Ports {
			e.ports = append(e.ports, port.ContainerPort)
		}
		if w.kind == "Deployment" {
			services[e.name] = e.ports
		}
		if !slices.ContainsFunc(all, func(other end) bool { return other.name == e.name }) {
			all = append(all, e)
		}
	}
	// Whoever is not ours listens at every port that is somebody's of ours, too: a rule that named
	// the port alone would let through to them.
	used := []int32{9092, 5432}
	for _, e := range all {
		used = append(used, e.ports...)
	}
	slices.Sort(used)
	used = slices.Compact(used)
	tomorrows := maps.Clone(all[0].labels)
	tomorrows["app.kubernetes.io/name"], tomorrows["app.kubernetes.io/component"] = "tomorrow", "tomorrow"
	return append(all,
		end{name: "a pod of tomorrow", namespace: "tickler", labels: tomorrows, ports: []int32{8000}},
		end{name: "ingress", namespace: "ingress-nginx"},
		end{name: "prometheus", namespace: "monitoring"},
		end{name: "dns", namespace: "kube-system", labels: map[string]string{"k8s-app": "kube-dns"}, ports: []int32{53}},
		end{name: "a stranger", namespace: "other", labels: map[string]string{"app.kubernetes.io/name": "api", "app.kubernetes.io/instance": "tickler"}, ports: used},
		end{name: "a neighbour", namespace: "tickler", labels: map[string]string{"app": "x"}, ports: used},
		end{name: "another pod of the cluster's", namespace: "kube-system", ports: append([]int32{53, 443}, used...)},
		end{name: "the internet", address: netip.MustParseAddr("93.184.216.34"), ports: append([]int32{25, 80, 443, 465, 587, 2525}, used...)},
		end{name: "a private network", address: netip.MustParseAddr("10.1.2.3"), ports: append([]int32{443, 587}, used...)},
		end{name: "the cloud's own address", address: netip.MustParseAddr("169.254.169.254"), ports: []int32{80, 443}},
	), services
}

// network renders the policies as by default, with mail, whose Secrets somebody else makes then.
func network(t *testing.T) (policies, []end, map[string][]int32) {
	t.Helper()
	objects := render(t, variant{set: `{mail: {enabled: true}, secrets: {mode: existing}}`})
	everybody, services := ends(t, objects)
	return policies{"tickler", all[networkingv1.NetworkPolicy](t, "NetworkPolicy", objects)}, everybody, services
}

// differs says which connections are not as they may be: each that policies allow and no arrow
// does, and the other way round, and arrows that nobody's ends have.
func (p policies) differs(everybody []end, may map[string]bool) (wrong []string) {
	seen := map[string]bool{}
	for _, from := range everybody {
		for _, to := range everybody {
			ours := from.namespace == "tickler" && from.labels["app"] == "" || to.namespace == "tickler" && to.labels["app"] == ""
			if from.name == to.name || from.address.IsValid() && to.address.IsValid() || !ours {
				continue
			}
			for _, port := range to.ports {
				arrow := fmt.Sprintf("%s -> %s:%d", from.name, to.name, port)
				seen[arrow] = true
				if got := p.allows(from, to, port); got != may[arrow] {
					wrong = append(wrong, fmt.Sprintf("%s: %v, want %v", arrow, got, may[arrow]))
				}
			}
		}
	}
	for arrow := range may {
		if !seen[arrow] {
			wrong = append(wrong, arrow+" was not tried")
		}
	}
	return wrong
}

func TestTheNetworkAllowsTheArrowsAndNothingElse(t *testing.T) {
	t.Parallel()
	p, everybody, services := network(t)
	for _, wrong := range p.differs(everybody, arrows(services)) {
		t.Error(wrong)
	}
}

// Each pod of ours is under the policy that lets nothing through.
func TestNobodyIsWithoutAPolicy(t *testing.T) {
	t.Parallel()
	for _, v := range variants {
		objects := render(t, v)
		list := all[networkingv1.NetworkPolicy](t, "NetworkPolicy", objects)
		if v.name == "bare" {
			if len(list) > 0 {
				t.Error("policies although they are off")
			}
			continue
		}
		for _, w := range workloads(t, objects) {
			if !slices.ContainsFunc(list, func(p networkingv1.NetworkPolicy) bool {
				return strings.HasSuffix(p.Name, "-nothing") && matches(&p.Spec.PodSelector, w.meta)
			}) {
				t.Errorf("%s: %s is under no policy", v.name, w.name)
			}
		}
	}
}
