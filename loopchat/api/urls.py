"""The addresses of the API. Each works with and without the slash at its end."""

from __future__ import annotations

from django.urls import path, register_converter

from loopchat.api import (
    bots,
    contacts,
    descriptions,
    devices,
    invitations,
    members,
    messages,
    people,
    personal,
    pictures,
    rooms,
    sessions,
    tokens,
    webhooks,
)
from loopchat.core.fields import MAX_INT


class IdConverter:
    """A number that something may have."""

    regex = "[1-9][0-9]{0,15}"

    def to_python(self, text: str) -> int:
        """The id; larger ones lead nowhere."""
        number = int(text)
        if number > MAX_INT:
            raise ValueError
        return number

    def to_url(self, number: int) -> str:
        """The other way round."""
        return str(number)


register_converter(IdConverter, "id")

_ROOM = "api/v1/rooms/<id:room_id>/"
_MESSAGE = "api/v1/messages/<id:message_id>/"
_WEBHOOKS = "api/v1/bots/<id:bot_id>/webhooks/"
_WEBHOOK = f"{_WEBHOOKS}<id:webhook_id>/"

urlpatterns = [
    # Oneself
    path("api/v1/tokens/", tokens.Tokens.as_view()),
    path("api/v1/tokens/<id:token_id>/", tokens.OneToken.as_view()),
    path("api/v1/me/", people.Me.as_view()),
    path("api/v1/preferences/", people.Preferences.as_view()),
    path("api/v1/profile/", contacts.Profile.as_view()),
    path("api/v1/privacy/", contacts.Privacy.as_view()),
    path("api/v1/avatar/", pictures.Avatar.as_view()),
    path("api/v1/devices/", devices.Devices.as_view()),
    path("api/v1/devices/<id:device_id>/", devices.OneDevice.as_view()),
    path("api/v1/saves/", personal.Saves.as_view()),
    path("api/v1/read-all/", personal.ReadAll.as_view()),
    # People
    path("api/v1/users/", people.Users.as_view()),
    path("api/v1/users/<str:username>/", people.OneUser.as_view()),
    path("api/v1/users/<str:username>/card/", people.Card.as_view()),
    path("api/v1/faces/", people.Faces.as_view()),
    path("api/v1/presence/", people.Presence.as_view()),
    path("api/v1/friends/", contacts.Friends.as_view()),
    path("api/v1/friends/<str:username>/", contacts.OneFriend.as_view()),
    path("api/v1/friend-requests/", contacts.Requests.as_view()),
    path("api/v1/friend-requests/<str:username>/", contacts.OneRequest.as_view()),
    path("api/v1/blocks/", contacts.Blocks.as_view()),
    path("api/v1/blocks/<str:username>/", contacts.OneBlock.as_view()),
    # Programs
    path("api/v1/bots/", bots.Bots.as_view()),
    path("api/v1/bots/<id:bot_id>/", bots.OneBot.as_view()),
    path("api/v1/bots/<id:bot_id>/token/", bots.BotToken.as_view()),
    path("api/v1/bots/<id:bot_id>/avatar/", pictures.BotAvatar.as_view()),
    path("api/v1/bots/<id:bot_id>/incoming-hooks/", bots.BotHooks.as_view()),
    path("api/v1/incoming-hooks/<id:hook_id>/", bots.OneHook.as_view()),
    # What bots are told of
    path(_WEBHOOKS, webhooks.Webhooks.as_view()),
    path(_WEBHOOK, webhooks.OneWebhook.as_view()),
    path(f"{_WEBHOOK}test/", webhooks.Test.as_view()),
    path(f"{_WEBHOOK}secret/", webhooks.Secret.as_view()),
    path(f"{_WEBHOOK}deliveries/", webhooks.Deliveries.as_view()),
    path(f"{_WEBHOOK}deliveries/<id:delivery_id>/again/", webhooks.Again.as_view()),
    # Rooms
    path("api/v1/rooms/", rooms.Rooms.as_view()),
    path("api/v1/rooms/public/", rooms.PublicRooms.as_view()),
    path("api/v1/directs/", rooms.Directs.as_view()),
    path(_ROOM, rooms.OneRoom.as_view()),
    path(f"{_ROOM}make-room/", rooms.MakeRoom.as_view()),
    path(f"{_ROOM}join/", rooms.Join.as_view()),
    path(f"{_ROOM}leave/", rooms.Leave.as_view()),
    path(f"{_ROOM}request/", contacts.RoomRequest.as_view()),
    path(f"{_ROOM}members/", members.Members.as_view()),
    path(f"{_ROOM}members/<str:username>/", members.OneMember.as_view()),
    path(f"{_ROOM}bans/", members.Bans.as_view()),
    path(f"{_ROOM}bans/<str:username>/", members.OneBan.as_view()),
    path(f"{_ROOM}commands/", webhooks.Commands.as_view()),
    path(f"{_ROOM}messages/", messages.RoomMessages.as_view()),
    path(f"{_ROOM}history/", messages.History.as_view()),
    path(f"{_ROOM}around/", messages.Around.as_view()),
    path(f"{_ROOM}incoming-hooks/", bots.RoomHooks.as_view()),
    path(f"{_ROOM}pins/", personal.Pins.as_view()),
    path(f"{_ROOM}cursors/", personal.Cursors.as_view()),
    path(f"{_ROOM}read/", personal.Read.as_view()),
    path(f"{_ROOM}unread/", personal.Unread.as_view()),
    path(f"{_ROOM}draft/", personal.Draft.as_view()),
    path(f"{_ROOM}notify/", personal.Notify.as_view()),
    # Links
    path("api/v1/invitations/", invitations.Invitations.as_view()),
    path("api/v1/invitations/use/", invitations.Use.as_view()),
    path("api/v1/invitations/<id:invitation_id>/", invitations.OneInvitation.as_view()),
    # Messages
    path(_MESSAGE, messages.OneMessage.as_view()),
    path(f"{_MESSAGE}reactions/", messages.Reactions.as_view()),
    path(f"{_MESSAGE}pin/", messages.Pin.as_view()),
    path(f"{_MESSAGE}save/", messages.Save.as_view()),
    path(f"{_MESSAGE}readers/", messages.Readers.as_view()),
    path(f"{_MESSAGE}revisions/", messages.Revisions.as_view()),
    # The same under other words
    path("api/sessions/", sessions.Sessions.as_view()),
    path("api/sessions/<id:room_id>/", sessions.OneSession.as_view()),
    path("api/messages/", sessions.Messages.as_view()),
    path("api/send-message/", sessions.Messages.as_view(http_method_names=["post"])),
    # What all of this is
    path("api/schema/", descriptions.schema),
    path("api/docs/", descriptions.docs),
]
