"""Slash commands where one writes: completed, answered to oneself, and never sent by mistake."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.attention import in_a_room
from tests.browser.conftest import Enter
from tests.browser.people import OWNER
from tests.faults.backstage import Backstage
from tests.hooks.receiver import receiving, says
from tests.services import Server, StartServer


@pytest.fixture
def server(start_server: StartServer) -> Server:
    """A server where everybody makes bots, whose programs listen on this machine."""
    env = {"LOOPCHAT_WEBHOOK_ALLOW": "127.0.0.1", "LOOPCHAT_BOT_MAKERS": "everybody"}
    return start_server(env=env, owner=OWNER)


def test_commands_of_bots_and_of_the_chat(enter: Enter, server: Server) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    me = ann.page.request.get("/api/v1/me/").json()["uid"]
    room = ann.page.request.get("/api/v1/rooms/").json()["results"][0]["room"]
    with receiving() as receiver, Backstage(server) as backstage:
        channel = '{"text": "Version 12 is out", "response_type": "in_channel"}'
        receiver.answer = says("On its *way*")
        backstage.do("webhook", owner=me, room=room, url=receiver.url, command="deploy")

        ann.composer.press_sequentially("/de")
        offers = ann.page.get_by_role("listbox", name="Suggestions")
        expect(offers.get_by_role("option", name="/deploy <where>")).to_be_visible()
        ann.composer.press("Tab")
        expect(ann.composer).to_have_value("/deploy ")
        ann.composer.press_sequentially("staging")
        ann.composer.press("Enter")
        expect(ann.composer).to_have_value("")
        whispers = ann.page.get_by_role("log", name="Only for you")
        expect(whispers.get_by_text("On its way")).to_be_visible()
        assert receiver.take().json["text"] == "staging"

        receiver.next = [says(channel, kind="application/json")]
        ann.composer.fill("/deploy all")
        ann.composer.press("Enter")
        answer = ben.messages.filter(has_text="Version 12 is out")
        expect(answer.get_by_text("ann used /deploy")).to_be_visible()
        mine = ann.messages.filter(has_text="Version 12 is out")
        expect(mine.get_by_text("You used /deploy")).to_be_visible()
        assert receiver.take().json["text"] == "all"

        ann.composer.fill("/nothing here")
        ann.composer.press("Enter")
        ann.was_told("There is no command /nothing here. To send it as a text, write //nothing.")
        expect(ann.composer).to_have_value("/nothing here")
        ann.composer.fill("//nothing here")
        ann.composer.press("Enter")
        expect(ben.messages.get_by_text("/nothing here", exact=True)).to_be_visible()

        ann.composer.fill("/topic Beans only")
        ann.composer.press("Enter")
        expect(ben.page.get_by_text("The topic is now “Beans only”")).to_be_visible()
        whispers.get_by_role("button", name="Close").click()
        expect(whispers).to_be_hidden()
        expect(ben.messages.get_by_text("On its way")).to_have_count(0)
