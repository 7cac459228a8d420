"""Bots: who may make one, what it can do, how it ends, and what stays."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from pytest_django import Settings

from loopchat.accounts import people, sessions, sign_in, tokens
from loopchat.accounts.grants import Grant
from loopchat.accounts.models import Token, User
from loopchat.bots import ending, finding, founding, keys
from loopchat.bots.models import Bot
from loopchat.chat import appearance, history, reading, rooms
from loopchat.chat.departing import Depart
from loopchat.chat.models import Membership, Room
from loopchat.chat.writer import writer
from loopchat.core.errors import Refused
from loopchat.invitations import arrivals, links
from loopchat.leaving import deletion
from tests.bots.conftest import PASSWORD
from tests.chat.stage import send


def test_a_bot_has_a_name_an_owner_and_no_password(owner: User) -> None:
    made = founding.create(owner, name="Deploys & builds", about="Says what was deployed.")

    card = appearance.card(owner, made.user.username)
    assert (card.username, card.name, card.bot) == ("deploys-builds", "Deploys & builds", True)
    assert card.about == "Says what was deployed."
    assert (made.owner, made.user.has_usable_password()) == (owner, False)


def test_a_taken_name_gets_a_mark(owner: User, ann: User) -> None:
    made = [founding.create(owner, name="Ann").user.username for _ in range(3)]
    assert made == ["ann-bot", "ann-bot-2", "ann-bot-3"]
    with pytest.raises(Refused, match="taken"):
        founding.create(owner, username="ANN")


def test_who_may_make_them_is_the_operators_choice(
    owner: User, ann: User, settings: Settings, board: Room
) -> None:
    link, _ = links.make(owner, room_id=board.pk, kind="guest")
    guest = arrivals.enter_as_guest(link, "Gus")
    bot = founding.create(owner, name="Deploys")

    assert [founding.may_make(one) for one in (owner, ann, guest, bot.user)] == [True, *[False] * 3]
    settings.BOT_MAKERS = "everybody"
    assert [founding.may_make(one) for one in (owner, ann, guest, bot.user)] == [
        *(True, True),
        *(False, False),
    ]
    with pytest.raises(Refused, match="bots"):
        founding.create(bot.user, name="Its child")


def test_one_person_has_a_bounded_number(
    owner: User, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(founding, "BOTS_MAX", 1)
    with pytest.raises(Refused) as refused:
        founding.create(owner, name="Another")
    assert refused.value.code == "too_large"


def test_only_those_who_answer_for_a_bot_find_it(
    owner: User, ann: User, settings: Settings
) -> None:
    settings.BOT_MAKERS = "everybody"
    theirs, mine = founding.create(ann, name="Of Ann"), founding.create(owner, name="Of the owner")

    assert list(finding.of(ann)) == [theirs]
    assert list(finding.of(owner)) == [theirs, mine]
    assert finding.managed(theirs.pk, owner) == theirs
    with pytest.raises(Refused) as refused:
        finding.managed(mine.pk, ann)
    assert refused.value.code == "not_found"


def test_a_bot_signs_in_with_its_token_only(owner: User, bot: Bot, settings: Settings) -> None:
    bot.user.set_password(PASSWORD)  # as somebody with a shell could
    bot.user.save()
    with pytest.raises(Refused, match="wrong"):
        sign_in.check(bot.user.username, PASSWORD, address="::1")
    settings.PASSWORDLESS = "on"
    with pytest.raises(Refused, match="password"):
        people.enter(bot.user.username)
    browser = Client(HTTP_HOST="localhost:8000")
    browser.force_login(bot.user)
    assert browser.get("/chat/settings/").status_code == 302

    _, secret = keys.renew(bot)
    answer = Client(HTTP_HOST="localhost:8000").get(
        "/api/v1/me/", headers={"Authorization": f"Bearer {secret}"}
    )
    assert json.loads(answer.content)["bot"] is True


def test_it_has_one_token_with_the_limits_of_tokens(bot: Bot, board: Room) -> None:
    _, first = keys.renew(bot)
    token, second = keys.renew(bot, grant=Grant(writes=False, rooms=frozenset({board.pk})))

    assert tokens.find(first) is None
    found = tokens.find(second)
    assert found is not None
    assert found.grant == Grant(writes=False, rooms=frozenset({board.pk}))
    assert keys.of([bot]) == {bot.pk: token}
    keys.revoke(bot)
    assert tokens.find(second) is None
    assert keys.of([bot]) == {}


def test_it_is_marked_wherever_its_name_stands(owner: User, bot: Bot, board: Room) -> None:
    rooms.invite(board.pk, owner, [bot.user])
    direct = rooms.open_direct(owner, bot.user.username)

    members = {one.username: one.bot for one in reading.members(owner, board.pk).members}
    assert (members["deploys"], members[owner.username]) == (True, False)
    assert [face.bot for face in appearance.faces_of(owner, [bot.pk])] == [True]
    peer = reading.summary(owner, direct.pk).peer
    assert peer is not None
    assert peer.bot


def test_it_rests_and_works_again(owner: User, bot: Bot, board: Room) -> None:
    rooms.invite(board.pk, owner, [bot.user])
    _, secret = keys.renew(bot)

    ending.switch(bot, on=False)
    assert tokens.find(secret) is None
    assert sessions.login_of_token(secret) is None
    with pytest.raises(Refused, match="switched off"):
        keys.renew(bot)
    ending.switch(bot, on=True)
    assert tokens.find(secret) is not None


def test_a_deleted_bot_leaves_and_what_it_said_stays(owner: User, bot: Bot, board: Room) -> None:
    rooms.invite(board.pk, owner, [bot.user])
    keys.renew(bot)
    send(board, bot.user, "Version 3 is out.")

    ending.delete(bot)

    assert not finding.of(owner).exists()
    assert not Token.objects.filter(user=bot.user).exists()
    assert not Membership.objects.filter(user=bot.user, left_seq=None).exists()
    (said,) = [one for one in history.page(owner, board.pk).items if hasattr(one, "message")]
    assert (said.message, said.username) == ("Version 3 is out.", "deploys")
    with pytest.raises(Refused, match="taken"):
        founding.create(owner, username="deploys")


def test_bots_go_with_their_owner(owner: User, ann: User, board: Room, settings: Settings) -> None:
    settings.BOT_MAKERS = "everybody"
    bot = founding.create(ann, name="Of Ann")
    rooms.invite(board.pk, owner, [bot.user])
    _, secret = keys.renew(bot)

    deletion.delete(ann, takes_texts=False)
    assert tokens.find(secret) is None
    assert not ending.tidy()

    assert not Membership.objects.filter(user=bot.user, left_seq=None).exists()
    row = Bot.objects.get(pk=bot.pk)
    assert (row.owner, row.deleted_at is None) == (None, False)


def test_one_that_cannot_leave_keeps_no_other(
    owner: User, bot: Bot, board: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = founding.create(owner, name="Other")
    rooms.invite(board.pk, owner, [bot.user, other.user])
    run, held = writer.run, {bot.pk, other.pk}

    def stuck(operation: Depart) -> object:
        if operation.person.id in held:
            raise Refused("unavailable", "Not now.")
        return run(operation)

    monkeypatch.setattr(writer, "run", stuck)
    for one in (bot, other):
        ending.delete(one)
    held.remove(other.pk)
    monkeypatch.setattr(ending, "PORTION", 2)
    assert not ending.tidy()  # in a while, and not at once: one of them would refuse again
    there = Membership.objects.filter(room=board, left_seq=None, user__is_bot=True)
    assert list(there.values_list("user", flat=True)) == [bot.pk]
    held.clear()
    assert not ending.tidy()
    assert not there.exists()


def test_bots_rest_when_their_owner_is_switched_off(
    owner: User, ann: User, settings: Settings
) -> None:
    settings.BOT_MAKERS = "everybody"
    bot = founding.create(ann, name="Of Ann")
    _, secret = keys.renew(bot)

    people.disable(ann)
    assert not ending.tidy()

    assert tokens.find(secret) is None
    assert Bot.objects.get(pk=bot.pk).user.is_active is False
