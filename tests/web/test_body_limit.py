"""Bodies above the bound are refused before anything stores them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from loopchat.web.body_limit import BodyLimit


async def reader(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """An application that reads the whole body and answers with its length."""
    length, more = 0, True
    while more:
        message = await receive()
        length += len(message.get("body", b""))
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(length).encode()})


async def answer(parts: Sequence[bytes], announced: bytes | None = None) -> tuple[int, bytes]:
    """What a request with this body gets from a limit of ten bytes."""
    waiting = [
        {"type": "http.request", "body": part, "more_body": at + 1 < len(parts)}
        for at, part in enumerate(parts)
    ]
    said: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return waiting.pop(0)

    async def send(message: dict[str, Any]) -> None:
        said.append(message)

    headers = [] if announced is None else [(b"content-length", announced)]
    await BodyLimit(reader, most=10)({"type": "http", "headers": headers}, receive, send)
    return said[0]["status"], said[1]["body"]


async def test_it_passes_a_body_within_the_bound() -> None:
    assert await answer([b"12345", b"67890"], b"10") == (200, b"10")


async def test_it_refuses_what_announces_more() -> None:
    status, text = await answer([b""], b"11")
    assert (status, b"more than" in text) == (413, True)


async def test_it_refuses_what_turns_out_to_be_more() -> None:
    assert (await answer([b"12345", b"67890", b"1"]))[0] == 413
    assert (await answer([b"12345", b"67890", b"1"], b"5"))[0] == 413


async def test_a_length_of_thousands_of_digits_is_more() -> None:
    assert (await answer([b""], b"9" * 5000))[0] == 413
