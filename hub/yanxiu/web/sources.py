"""Where a request comes from: one address, for whatever counts by source.

The one place that decides whose word about an address is believed: the peer's own, and what a
trusted proxy says of the hop before it. Pure, so hub and records use the same. Everything behind
one router (a school, often a whole county's schools) is one source: whoever counts by it must let
a school pass.
"""

import ipaddress
from collections.abc import Collection

#: The proxy of this machine, and nobody else on it: sandboxes come from another address
#: (``sandbox.relay.SANDBOXES``), so what a teacher's program says of itself is not believed.
LOCAL_PROXY = frozenset({"127.0.0.1", "::1"})
UNKNOWN = "unknown"
#: A household or a school has 2^64 addresses of its own.
_IPV6_NETWORK = 64


def source_of(peer: str, forwarded: str, trusted: Collection[str] = LOCAL_PROXY) -> str:
    """Return the source of a request.

    :param peer: the address at the other end of the connection
    :param forwarded: ``X-Forwarded-For`` as it came, all lines joined with commas
    :param trusted: addresses and networks of our own proxies

    >>> source_of("127.0.0.1", "203.0.113.9"), source_of("127.0.0.1", "")
    ('203.0.113.9', '127.0.0.1')
    >>> source_of("127.0.0.1", "1.1.1.1, 203.0.113.9")  # what a stranger said of himself
    '203.0.113.9'
    >>> source_of("127.0.0.1", "203.0.113.9, 10.0.0.5", {"127.0.0.1", "10.0.0.0/24"})
    '203.0.113.9'
    >>> source_of("127.0.0.2", "203.0.113.9"), source_of("::ffff:192.0.2.1", "")
    ('127.0.0.2', '192.0.2.1')
    >>> source_of("2001:db8:1:2:3::4", ""), source_of("127.0.0.1", "x"), source_of("", "")
    ('2001:db8:1:2::/64', 'unknown', 'unknown')
    """
    networks = [ipaddress.ip_network(one) for one in trusted]
    hops = [one.strip() for one in forwarded.split(",") if one.strip()]
    address = None
    for hop in [peer, *reversed(hops)]:
        address = _address(hop)
        if address is None or not any(address in network for network in networks):
            break
    if address is None:
        return UNKNOWN
    if address.version == 6:
        return str(ipaddress.ip_network((address, _IPV6_NETWORK), strict=False))
    return str(address)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found
