"""Where a request that somebody else thought of may go."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from loopchat.core import destinations
from loopchat.core.destinations import Allowed, NotAllowed, NotFound, system_resolver
from loopchat.core.errors import Refused

CLOSED = (
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "127.0.0.1.",
    "0",
    "0.0.0.0",  # noqa: S104 - nobody listens there
    "①②⑦.⓪.⓪.①",
    "localhost",
    "10.0.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.100.100.200",
    "100.64.0.1",
    "192.0.0.192",
    "198.18.0.1",
    "168.63.129.16",
    "192.88.99.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "203.0.113.9",
    "[::]",
    "[::1]",
    "[::ffff:7f00:1]",
    "[::ffff:8.8.8.8]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "[::127.0.0.1]",
    "[fd00::1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[100::1]",
    "[5f00::1]",
)

CROOKED = (
    "",
    "//example.org",
    "ftp://example.org/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_x",
    "javascript:alert(1)",
    "http://",
    "http://good.example@127.0.0.1/",
    "http://user:word@example.org/",
    "http://127.0.0.1\\@example.org/",
    "http://example.org\r\nHost: inside/",
    "http://example.org/a b",
    "http://exa mple.org/",
    "http://example.org:99999/",
    "http://example.org:x/",
    "http://[::1/",
    "http://[fe80::1%25lo]:bad/",
    "http://-/",
    "http://..",
    "http://" + "a" * 64 + ".org/",
    "http://example.org/" + "a" * 2048,
)


def fake(*addresses: str) -> destinations.Resolve:
    """A resolver with one answer for all names."""
    return lambda _host, _port: list(addresses)


def found(url: str, allowed: Allowed | None = None, *addresses: str) -> list[str]:
    resolve = fake(*addresses) if addresses else system_resolver
    to = destinations.parse(url)
    return [
        str(one) for one in destinations.find(to, allowed or Allowed(), resolve=resolve, within=10)
    ]


@pytest.mark.parametrize("host", CLOSED)
def test_nothing_inside_is_reached_however_it_is_written(host: str) -> None:
    with pytest.raises((NotAllowed, NotFound, Refused)):
        found(f"http://{host}/")


@pytest.mark.parametrize("url", CROOKED)
def test_what_is_no_plain_address_is_refused(url: str) -> None:
    with pytest.raises(Refused) as no:
        destinations.parse(url)
    assert no.value.field == "url"


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "2a00:1450::1"])
def test_the_public_internet_is_open(address: str) -> None:
    assert destinations.is_public(ip_address(address))


def test_an_address_is_read_once_and_written_in_one_way() -> None:
    to = destinations.parse("HTTPS://Bücher.Example:8443/ä?q=ö#x")
    assert to.host == "xn--bcher-kva.example"
    assert (to.scheme, to.port, to.target) == ("https", 8443, "/%C3%A4?q=%C3%B6")


def test_only_the_public_ones_among_several_are_used() -> None:
    mixed = ("127.0.0.1", "8.8.8.8", "::1", "10.0.0.1")
    assert found("http://mixed.example/", None, *mixed) == ["8.8.8.8"]


@pytest.mark.parametrize("port", [1, 22, 25, 53, 110, 445, 993])
def test_ports_of_other_protocols_are_closed(port: int) -> None:
    with pytest.raises(NotAllowed):
        found(f"http://example.org:{port}/", None, "8.8.8.8")


@pytest.mark.parametrize("given", ["10.1.0.0/16", "inside.example", "INSIDE.example., 192.168.0.1"])
def test_an_operator_opens_hosts_and_networks(given: str) -> None:
    allowed = Allowed.parse(given)
    assert found("http://inside.example:25/", allowed, "10.1.2.3") == ["10.1.2.3"]
    with pytest.raises(NotAllowed):
        found("http://other.example/", allowed, "10.2.0.1")


@pytest.mark.parametrize("host", CLOSED)
def test_what_leads_inside_by_itself_is_refused_before_anything_is_asked(host: str) -> None:
    with pytest.raises(Refused) as no:
        destinations.refuse_hopeless(destinations.parse(f"http://{host}/"), Allowed())
    assert (no.value.code, no.value.field) == ("forbidden", "url")


@pytest.mark.parametrize(
    ("url", "given", "is_open"),
    [
        ("https://bot.example:8443/", "", True),
        ("http://bot.example:22/", "", False),
        ("http://8.8.8.8:25/", "", False),
        ("http://8.8.8.8:80/", "", True),
        ("http://bot.example:22/", "bot.example", True),
        ("http://bot.example:22/", "10.0.0.0/8", True),  # the name may lead there
        ("http://10.0.0.7:22/", "10.0.0.0/8", True),
        ("http://10.0.0.7/", "bot.example", False),
        ("http://127.1:81/", "127.0.0.1", True),
        ("http://chat.localhost/", "", False),
        ("http://localhost:22/", "localhost", True),
    ],
)
def test_what_can_be_known_before_anything_is_asked(url: str, given: str, is_open: bool) -> None:
    destination, allowed = destinations.parse(url), Allowed.parse(given)
    if is_open:
        destinations.refuse_hopeless(destination, allowed)
        return
    with pytest.raises(Refused):
        destinations.refuse_hopeless(destination, allowed)


@pytest.mark.parametrize("given", ["10.0.0.1/8", "a/b", "http://a", "300.1.1.1", "*"])
def test_an_operator_is_told_what_cannot_be_read(given: str) -> None:
    with pytest.raises(ValueError, match="names, addresses and networks"):
        Allowed.parse(given)


def test_a_name_that_leads_nowhere() -> None:
    def nowhere(_host: str, _port: int) -> list[str]:
        raise OSError

    with pytest.raises(NotFound):
        destinations.find(
            destinations.parse("http://a.example/"), Allowed(), resolve=nowhere, within=10
        )
