"""Scenes of the tour for those who run programs, or the server: bots, webhooks, figures."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.tour_camera import Scene, Stage

SCENES: list[Scene] = []

# Its name leads nowhere and it hears nothing of its own accord: what is in its log is written here.
_PROGRAMS = """
from uuid import uuid4
from loopchat.accounts.models import User
from loopchat.bots import founding, incoming, keys
from loopchat.bots.models import Bot
from loopchat.chat import rooms
from loopchat.chat.models import Message, Room
from loopchat.core.clock import now_ms
from loopchat.hooks import managing
from loopchat.hooks.managing import Named, Wanted
from loopchat.hooks.models import Delivery
olga, ann, dmitri = (User.objects.get(username=one) for one in ("Olga", "Ann", "Dmitri"))
if not Bot.objects.exists():
    about = "Brings new versions out, and tells how it went."
    bot = founding.create(olga, name="Deploys", about=about)
    founding.create(olga, name="Weather", about="Says when it will rain.")
    founding.create(None, name="Rota", username="rota")
    release = Room.objects.get(name="Release 1.0")
    rooms.join(release.pk, olga)
    rooms.set_role(release.pk, dmitri, olga, "moderator")
    for by, room in ((dmitri, release), (ann, Room.objects.get(name="General"))):
        rooms.invite(room.pk, by, [bot.user])
    rooms.create(olga, kind="group", name="", people=[ann, dmitri, bot.user])
    incoming.make(olga, release.pk, bot_id=bot.pk, label="the build server")
    keys.renew(bot)
    offered = [Named("deploy", "<where>", "Brings the newest version out"), Named("rollback")]
    hook, _ = managing.create(
        bot, Wanted(url="https://deploys.example.org/loopchat", on_direct=False, commands=offered)
    )
    said = iter(Message.objects.filter(room=release).order_by("seq"))
    now = now_ms()
    told = [
        ("message", "mention", "done", 200, "", "Version 12 is out.", 1, 84, 190),
        ("message", "mention", "failed", 404, "", "Not found", 1, 61, 150),
        ("command", "command", "done", 200, "", '{"text": "Brought to staging."}', 1, 412, 96),
        ("message", "mention", "done", 204, "", "", 3, 73, 55),
        ("command", "command", "failed", None, "no whole answer in time", "", 3, 7003, 31),
        ("test", "test", "done", 200, "", "ok", 1, 52, 4),
    ]
    for kind, trigger, status, code, error, excerpt, attempts, took, minutes in told:
        is_command, at = kind == "command", now - minutes * 60_000
        Delivery.objects.create(
            hook=hook, key=uuid4(), kind=kind, trigger=trigger, status=status, http_status=code,
            error=error, excerpt=excerpt, attempts=attempts, took_ms=took, due_ts=at,
            created_ts=at, tried_ts=at, room=None if kind == "test" else release,
            message=next(said) if kind == "message" else None,
            person=None if kind == "message" else ann,
            cid=uuid4() if is_command else None, command="deploy" if is_command else "",
        )
"""


def _scene(
    name: str, title: str, *, anew: bool = False
) -> Callable[[Callable[[Stage], Page]], Callable[[Stage], Page]]:
    def keep(play: Callable[[Stage], Page]) -> Callable[[Stage], Page]:
        SCENES.append(Scene("Programs", name, title, play, anew=anew))
        return play

    return keep


@_scene("bots", "Bots")
def bots(stage: Stage) -> Page:
    stage.server.manage("manage", "shell", "--command", _PROGRAMS)
    return stage.at("/chat/bots/", "Olga")


@_scene("bot", "A bot")
def bot(stage: Stage) -> Page:
    page = bots(stage)
    page.get_by_role("link", name="Manage Deploys").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Deploys")
    return page


@_scene("bot-token", "A bot: its token and what tells its program", anew=True)
def bot_token(stage: Stage) -> Page:
    return _from(bot(stage), "Token")


@_scene("incoming-webhooks", "A bot: its incoming webhooks", anew=True)
def incoming_webhooks(stage: Stage) -> Page:
    return _from(bot(stage), "Incoming webhooks")


@_scene("incoming-webhook", "The address of an incoming webhook, this once")
def incoming_webhook(stage: Stage) -> Page:
    page = bot(stage)
    page.get_by_label("A note for yourself").fill("the weather station")
    page.get_by_role("button", name="Make a webhook").click()
    expect(page.locator("#id_secret")).to_be_visible()
    return page


@_scene("webhook", "A webhook")
def webhook(stage: Stage) -> Page:
    page = bot(stage)
    page.get_by_role("link", name="Webhooks of this bot").click()
    page.get_by_role("main").get_by_role("link", name="deploys.example.org").click()
    expect(page.get_by_role("button", name="Send a test")).to_be_visible()
    return page


@_scene("webhook-log", "A webhook: its deliveries", anew=True)
def webhook_log(stage: Stage) -> Page:
    return _from(webhook(stage), "Deliveries")


@_scene("operations", "How the server is")
def operations(stage: Stage) -> Page:
    page = stage.at("/chat/operations/", "Olga")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    return page


def _from(page: Page, heading: str) -> Page:
    """The page from this heading on."""
    found = page.get_by_role("heading", name=heading, exact=True)
    found.evaluate("one => { one.style.scrollMarginTop = '6rem'; one.scrollIntoView() }")
    return page
