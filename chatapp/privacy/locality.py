"""Which addresses are in the house: this machine, private networks, and what the operator named besides.

Pure; nothing is looked up here. Whoever connects asks about the address it is about to connect to, each time.
Sources: RFC 1918, RFC 4193, RFC 6598, RFC 6761, RFC 6762, RFC 8375, and ICANN's resolution on `.internal`.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, Self

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_IN_THE_HOUSE: Final[tuple[Network, ...]] = (
    IPv4Network("127.0.0.0/8"),
    IPv4Network("10.0.0.0/8"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
    IPv6Network("::1/128"),
    IPv6Network("fc00::/7"),
)
_METADATA: Final[frozenset[Address]] = frozenset(
    map(ip_address, ("169.254.169.254", "169.254.170.2", "100.100.100.200", "fd00:ec2::254"))
)
"""Where clouds hand out a machine's credentials. Never a model server, whatever network the operator allows."""

_NOT_IN_PUBLIC_DNS: Final = (".localhost", ".local", ".internal", ".home.arpa")
_WIDEST: Final = {4: 8, 6: 16}
_MEND: Final = "if it is in the house, name it in CHATAPP_LOCAL_HOSTS"


@dataclass(frozen=True, slots=True)
class LocalNetwork:
    """The house's own network.

    Args:
        names: hosts the operator allows wherever they resolve to, in lower case. networks: addresses allowed besides.
    """

    names: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def parse(cls, written: str) -> Self:
        """Read a comma-separated list of host names, addresses and networks.

        Raises:
            ValueError: an entry is none of these, or a network so wide that it is no house.
        """
        entries = [entry.strip() for entry in written.split(",") if entry.strip()]
        networks = {entry: network for entry in entries if (network := _network(entry)) is not None}
        names = frozenset(bare(entry) for entry in entries if entry not in networks)
        for name in names:
            if not is_host_name(name):
                raise ValueError("must be host names, addresses and networks such as 10.20.0.0/16, with commas between")
        return cls(names, tuple(networks.values()))

    def why_not(self, host: str, address: str) -> str | None:
        """Why `address`, which `host` was found at, may not be connected to; None where it is in the house.

        Args:
            host: as the settings name it. address: numeric, with or without a scope (`fe80::1%eth0`).
        """
        judged = numeric(address)
        if judged is None:
            return "it is no address"
        if refused := _never(judged):
            return f"{judged} {refused}"
        if bare(host) in self.names or any(judged in network for network in (*_IN_THE_HOUSE, *self.networks)):
            return None
        return f"{judged} is neither loopback nor private; {_MEND}"

    def why_not_host(self, host: str) -> str | None:
        """Why a host may be outside, judged without a look-up: a look-up is a packet. None where it cannot be.

        A name is in the house where the operator says so, and where no public name server could know it.
        """
        name = bare(host)
        if numeric(name) is not None:
            return self.why_not(name, name)
        if not is_host_name(name):
            return "it is no host name"
        if _ends_in_a_number(name):
            return f"{name} is an address in disguise; write it out, such as 127.0.0.1"
        if name in self.names or "." not in name or name.endswith(_NOT_IN_PUBLIC_DNS):
            return None
        return f"{name} may stand anywhere; {_MEND}"


def numeric(host: str) -> Address | None:
    """The address that a host is, without its scope; what IPv6 only wraps (`::ffff:8.8.8.8`) is the IPv4 address."""
    try:
        address = ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def bare(host: str) -> str:
    """A host as it is compared: lower case, without brackets and the dot at the end."""
    return host.lower().strip("[]").removesuffix(".")


def is_host_name(name: str) -> bool:
    """Whether these are letters, digits, hyphens and dots: such a name can be shown to anybody."""
    return 0 < len(name) < 254 and all(char.isascii() and (char.isalnum() or char in "-._") for char in name)


def _ends_in_a_number(name: str) -> bool:
    """Whether the system's resolver may take it for an IPv4 address: `2130706433`, `127.1`, `0x7f000001`."""
    last = name.rpartition(".")[2]
    return last.isdigit() or last.startswith("0x")


def _never(address: Address) -> str | None:
    if address.is_unspecified:
        return "is an address to listen on, not one to call; use 127.0.0.1"
    if address.is_multicast or address == IPv4Address("255.255.255.255"):
        return "is a group, not a host"
    return "is a cloud's metadata service" if address in _METADATA else None


def _network(entry: str) -> Network | None:
    try:
        network = ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        return None
    if network.prefixlen < _WIDEST[network.version]:
        raise ValueError(f"{network} is wider than any house")
    return network
