from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.runtime.destinations import DestinationError, Destinations, is_public
from engine.runtime.problems import SetupError
from engine.runtime.settings import load_settings
from engine.runtime.signing import webhook_secret

INNER = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "::1", "fe80::1%eth0",
    "fc00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "224.0.0.1", "100.64.0.1", "::127.0.0.1",
    "::10.1.2.3",
]  # fmt: skip

SPECIAL = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.0.0/29", "192.0.0.8/32", "192.0.0.9/32", "192.0.0.10/32", "192.0.0.170/32", "192.0.0.171/32",
    "192.0.0.192/32", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16",
    "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    "255.255.255.255/32", "168.63.129.16/32",
    "::1/128", "::/128", "::/96", "::ffff:0:0:0/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/23",
    "2001::/32", "2001:1::1/128", "2001:1::2/128", "2001:1::3/128", "2001:2::/48", "2001:3::/32", "2001:4:112::/48",
    "2001:10::/28", "2001:20::/28", "2001:30::/28", "2001:db8::/32", "2620:4f:8000::/48", "3fff::/20", "5f00::/16",
    "fc00::/7", "fd00:ec2::254/128", "fe80::/10", "fec0::/10", "ff00::/8", "4000::/3", "8000::/1",
]  # fmt: skip
"""Every line of IANA's two registries of special-purpose addresses (2026), and what no host of the Internet has."""
PUBLIC = ["8.8.8.8", "1.1.1.1", "192.0.1.1", "172.32.0.1", "100.128.0.1", "168.63.129.17", "2001:4860:4860::8888",
          "2606:4700::1111", "2001:200::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"]  # fmt: skip


def refused(allow: str, url: str, *addresses: str) -> str | None:
    rule = Destinations(allow)
    try:
        rule.check(rule.place(url), addresses)
    except DestinationError as error:
        return error.code
    return None


@pytest.mark.parametrize("address", INNER)
def test_an_inner_address_is_refused_however_it_is_written(address: str) -> None:
    assert refused("", "https://hooks.example.jp/", address) == "address_not_allowed"


@pytest.mark.parametrize("network", SPECIAL)
def test_no_address_of_a_special_purpose_is_reached(network: str) -> None:
    within = ip_network(network)
    for address in (within[0], within[-1], within[within.num_addresses // 2]):
        assert refused("", "https://hooks.example.jp/", str(address)) == "address_not_allowed", address


@pytest.mark.parametrize("network", [one for one in SPECIAL if ":" not in one])
@pytest.mark.parametrize(
    "wrapped", ["::ffff:0:0", "64:ff9b::", "2002::", "::", "2400:cb00::5efe:0:0", "2400:cb00::200:5efe:0:0"]
)
def test_nor_is_it_when_it_lies_inside_another(network: str, wrapped: str) -> None:
    for inner in (ip_network(network)[0], ip_network(network)[-1]):
        moved = 80 if wrapped == "2002::" else 0
        address = IPv6Address(int(IPv6Address(wrapped)) | int(inner) << moved)
        assert refused("", "https://hooks.example.jp/", str(address)) == "address_not_allowed", address


@pytest.mark.parametrize("address", PUBLIC)
def test_an_ordinary_address_is_reached(address: str) -> None:
    assert refused("", "https://hooks.example.jp/", address) is None


@given(st.ip_addresses())
def test_nothing_is_reached_that_python_knows_not_to_be_global(address: IPv4Address | IPv6Address) -> None:
    assert not is_public(address) or address.is_global


def test_one_inner_address_among_many_is_enough_to_refuse() -> None:
    assert refused("", "https://hooks.example.jp/", "8.8.8.8", "10.0.0.1") == "address_not_allowed"
    assert refused("", "https://hooks.example.jp/", "8.8.8.8", "2001:4860:4860::8888") is None


@pytest.mark.parametrize(
    ("allow", "host", "address", "code"),
    [
        ("10.0.0.0/8", "a.jp", "10.9.9.9", None),
        ("10.0.0.0/8", "a.jp", "::ffff:10.9.9.9", None),
        ("10.0.0.0/8, 127.0.0.1", "a.jp", "127.0.0.1", None),
        ("10.0.0.0/8", "a.jp", "192.168.0.1", "address_not_allowed"),
        ("hooks.city.lg.jp", "HOOKS.city.lg.jp", "10.0.0.1", None),
        ("*.city.lg.jp", "hooks.city.lg.jp", "10.0.0.1", None),
        ("*.city.lg.jp", "evilcity.lg.jp", "10.0.0.1", "address_not_allowed"),
        ("fd00::/8", "a.jp", "fd00::1", None),
    ],
)
def test_the_operator_opens_hosts_and_networks(allow: str, host: str, address: str, code: str | None) -> None:
    assert refused(allow, f"http://{host}/", address) == code


@pytest.mark.parametrize(
    "url",
    ["ftp://a.jp/", "https://", "https://user:pass@a.jp/", "https://a.jp:99999/", "https://a b/", "javascript:1",
     "https://a.jp/\r\nHost: b", "https://a.jp/" + "x" * 2000, "//a.jp/", "http://窓口.jp/"],
)  # fmt: skip
def test_what_is_no_plain_http_address_is_no_place(url: str) -> None:
    assert refused("", url, "8.8.8.8") == "bad_url"


def test_a_name_that_resolves_to_this_machine_is_refused_at_registration() -> None:
    with pytest.raises(DestinationError, match="address_not_allowed"):
        Destinations().check_now("http://localhost:8080/")
    assert Destinations("127.0.0.0/8,::1").check_now("http://localhost:8080/").port == 8080
    assert Destinations().check_now("https://name.invalid/").host == "name.invalid"


def test_an_exception_that_is_none_is_one_line_naming_the_variable() -> None:
    with pytest.raises(SetupError, match="SPIRAL_WEBHOOK_ALLOW"):
        load_settings(webhook_allow="10.0.0.0/99")


def test_a_secret_belongs_to_one_installation_one_webhook_and_one_generation() -> None:
    first = webhook_secret("k" * 40, "w1", 1)
    assert first.startswith("whsec_")
    assert len({first, webhook_secret("l" * 40, "w1", 1), webhook_secret("k" * 40, "w2", 1),
                webhook_secret("k" * 40, "w1", 2)}) == 4  # fmt: skip
