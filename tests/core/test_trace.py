"""Ids of requests: those of others are taken when they cannot spoil a log."""

from __future__ import annotations

import pytest

from loopchat.core.trace import Trace, request_id


@pytest.mark.parametrize("given", ["0af7651916cd43dd", "550e8400-e29b-41d4-a716-446655440000"])
def test_a_decent_id_is_kept(given: str) -> None:
    assert request_id(given) == given


@pytest.mark.parametrize(
    "given",
    ["", "short", "x" * 65, "two words here", "line\nbreak1", "<script>1", "ünicode-id", "-" * 9],
)
def test_any_other_is_replaced(given: str) -> None:
    made = request_id(given)
    assert made != given
    assert request_id(made) == made


def test_only_what_is_known_is_said() -> None:
    assert Trace(user=7).fields() == {"user": 7}
