"""Whom a pair of names means."""

from __future__ import annotations

import pytest

from loopchat.accounts import people
from loopchat.core.errors import Refused
from loopchat.gateway.classic_doors import other_of


@pytest.fixture(autouse=True)
def everybody(db: None) -> None:
    people.create_owner("olga", "correct horse battery")
    for name in ("ann", "ben", "ann_b", "b_ann", "x"):
        people.create(name, None)


@pytest.mark.parametrize(
    ("me", "pair", "other"),
    [
        ("ann", "ann_ben", "ben"),
        ("ann", "ben_ann", "ben"),
        ("ann", "BEN_Ann", "BEN"),
        ("ann", "ann_ann", "ann"),
        ("ann_b", "ann_b_x", "x"),
        ("ann", "ann_ann_b", "ann_b"),
        ("ann", "ann_b_ann", "b_ann"),
    ],
)
def test_the_other_one(me: str, pair: str, other: str) -> None:
    assert other_of(me, pair) == other


@pytest.mark.parametrize("pair", ["ben_x", "ann_zoe", "ann", "_", "ann_", "annben"])
def test_nobody(pair: str) -> None:
    with pytest.raises(Refused, match="no such conversation"):
        other_of("ann", pair)
