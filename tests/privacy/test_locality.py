"""Which addresses are in the house. Everything that is not said to be is outside."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.privacy.locality import LocalNetwork

HOUSE = LocalNetwork()
ADDRESSES = st.ip_addresses(v=4) | st.ip_addresses(v=6)
NEVER = ("0.0.0.0", "::", "169.254.169.254", "fd00:ec2::254", "100.100.100.200", "224.0.0.1", "255.255.255.255")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "::1",  # this machine
        "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",  # private, RFC 1918
        "fc00::1", "fd12:3456::1",  # unique local, RFC 4193
        "::ffff:127.0.0.1", "::ffff:10.1.2.3", "[::1]",  # IPv4 in IPv6's clothes
    ],
)  # fmt: skip
def test_P02_loopback_and_private_addresses_are_in_the_house(address: str) -> None:
    assert HOUSE.why_not("ollama", address) is None


@pytest.mark.parametrize(
    ("address", "because"),
    [
        ("8.8.8.8", "neither loopback nor private"),
        ("172.32.0.1", "neither"),
        ("192.169.0.1", "neither"),
        ("2606:4700::1111", "neither"),
        ("::ffff:8.8.8.8", "8.8.8.8 is neither"),
        ("100.64.0.1", "neither"),  # between the house and its carrier, RFC 6598
        ("169.254.1.1", "neither"),  # whoever plugs in, RFC 3927
        ("fe80::1", "neither"),
        ("fe80::1%eth0", "neither"),
        ("fec0::1", "neither"),
        ("192.0.2.1", "neither"),
        ("198.18.0.1", "neither"),
        ("240.0.0.1", "neither"),
        ("64:ff9b::a00:1", "neither"),  # 10.0.0.1 as somebody's translator reaches it
        ("2002:a00:1::1", "neither"),  # 10.0.0.1 by 6to4
        ("::10.0.0.1", "neither"),
        ("0.0.0.0", "to listen on"),
        ("::", "to listen on"),
        ("::ffff:0.0.0.0", "to listen on"),
        ("169.254.169.254", "metadata"),
        ("::ffff:169.254.169.254", "metadata"),
        ("169.254.170.2", "metadata"),
        ("100.100.100.200", "metadata"),
        ("fd00:ec2::254", "metadata"),
        ("224.0.0.1", "a group"),
        ("ff02::1", "a group"),
        ("255.255.255.255", "a group"),
        ("2130706433", "no address"),
        ("127.1", "no address"),
        ("0x7f.0.0.1", "no address"),
        ("localhost", "no address"),
        ("", "no address"),
    ],
)
def test_P02_everything_else_is_outside_and_it_is_said_why(address: str, because: str) -> None:
    assert because in str(HOUSE.why_not("ollama", address))


def test_P02_the_operator_allows_names_addresses_and_networks() -> None:
    network = LocalNetwork.parse(" GPU.Hospital.example. , 203.0.113.7, 100.64.0.0/10,2001:db8::/32 ,,")
    assert network.why_not("gpu.hospital.example", "8.8.8.8") is None
    assert network.why_not("ollama", "203.0.113.7") is None
    assert network.why_not("ollama", "100.64.9.9") is None
    assert network.why_not("ollama", "2001:db8::9") is None
    assert network.why_not("ollama", "::ffff:203.0.113.7") is None
    assert "CHATAPP_LOCAL_HOSTS" in str(network.why_not("hospital.example", "8.8.8.8"))
    assert network.why_not("ollama", "203.0.113.8")


@pytest.mark.parametrize("address", NEVER)
def test_P02_some_addresses_nobody_can_allow(address: str) -> None:
    network = LocalNetwork.parse(f"gpu.example,{address},100.64.0.0/10,169.254.0.0/16,224.0.0.0/8")
    assert network.why_not("gpu.example", address)


@pytest.mark.parametrize("written", ["0.0.0.0/0", "::/0", "128.0.0.0/1", "2000::/3"])
def test_P02_a_network_as_wide_as_the_world_is_no_house(written: str) -> None:
    with pytest.raises(ValueError, match="wider than any house"):
        LocalNetwork.parse(written)


@pytest.mark.parametrize("written", ["http://gpu.example", "two words", "gpu.example:11434", "*.example", "a/b"])
def test_P02_what_is_no_host_is_not_taken_for_one(written: str) -> None:
    with pytest.raises(ValueError, match="commas"):
        LocalNetwork.parse(written)


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "ollama",
        "Ollama.",
        "127.0.0.1",
        "[::1]",
        "gpu.local",
        "gpu.internal",
        "gpu.home.arpa",
        "a.localhost",
    ],
)
def test_R10_a_name_that_cannot_be_public_may_be_looked_up(host: str) -> None:
    assert HOUSE.why_not_host(host) is None


@pytest.mark.parametrize(
    "host",
    ["ollama.com", "gpu.hospital.example", "8.8.8.8", "0.0.0.0", "134744072", "127.1", "0x8080808", "a,b", "x.1", "é"],
)
def test_R10_a_name_that_may_be_public_is_not_even_looked_up(host: str) -> None:
    assert HOUSE.why_not_host(host)


@given(address=ADDRESSES)
def test_P02_a_globally_routed_address_is_never_in_the_house(address: IPv4Address | IPv6Address) -> None:
    if ip_address(str(address)).is_global:
        assert HOUSE.why_not("ollama", str(address))


@given(address=st.ip_addresses(v=4))
def test_P02_an_ipv4_address_is_judged_the_same_in_ipv6s_clothes(address: IPv4Address) -> None:
    assert (HOUSE.why_not("a", str(address)) is None) == (HOUSE.why_not("a", f"::ffff:{address}") is None)


@given(address=ADDRESSES, bits=st.integers(16, 32))
def test_P02_allowing_a_network_only_ever_adds_to_the_house(address: IPv4Address | IPv6Address, bits: int) -> None:
    wider = LocalNetwork.parse(str(ip_network(f"{address}/{bits}", strict=False)))
    assert HOUSE.why_not("a", str(address)) or wider.why_not("a", str(address)) is None
