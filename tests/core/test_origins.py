"""Hosts, origins and forwarded addresses."""

from __future__ import annotations

import pytest

from loopchat.core.origins import (
    client_address,
    host_allowed,
    is_trusted,
    origin_allowed,
    request_scheme,
)

SITE = ("https://chat.example.org", "http://intranet:8080")


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:8000",
        "127.0.0.1",
        "127.0.0.1:8000",
        "192.168.1.20:8000",
        "[::1]:8000",
        "[2001:db8::7]",
        "[::ffff:10.0.0.1]:80",
        "chat.example.org",
        "Chat.Example.org:443",
        "intranet:8080",
        "intranet",
    ],
)
def test_it_knows_its_hosts(host: str) -> None:
    assert host_allowed(host, SITE)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "chat.example.org.evil.example",
        "evil-chat.example.org",
        "sub.chat.example.org",
        "chat.example.org.",
        "localhost.",
        "localhost.evil.example",
        "evil@localhost",
        "localhost:80:80",
        "localhost:",
        "localhost/x",
        "localhost evil",
        "localhost\n",
        "localhost:123456",
        "127.1",
        "2130706433",
        "0x7f000001",
        "127.0.0.1.nip.io",
        "127.0.0.01",
        "①②⑦.⓪.⓪.①",
        "::1",
        "[::1",
        "[127.0.0.1]x",
        "[fe80::1%25eth0]",
        "[localhost]",
        "*",
    ],
)
def test_it_refuses_every_other_host(host: str) -> None:
    assert not host_allowed(host, SITE)


def test_without_public_addresses_only_local_names_and_literals_count() -> None:
    assert host_allowed("10.0.0.7:8000", ())
    assert not host_allowed("chat.example.org", ())


@pytest.mark.parametrize(
    ("origin", "scheme", "host"),
    [
        ("http://localhost:8000", "http", "localhost:8000"),
        ("http://localhost:8000", "ws", "LocalHost:8000"),
        ("http://localhost", "http", "localhost:80"),
        ("https://10.0.0.7", "wss", "10.0.0.7:443"),
        ("http://[::1]:8000", "http", "[::1]:8000"),
        ("https://chat.example.org", "http", "127.0.0.1:8000"),
        ("http://intranet:8080", "http", "10.0.0.7"),
    ],
)
def test_it_knows_its_origins(origin: str, scheme: str, host: str) -> None:
    assert origin_allowed(origin, scheme, host, SITE)


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "null",
        "file://",
        "http://localhost",
        "http://localhost:8001",
        "https://localhost:8000",
        "http://localhost:8000/",
        "http://localhost:8000.evil.example",
        "http://evil.example",
        "http://localhost:8000, http://evil.example",
        "http://localhost:8000 ",
        "http://127.0.0.1:8000",
        "http://chat.example.org",
        "https://chat.example.org:8443",
        "https://sub.chat.example.org",
        "https://chat.example.org.evil.example",
        "http://intranet",
        "chrome-extension://abc",
    ],
)
def test_it_refuses_every_other_origin(origin: str) -> None:
    assert not origin_allowed(origin, "http", "localhost:8000", SITE)


def test_a_malformed_host_makes_no_origin() -> None:
    assert not origin_allowed(
        "http://evil.example/@localhost", "http", "evil.example/@localhost", ()
    )
    assert not origin_allowed("gopher://localhost", "gopher", "localhost", ())


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "client"),
    [
        ("203.0.113.9", "", (), "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", (), "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", ("10.0.0.0/8",), "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1", ("10.0.0.0/8",), "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1", ("10.0.0.0/8",), "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, 10.0.0.2", ("10.0.0.0/8",), "198.51.100.1"),
        ("10.0.0.1", "10.0.0.3,10.0.0.2", ("10.0.0.0/8",), "10.0.0.3"),
        ("10.0.0.1", "nonsense", ("10.0.0.0/8",), "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1, nonsense", ("10.0.0.0/8",), "10.0.0.1"),
        ("::ffff:10.0.0.1", "2001:db8::5", ("10.0.0.0/8",), "2001:db8::5"),
        ("", "198.51.100.1", ("10.0.0.0/8",), ""),
    ],
)
def test_it_finds_the_client_behind_its_own_proxies(
    peer: str, forwarded: str, trusted: tuple[str, ...], client: str
) -> None:
    assert client_address(peer, forwarded, trusted) == client


def test_only_a_trusted_proxy_decides_about_the_scheme() -> None:
    assert request_scheme("http", "10.0.0.1", "https", ("10.0.0.1/32",)) == "https"
    assert request_scheme("http", "10.0.0.2", "https", ("10.0.0.1/32",)) == "http"
    assert request_scheme("wss", "10.0.0.2", "http", ()) == "https"
    assert request_scheme("http", "10.0.0.1", "javascript", ("10.0.0.1/32",)) == "http"


def test_nobody_is_trusted_unless_named() -> None:
    assert not is_trusted("127.0.0.1", ())
    assert not is_trusted("not an address", ("10.0.0.0/8",))
