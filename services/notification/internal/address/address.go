// Package address says which addresses that people give may be called: none inside the house.
package address

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// Guard keeps calls out of private networks, but for what the operator allows.
type Guard struct {
	hosts    []string
	networks []netip.Prefix
}

// New reads what is allowed all the same: names of hosts, addresses and networks.
func New(allowed []string) (*Guard, error) {
	g := &Guard{}
	for _, text := range allowed {
		if text = strings.ToLower(strings.TrimSpace(text)); text == "" {
			continue
		}
		if network, err := netip.ParsePrefix(text); err == nil {
			g.networks = append(g.networks, network.Masked())
		} else if ip, err := netip.ParseAddr(text); err == nil {
			g.networks = append(g.networks, netip.PrefixFrom(ip, ip.BitLen()))
		} else if strings.ContainsAny(text, "/: ") {
			return nil, fmt.Errorf("%q is no host or network", text)
		} else {
			g.hosts = append(g.hosts, text)
		}
	}
	return g, nil
}

// Check looks at an address before it is kept. It must be https, but for hosts that are
// allowed by name or number. Where a name leads is looked at with each call, by Control.
func (g *Guard) Check(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || u.Scheme != "https" && u.Scheme != "http" {
		return errors.New("is no address of the form https://host/path")
	}
	if port, err := strconv.Atoi(u.Port()); u.Port() != "" && (err != nil || port < 1 || port > 65535) {
		return errors.New("has a port that does not exist")
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".") // with the root's dot it is the same name
	if host == "localhost" && g.may(netip.AddrFrom4([4]byte{127, 0, 0, 1})) {
		return nil
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		if !g.may(ip) {
			return errors.New("is private")
		}
		if !public(ip) {
			return nil
		}
	}
	if slices.Contains(g.hosts, host) {
		return nil
	}
	if numeric(host) || host == "localhost" || strings.HasSuffix(host, ".localhost") || strings.HasSuffix(host, ".internal") || !strings.Contains(host, ".") && !strings.Contains(host, ":") {
		return errors.New("is private")
	}
	if u.Scheme != "https" {
		return errors.New("must be https")
	}
	return nil
}

// numeric tells a name that resolvers take for an IPv4 address in a shorter form, such as 127.1.
func numeric(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	_, err := strconv.ParseUint(last, 0, 64)
	return err == nil && !strings.Contains(host, ":") && net.ParseIP(host) == nil
}

// Named reports whether a host is allowed by its name, so that where that leads does not matter.
func (g *Guard) Named(host string) bool { return slices.Contains(g.hosts, strings.ToLower(host)) }

// errPrivate is the error of a name that leads into a private network.
var errPrivate = errors.New("the address is private")

// Control is for net.Dialer: it sees the number that a name led to, after which no other
// answer of the name server counts.
func (g *Guard) Control(_, address string, _ syscall.RawConn) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || !g.may(ip) {
		return errPrivate
	}
	return nil
}

func (g *Guard) may(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	return public(ip) || slices.ContainsFunc(g.networks, func(n netip.Prefix) bool { return n.Contains(ip) })
}

// special are the networks of RFC 6890 that net/netip does not tell, and those that lead to
// IPv4 addresses.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2001::/23"),
	netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"),
}

func public(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	return ip.IsGlobalUnicast() && !ip.IsPrivate() && !slices.ContainsFunc(special, func(n netip.Prefix) bool { return n.Contains(ip) })
}
