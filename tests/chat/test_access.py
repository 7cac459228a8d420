"""Who may do what where: every operation, by everybody, in every kind of room."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from loopchat.accounts.models import User
from loopchat.chat import history, messages, personal, reading, rooms
from loopchat.chat.cursors import Move, Position
from loopchat.chat.models import Membership, Room
from loopchat.chat.writer import writer
from loopchat.core.errors import Refused
from tests.chat.stage import KINDS, STANDINGS, Company, actor, outcome_of, person, send

pytestmark = pytest.mark.django_db

Act = Callable[[Company, int, User], object]


def mark_read(room_id: int, who: User) -> None:
    """Move the read cursor, as a socket does."""
    answers: list[Position | Refused] = []
    writer.move((room_id, who.pk), Move(actor(who), read=1), answers.append)
    if isinstance(answers[0], Refused):
        raise answers[0]


ACTS: dict[str, Act] = {
    "send": lambda c, room, who: send(room, who),
    "reply": lambda c, room, who: send(room, who, reply_to=c.said.id),
    "react": lambda c, room, who: messages.react(
        room, actor(who), message_id=c.said.id, emoji="👍", on=True
    ),
    "edit of the other's": lambda c, room, who: messages.edit(
        room, actor(who), message_id=c.said.id, body="better"
    ),
    "delete of the other's": lambda c, room, who: messages.delete(
        room, actor(who), message_id=c.said.id
    ),
    "pin": lambda c, room, who: messages.pin(room, actor(who), message_id=c.said.id, on=True),
    "history": lambda c, room, who: history.page(who, room),
    "around": lambda c, room, who: history.around(who, room, seq=1),
    "revisions": lambda c, room, who: history.revisions(who, room, c.said.id),
    "pins": lambda c, room, who: history.pins(who, room),
    "save": lambda c, room, who: personal.save(actor(who), room, c.said.id, on=True),
    "draft": lambda c, room, who: personal.set_draft(actor(who), room, "x", reply_to=None),
    "level": lambda c, room, who: personal.set_level(
        actor(who), room, level="nothing", muted_until=None
    ),
    "log": lambda c, room, who: history.page(who, room, whole_log=True),
    "readers": lambda c, room, who: history.readers(actor(who), room, c.said.id),
    "mark_read": lambda c, room, who: mark_read(room, who),
    "summary": lambda c, room, who: reading.summary(who, room),
    "members": lambda c, room, who: reading.members(who, room),
    "join": lambda c, room, who: rooms.join(room, who),
    "leave": lambda c, room, who: rooms.leave(room, who),
    "invite": lambda c, room, who: rooms.invite(room, who, [c.guest]),
    "kick": lambda c, room, who: rooms.kick(room, who, c.other),
    "ban": lambda c, room, who: rooms.ban(room, who, c.other),
    "unban": lambda c, room, who: rooms.unban(room, who, c["banned"]),
    "set_role": lambda c, room, who: rooms.set_role(room, who, c.other, "moderator"),
    "rename": lambda c, room, who: rooms.rename(room, who, "Another name"),
    "set_topic": lambda c, room, who: rooms.set_topic(room, who, "Another topic"),
    "archive": lambda c, room, who: rooms.archive(room, who, True),
    "delete": lambda c, room, who: rooms.delete(room, who),
}

OUTCOMES = {
    "+": "ok",
    "f": "forbidden",
    "n": "not_found",
    "c": "conflict",
}

# One letter for each of: stranger, former member, banned; member, moderator, owner. In a direct
# room only the "member" and the "owner" are in it, as its two people.
TABLE = {
    #                          public     private    direct     group
    "send":                  ("fff +++", "nnn +++", "nnn +n+", "nnn +++"),
    "reply":                 ("fff +++", "nnn +++", "nnn +n+", "nnn +++"),
    "react":                 ("fff +++", "nnn +++", "nnn +n+", "nnn +++"),
    "edit of the other's":   ("fff fff", "nnn fff", "nnn +nf", "nnn fff"),
    "delete of the other's": ("fff f++", "nnn f++", "nnn +nf", "nnn fff"),
    "pin":                   ("fff f++", "nnn f++", "nnn +n+", "nnn +++"),
    "history":               ("fff +++", "nnn +++", "nnn +n+", "nnn +++"),
    "around":                ("fff +++", "nnn +++", "nnn +n+", "nnn +++"),
    "revisions":             ("fff +++", "nnn +++", "nnn +n+", "nnn +++"),
    "pins":                  ("fff +++", "nnn +++", "nnn +n+", "nnn +++"),
    "save":                  ("fff +++", "nnn +++", "nnn +n+", "nnn +++"),
    "draft":                 ("fff +++", "nnn +++", "nnn +n+", "nnn +++"),
    "level":                 ("fff +++", "nnn +++", "nnn +n+", "nnn +++"),
    "log":                   ("fff +++", "nnn +++", "nnn +n+", "nnn +++"),
    "readers":               ("fff +++", "nnn +++", "nnn +n+", "nnn +++"),
    "mark_read":             ("fff +++", "nnn +++", "nnn +n+", "nnn +++"),
    "summary":               ("nnn +++", "nnn +++", "nnn +n+", "nnn +++"),
    "members":               ("+++ +++", "nnn +++", "nnn +n+", "nnn +++"),
    "join":                  ("++f +++", "nnn +++", "nnn +n+", "nnn +++"),
    "leave":                 ("f++ ++c", "n++ ++c", "nnn fnf", "n++ +++"),
    "invite":                ("fff +++", "nnn f++", "nnn fnf", "nnn +++"),
    "kick":                  ("fff f++", "nnn f++", "nnn fnf", "nnn f++"),
    "ban":                   ("fff f++", "nnn f++", "nnn fnf", "nnn f++"),
    "unban":                 ("fff f++", "nnn f++", "nnn fnf", "nnn +++"),
    "set_role":              ("fff ff+", "nnn ff+", "nnn fnf", "nnn ff+"),
    "rename":                ("fff f++", "nnn f++", "nnn fnf", "nnn +++"),
    "set_topic":             ("fff f++", "nnn f++", "nnn fnf", "nnn +++"),
    "archive":               ("fff ff+", "nnn ff+", "nnn fnf", "nnn ff+"),
    "delete":                ("fff ff+", "nnn ff+", "nnn fnf", "nnn ff+"),
}  # fmt: skip


def test_the_table_is_complete() -> None:
    assert TABLE.keys() == ACTS.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_everybody_may_do_what_the_table_says(kind: str) -> None:
    company = Company(kind)
    found, expected = {}, {}
    for name, act in ACTS.items():
        letters = TABLE[name][KINDS.index(kind)].replace(" ", "")
        for standing, letter in zip(STANDINGS, letters, strict=True):
            who = company[standing]
            found[name, standing] = outcome_of(lambda: act(company, company.room.pk, who))  # noqa: B023
            expected[name, standing] = OUTCOMES[letter]
    assert found == expected


def test_disturbing_the_table_would_be_noticed() -> None:
    """What the table says is no accident of the test: a role less changes what is found."""
    company = Company("public")
    kick = ACTS["kick"]
    assert outcome_of(lambda: kick(company, company.room.pk, company["moderator"])) == "ok"
    rooms.set_role(company.room.pk, company["owner"], company["moderator"], "member")
    assert outcome_of(lambda: kick(company, company.room.pk, company["moderator"])) == "forbidden"


@pytest.mark.parametrize("kind", ["private", "direct", "group"])
@pytest.mark.parametrize("name", [name for name in ACTS if name != "leave"])
def test_what_is_not_mine_looks_like_what_does_not_exist(kind: str, name: str) -> None:
    company = Company(kind)
    nowhere = Room.objects.order_by("-pk").first()
    assert nowhere is not None
    for standing in ("stranger", "former", "banned"):
        who = company[standing]
        with pytest.raises(Refused) as foreign:
            ACTS[name](company, company.room.pk, who)
        with pytest.raises(Refused) as unknown:
            ACTS[name](company, nowhere.pk + 1, who)
        assert _all_of(foreign.value) == _all_of(unknown.value)


@pytest.mark.parametrize("name", [name for name in ACTS if name != "leave"])
def test_a_deleted_room_is_nobodys(name: str) -> None:
    for kind in ("public", "private", "group"):
        company = Company(kind)
        rooms.delete(company.room.pk, company["owner"])
        for standing in STANDINGS:
            who = company[standing]
            assert outcome_of(lambda: ACTS[name](company, company.room.pk, who)) == "not_found"  # noqa: B023


ARCHIVED = (
    "send",
    "reply",
    "react",
    "pin",
    "edit of the other's",
    "delete of the other's",
    "invite",
)


@pytest.mark.parametrize("kind", ["public", "private", "group"])
def test_an_archived_room_can_be_read_and_not_written(kind: str) -> None:
    company = Company(kind)
    rooms.archive(company.room.pk, company["owner"], True)
    owner = company["owner"]
    for name in ARCHIVED:
        outcome = outcome_of(lambda: ACTS[name](company, company.room.pk, owner))  # noqa: B023
        assert (name, outcome) == (name, "archived")
    for name in ("history", "log", "readers", "mark_read", "members", "rename", "kick"):
        outcome = outcome_of(lambda: ACTS[name](company, company.room.pk, owner))  # noqa: B023
        assert (name, outcome) == (name, "ok")
    assert outcome_of(lambda: rooms.leave(company.room.pk, company["member"])) == "ok"


def test_an_archived_room_is_entered_by_nobody_new() -> None:
    company = Company("public")
    assert outcome_of(lambda: rooms.join(company.room.pk, company["stranger"])) == "ok"
    rooms.archive(company.room.pk, company["owner"], True)
    assert outcome_of(lambda: rooms.join(company.room.pk, company["stranger"])) == "archived"
    assert outcome_of(lambda: rooms.join(company.room.pk, company["member"])) == "ok"  # is inside
    rooms.archive(company.room.pk, company["owner"], False)
    assert outcome_of(lambda: rooms.join(company.room.pk, company["stranger"])) == "ok"


@pytest.mark.parametrize("act", [rooms.kick, rooms.ban])
def test_nobody_removes_an_equal_or_a_superior(act: Callable[[int, User, User], int]) -> None:
    company = Company("private")
    room, owner, moderator = company.room.pk, company["owner"], company["moderator"]
    second_owner, second_moderator = person("owner2"), person("moderator2")
    rooms.invite(room, owner, [second_owner, second_moderator])
    rooms.set_role(room, owner, second_owner, "owner")
    rooms.set_role(room, owner, second_moderator, "moderator")
    assert outcome_of(lambda: act(room, owner, moderator)) == "ok"
    assert outcome_of(lambda: act(room, owner, second_owner)) == "forbidden"
    assert outcome_of(lambda: act(room, moderator, second_moderator)) == "forbidden"
    assert outcome_of(lambda: act(room, moderator, owner)) == "forbidden"
    assert outcome_of(lambda: act(room, owner, owner)) == "forbidden"


def test_a_role_is_for_this_room_only() -> None:
    company, elsewhere = Company("private"), Company("private")
    owner = company["owner"]
    rooms.invite(elsewhere.room.pk, elsewhere["owner"], [owner])
    assert outcome_of(lambda: rooms.rename(elsewhere.room.pk, owner, "Mine")) == "forbidden"


def test_roles_end_with_the_membership() -> None:
    company = Company("private")
    room, owner, moderator = company.room.pk, company["owner"], company["moderator"]
    rooms.kick(room, owner, moderator)
    rooms.invite(room, owner, [moderator])
    membership = Membership.objects.get(room=room, user=moderator)
    assert (membership.role, membership.is_active) == ("member", True)
    assert outcome_of(lambda: rooms.kick(room, moderator, company.other)) == "forbidden"


def test_messages_of_another_room_cannot_be_reached_through_mine() -> None:
    company, elsewhere = Company("private"), Company("private")
    owner, foreign = company["owner"], elsewhere.said.id
    room = company.room.pk
    attempts: dict[str, Callable[[], object]] = {
        "reply": lambda: send(room, owner, reply_to=foreign),
        "react": lambda: messages.react(
            room, actor(owner), message_id=foreign, emoji="👍", on=True
        ),
        "edit": lambda: messages.edit(room, actor(owner), message_id=foreign, body="x"),
        "delete": lambda: messages.delete(room, actor(owner), message_id=foreign),
        "readers": lambda: history.readers(actor(owner), room, foreign),
        "pin": lambda: messages.pin(room, actor(owner), message_id=foreign, on=True),
        "save": lambda: personal.save(actor(owner), room, foreign, on=True),
        "revisions": lambda: history.revisions(owner, room, foreign),
    }
    assert {name: outcome_of(act) for name, act in attempts.items()} == dict.fromkeys(
        attempts, "not_found"
    )
    rooms.invite(elsewhere.room.pk, elsewhere["owner"], [owner])  # also as a member of both
    assert {name: outcome_of(act) for name, act in attempts.items()} == dict.fromkeys(
        attempts, "not_found"
    )


def test_where_history_begins_with_the_join_earlier_messages_cannot_be_reached() -> None:
    ann, ben = person("ann"), person("ben")
    room = rooms.create(ann, kind="private", name="Since", history="joined")
    early = send(room, ann)
    rooms.invite(room.pk, ann, [ben])
    late = send(room, ann)

    def attempts(target: int) -> dict[str, str]:
        return {
            "reply": outcome_of(lambda: send(room, ben, reply_to=target)),
            "react": outcome_of(
                lambda: messages.react(room.pk, actor(ben), message_id=target, emoji="👍", on=True)
            ),
            "readers": outcome_of(lambda: history.readers(actor(ben), room.pk, target)),
            "save": outcome_of(lambda: personal.save(actor(ben), room.pk, target, on=True)),
            "revisions": outcome_of(lambda: history.revisions(ben, room.pk, target)),
        }

    assert set(attempts(late.id).values()) == {"ok"}
    assert set(attempts(early.id).values()) == {"not_found"}
    rooms.set_role(room.pk, ann, ben, "moderator")
    deleting = [
        outcome_of(lambda: messages.delete(room.pk, actor(ben), message_id=target))  # noqa: B023
        for target in (late.id, early.id)
    ]
    assert deleting == ["ok", "not_found"]


def _all_of(no: Refused) -> tuple[object, ...]:
    return no.code, no.text, no.definite, no.field, no.retry_after_ms


def test_a_cid_says_nothing_about_a_foreign_room() -> None:
    company = Company("private")
    stranger = company["stranger"]
    with pytest.raises(Refused) as foreign:
        send(company.room, stranger, cid=uuid.uuid4())
    with pytest.raises(Refused) as unknown:
        send(10**9, stranger, cid=uuid.uuid4())
    assert _all_of(foreign.value) == _all_of(unknown.value)
