package deploy

import (
	"fmt"
	"slices"
	"testing"

	networkingv1 "k8s.io/api/networking/v1"
)

// A mutation is policies with one thing changed that somebody might change by mistake.
type mutation struct {
	name string
	list []networkingv1.NetworkPolicy
}

// mutations are all policies without one of them, without one rule, without one peer of a rule,
// and with one rule for any port or for everybody.
func mutations(list []networkingv1.NetworkPolicy) (made []mutation) {
	change := func(i int, name string, f func(*networkingv1.NetworkPolicySpec)) {
		copied := make([]networkingv1.NetworkPolicy, len(list))
		for j := range list {
			list[j].DeepCopyInto(&copied[j])
		}
		f(&copied[i].Spec)
		made = append(made, mutation{list[i].Name + " " + name, copied})
	}
	for i, policy := range list {
		made = append(made, mutation{"without " + policy.Name, slices.Delete(slices.Clone(list), i, i+1)})
		for r, rule := range policy.Spec.Ingress {
			change(i, fmt.Sprintf("without the rule in %d", r), func(s *networkingv1.NetworkPolicySpec) { s.Ingress = slices.Delete(s.Ingress, r, r+1) })
			change(i, fmt.Sprintf("with the rule in %d for everybody", r), func(s *networkingv1.NetworkPolicySpec) { s.Ingress[r].From = nil })
			if len(rule.From) > 1 {
				for k := range rule.From {
					change(i, fmt.Sprintf("without peer %d of the rule in %d", k, r), func(s *networkingv1.NetworkPolicySpec) { s.Ingress[r].From = slices.Delete(s.Ingress[r].From, k, k+1) })
				}
			}
		}
		for r, rule := range policy.Spec.Egress {
			change(i, fmt.Sprintf("without the rule out %d", r), func(s *networkingv1.NetworkPolicySpec) { s.Egress = slices.Delete(s.Egress, r, r+1) })
			change(i, fmt.Sprintf("with the rule out %d to everybody", r), func(s *networkingv1.NetworkPolicySpec) { s.Egress[r].To = nil })
			if len(rule.To) > 1 {
				for k := range rule.To {
					change(i, fmt.Sprintf("without peer %d of the rule out %d", k, r), func(s *networkingv1.NetworkPolicySpec) { s.Egress[r].To = slices.Delete(s.Egress[r].To, k, k+1) })
				}
			}
		}
	}
	return made
}

// The matrix of who may speak to whom notices each policy, rule and peer that is gone, and
// each that lets in, or out to, everybody. Else it would be no proof.
func TestTheMatrixNoticesEachChangeOfAPolicy(t *testing.T) {
	t.Parallel()
	p, everybody, services := network(t)
	may := arrows(services)
	made := mutations(p.list)
	if len(made) < 50 {
		t.Fatalf("there are %d changes", len(made))
	}
	for _, m := range made {
		if wrong := (policies{p.namespace, m.list}).differs(everybody, may); len(wrong) == 0 {
			t.Errorf("nobody notices the policies %s", m.name)
		}
	}
}
