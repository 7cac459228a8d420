"""Pictures: one's own, and those of one's bots."""

from __future__ import annotations

from typing import Final

from loopchat.accounts import avatars, rates
from loopchat.api import bot_shapes, shapes
from loopchat.api.asking import Asker
from loopchat.api.bots import one_info
from loopchat.api.endpoint import Bytes, Endpoint
from loopchat.api.operations import operation
from loopchat.bots import finding
from loopchat.chat import appearance
from loopchat.core.errors import Refused
from loopchat.core.limits import refuse_often

KINDS: Final = ("image/jpeg", "image/png", "image/webp", "image/gif")


class Picture(Bytes):
    """The file itself."""

    media_types = KINDS


class Avatar(Endpoint):
    """My picture."""

    parser_classes = (Picture,)

    @operation(takes=bytes, media=KINDS, query=shapes.Crop, gives=appearance.Card)
    def put(self, asker: Asker, body: bytes, query: shapes.Crop) -> object:
        """Show this picture; the body is the file, at most 5 MiB."""
        refuse_often(rates.pictures.take(asker.user.pk))
        appearance.set_avatar(asker.user, avatars.store(body, _square(query)))
        return appearance.card(asker.user, asker.user.username)

    @operation(gives=appearance.Card)
    def delete(self, asker: Asker) -> object:
        """Go back to initials."""
        appearance.set_avatar(asker.user, "")
        return appearance.card(asker.user, asker.user.username)


class BotAvatar(Endpoint):
    """The picture of a bot of mine."""

    parser_classes = (Picture,)

    @operation(takes=bytes, media=KINDS, query=shapes.Crop, gives=bot_shapes.BotInfo)
    def put(self, asker: Asker, body: bytes, query: shapes.Crop, *, bot_id: int) -> object:
        """Show this picture; the body is the file, at most 5 MiB."""
        bot = finding.managed(bot_id, asker.user)
        refuse_often(rates.pictures.take(asker.user.pk))
        appearance.set_avatar(bot.user, avatars.store(body, _square(query)))
        return one_info(asker, bot_id)

    @operation(gives=bot_shapes.BotInfo)
    def delete(self, asker: Asker, *, bot_id: int) -> object:
        """Go back to its initials."""
        appearance.set_avatar(finding.managed(bot_id, asker.user).user, "")
        return one_info(asker, bot_id)


def _square(crop: shapes.Crop) -> tuple[int, int, int] | None:
    given = [number for number in (crop.x, crop.y, crop.size) if number is not None]
    if not given:
        return None
    if len(given) != 3:
        raise Refused("bad_request", "A crop has x, y and size in pixels.", field="size")
    return (given[0], given[1], given[2])
