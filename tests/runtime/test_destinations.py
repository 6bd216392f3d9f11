import pytest

from engine.runtime.destinations import DestinationError, Destinations
from engine.runtime.problems import SetupError
from engine.runtime.settings import load_settings
from engine.runtime.signing import webhook_secret

INNER = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "::1", "fe80::1%eth0",
    "fc00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "224.0.0.1", "100.64.0.1", "::127.0.0.1",
    "::10.1.2.3",
]  # fmt: skip


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
