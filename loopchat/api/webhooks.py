"""What bots are told of over HTTP, and slash commands."""

from __future__ import annotations

import uuid
from typing import Any

from loopchat.api import shapes
from loopchat.api import webhook_shapes as given
from loopchat.api.asking import Asker
from loopchat.api.endpoint import Endpoint
from loopchat.api.operations import Given, operation
from loopchat.api.paging import listed, paged
from loopchat.bots import finding
from loopchat.hooks import commands, managing
from loopchat.hooks.managing import Named, Wanted
from loopchat.hooks.models import Delivery, Hook


class Webhooks(Endpoint):
    """The webhooks of a bot."""

    @operation(gives=shapes.Listed[given.Webhook])
    def get(self, asker: Asker, *, bot_id: int) -> object:
        """The webhooks of a bot, for those who answer for it."""
        found = managing.of(finding.managed(bot_id, asker.user))
        return listed(asker, [_shown(one) for one in found], None)

    @operation(takes=given.NewWebhook, gives=given.MadeWebhook, status=201)
    def post(self, asker: Asker, body: given.NewWebhook, *, bot_id: int) -> object:
        """Tell a program of what is said to a bot from now on."""
        bot = finding.managed(bot_id, asker.user)
        hook, secret = managing.create(bot, _wanted(body))
        place = {"Location": f"/api/v1/bots/{bot_id}/webhooks/{hook.pk}/"}
        return Given(given.MadeWebhook(secret=secret, **_fields(hook)), headers=place)


class OneWebhook(Endpoint):
    """A webhook."""

    @operation(gives=given.Webhook)
    def get(self, asker: Asker, *, bot_id: int, webhook_id: int) -> object:
        """One of them."""
        return _shown(managing.managed(bot_id, webhook_id, asker.user))

    @operation(takes=given.WebhookChange, gives=given.Webhook)
    def patch(
        self, asker: Asker, body: given.WebhookChange, *, bot_id: int, webhook_id: int
    ) -> object:
        """Change it, or switch it on or off."""
        hook = managing.managed(bot_id, webhook_id, asker.user)
        managing.change(hook, _wanted(body))
        if body.active is not None:
            managing.switch(hook, on=body.active)
        return _shown(hook)

    @operation()
    def delete(self, asker: Asker, *, bot_id: int, webhook_id: int) -> None:
        """End it, with its commands and its log."""
        managing.delete(managing.managed(bot_id, webhook_id, asker.user))


class Secret(Endpoint):
    """What a webhook signs with."""

    @operation(gives=given.WebhookSecret)
    def post(self, asker: Asker, *, bot_id: int, webhook_id: int) -> object:
        """Make another secret. For a day the one before signs as well."""
        return given.WebhookSecret(managing.renew(managing.managed(bot_id, webhook_id, asker.user)))


class Test(Endpoint):
    """Whether a webhook is reached."""

    @operation(gives=given.DeliveryLine, status=201)
    def post(self, asker: Asker, *, bot_id: int, webhook_id: int) -> object:
        """Send a test, signed like everything else. Its line in the log says what became of it."""
        hook = managing.managed(bot_id, webhook_id, asker.user)
        return _line(managing.test(hook, asker.user))


class Deliveries(Endpoint):
    """The log of a webhook."""

    @operation(query=shapes.Older, gives=shapes.Listed[given.DeliveryLine])
    def get(self, asker: Asker, query: shapes.Older, *, bot_id: int, webhook_id: int) -> object:
        """What was sent, waits, or was given up, the newest first."""
        hook = managing.managed(bot_id, webhook_id, asker.user)
        found = managing.deliveries(hook, before=query.before, limit=query.limit + 1)
        lines = [_line(one) for one in found]
        return paged(asker, lines, query.limit, lambda one: {"before": one.id})


class Again(Endpoint):
    """A delivery, once more."""

    @operation(gives=given.DeliveryLine)
    def post(self, asker: Asker, *, bot_id: int, webhook_id: int, delivery_id: int) -> object:
        """Send it again with the same id, whatever became of it."""
        hook = managing.managed(bot_id, webhook_id, asker.user)
        return _line(managing.redeliver(hook, delivery_id))


class Commands(Endpoint):
    """Slash commands in a room."""

    @operation(gives=shapes.Listed[commands.Offer], for_guests=True)
    def get(self, asker: Asker, *, room_id: int) -> object:
        """The commands that bots offer in a room."""
        return listed(asker, commands.offered(asker.actor, room_id), None)

    @operation(takes=given.GivenCommand, is_send=True, for_guests=True)
    def post(self, asker: Asker, body: given.GivenCommand, *, room_id: int) -> None:
        """Give a command. Its answer comes later, as a message or as `whisper` on the socket."""
        cid = uuid.UUID(body.cid) if body.cid else uuid.uuid4()
        commands.give(asker.actor, room_id, text=body.text, cid=cid)


def _wanted(body: given.NewWebhook | given.WebhookChange) -> Wanted:
    named = None
    if body.commands is not None:
        named = [Named(one.name, one.hint, one.help) for one in body.commands]
    return Wanted(body.url, body.on_mention, body.on_direct, body.rooms, named)


def _shown(hook: Hook) -> given.Webhook:
    return given.Webhook(**_fields(hook))


def _fields(hook: Hook) -> dict[str, Any]:
    offered = sorted(hook.commands.all(), key=lambda one: one.name)
    return {
        "id": hook.pk,
        "url": hook.url,
        "on_mention": hook.on_mention,
        "on_direct": hook.on_direct,
        "rooms": hook.rooms,
        "commands": [given.CommandOf(one.name, one.hint, one.help) for one in offered],
        "state": hook.state,
        "created_ts": hook.created_ts,
        "failing_since_ts": hook.failing_since_ts,
        "last_ok_ts": hook.last_ok_ts,
    }


def _line(one: Delivery) -> given.DeliveryLine:
    waits = one.status == Delivery.Status.WAITING
    return given.DeliveryLine(
        id=one.pk,
        delivery=str(one.key),
        trigger=one.trigger,
        room=one.room_id,
        status=one.status,  # type: ignore[arg-type]
        attempts=one.attempts,
        created_ts=one.created_ts,
        message=one.message_id,
        command=one.command or None,
        tried_ts=one.tried_ts,
        due_ts=one.due_ts if waits else None,
        took_ms=one.took_ms,
        http_status=one.http_status,
        error=one.error or None,
        excerpt=one.excerpt or None,
    )
