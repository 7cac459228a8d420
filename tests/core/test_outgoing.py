"""Requests to servers that are down, slow, huge, lying, or elsewhere than they say."""

from __future__ import annotations

import datetime as dt
import gzip
import itertools
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from loopchat.core import destinations, outgoing
from loopchat.core.destinations import Allowed, NotAllowed
from loopchat.core.outgoing import Answer, Failed, Way
from tests.hooks.receiver import Receiver, raw, receiving, says

HERE = Way(allowed=Allowed.parse("127.0.0.1"))
NAMED = Way(allowed=Allowed.parse("127.0.0.1"), resolve=lambda _host, _port: ["127.0.0.1"])


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def post(url: str, way: Way = HERE, *, within: float = 15.0, at_most: int = 1000) -> Answer:
    return outgoing.post(
        destinations.parse(url), b'{"a":1}', {"X-A": "b"}, way=way, within=within, at_most=at_most
    )


def test_it_sends_what_it_is_given_and_reads_the_answer(receiver: Receiver) -> None:
    receiver.answer = says("grüß dich", kind="text/plain; charset=utf-8")
    answer = post(f"{receiver.url}?a=1")
    assert (answer.status, answer.kind, answer.body) == (200, "text/plain", "grüß dich".encode())
    asked = receiver.take()
    assert asked.line == "POST /hook?a=1 HTTP/1.1"
    assert asked.body == b'{"a":1}'
    assert asked.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert asked.headers["x-a"] == "b"
    assert asked.headers["accept-encoding"] == "identity"


def test_a_redirect_is_an_answer_and_nobody_follows_it(receiver: Receiver) -> None:
    with receiving() as inside:
        receiver.answer = says(status="302 Found", Location=inside.url)
        assert post(receiver.url).status == 302
        assert inside.all() == []


def test_a_private_target_is_never_dialled(receiver: Receiver) -> None:
    for url in (
        receiver.url,
        f"http://localhost:{receiver.port}/",
        f"http://[::1]:{receiver.port}/",
    ):
        with pytest.raises(NotAllowed):
            post(url, Way())
    assert receiver.all() == []


def test_a_name_that_changes_its_mind_is_asked_once(receiver: Receiver) -> None:
    answers = itertools.chain([["127.0.0.1"]], itertools.repeat(["10.9.9.9"]))
    rebinding = Way(allowed=Allowed.parse("127.0.0.1"), resolve=lambda _h, _p: next(answers))
    url = f"http://rebinding.example:{receiver.port}/hook"
    assert post(url, rebinding).status == 204
    assert receiver.take().headers["host"] == f"rebinding.example:{receiver.port}"
    with pytest.raises(NotAllowed):
        post(url, rebinding)
    assert receiver.all() == []


def test_nobody_listens() -> None:
    with receiving() as gone:
        url = gone.url
    with pytest.raises(Failed, match="nobody listens"):
        post(url)


def test_a_proxy_of_the_environment_is_not_asked(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        assert post(receiver.url).status == 204
        assert proxy.all() == []


@pytest.mark.parametrize("begins", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"])
def test_one_byte_after_the_other_has_no_more_time_than_all_at_once(
    receiver: Receiver, begins: bytes
) -> None:
    def drip(wire: socket.socket) -> None:
        wire.sendall(begins)
        while not receiver.ended.wait(0.05):
            wire.sendall(b"H")

    receiver.answer = drip
    with pytest.raises(Failed, match="in time"):
        post(receiver.url, within=0.5)


def test_silence_is_over_in_time(receiver: Receiver) -> None:
    receiver.answer = lambda _wire: receiver.ended.wait() and None
    with pytest.raises(Failed, match="in time"):
        post(receiver.url, within=0.3)


def test_a_resolver_that_hangs_is_over_in_time() -> None:
    goes_on = threading.Event()

    def hangs(_host: str, _port: int) -> list[str]:
        goes_on.wait(20)
        return []

    with pytest.raises(Failed, match="in time"):
        post("http://slow.example/", Way(resolve=hangs), within=0.3)
    goes_on.set()


def test_a_huge_answer_is_not_read(receiver: Receiver) -> None:
    sent: list[int] = []

    def pour(wire: socket.socket) -> None:
        wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
        sent.extend(wire.send(b"x" * 65536) for _ in range(100_000))

    receiver.answer = pour
    answer = post(receiver.url)
    assert (answer.status, answer.body) == (200, None)
    assert sum(sent) < 100_000 * 65536


def test_a_bomb_is_not_unpacked(receiver: Receiver) -> None:
    packed = gzip.compress(b"\0" * 10_000_000)
    receiver.answer = says(packed, Content_Encoding="gzip")
    assert post(receiver.url, at_most=len(packed) + 1).body is None


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"\x00\xff" * 40,
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nA: " + b"b" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 5000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nless",
    ],
)
def test_garbage_is_a_failure_and_nothing_else(receiver: Receiver, garbage: bytes) -> None:
    receiver.answer = raw(garbage)
    with pytest.raises(Failed):
        post(receiver.url)


def test_the_certificate_has_to_be_for_the_name(tmp_path: Path) -> None:
    certificate = _certificate(tmp_path, "right.example")
    with _encrypted(certificate) as receiver:
        way = Way(NAMED.allowed, NAMED.resolve, ssl.create_default_context(cafile=str(certificate)))
        assert post(f"https://right.example:{receiver.port}/", way).status == 204
        assert receiver.take().headers["host"] == f"right.example:{receiver.port}"
        with pytest.raises(Failed, match="certificate"):
            post(f"https://wrong.example:{receiver.port}/", way)
        with pytest.raises(Failed, match="certificate"):
            post(f"https://right.example:{receiver.port}/", NAMED)
        assert receiver.all() == []


class _encrypted:  # noqa: N801 - reads like `receiving`
    """A receiver behind TLS."""

    def __init__(self, certificate: Path) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)

    def __enter__(self) -> Receiver:
        self.receiver = Receiver()
        plain = self.receiver._listening
        self.receiver._listening = self._context.wrap_socket(
            plain, server_side=True, do_handshake_on_connect=False
        )
        threading.Thread(target=self.receiver.work, daemon=True).start()
        return self.receiver

    def __exit__(self, *_error: object) -> None:
        self.receiver.close()


def _certificate(folder: Path, name: str) -> Path:
    """A certificate for a name, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(pem))
    return file
