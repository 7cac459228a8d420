"""Addresses of the pages about bots, and of the forms on them."""

from __future__ import annotations

from django.urls import path

from loopchat.web import bot_views, hook_views

urlpatterns = [
    path("chat/bots/", bot_views.bots, name="bots"),
    path("chat/bots/create/", bot_views.create, name="create_bot"),
    path("chat/bots/made/", bot_views.made, name="made_for_bot"),
    path("chat/bots/avatar/", bot_views.set_avatar, name="set_bot_avatar"),
    path("chat/bots/<int:bot_id>/", bot_views.bot, name="bot"),
    path("chat/bots/<int:bot_id>/change/", bot_views.change, name="change_bot"),
    path("chat/bots/<int:bot_id>/token/", bot_views.renew_token, name="renew_bot_token"),
    path("chat/bots/<int:bot_id>/token/end/", bot_views.revoke_token, name="revoke_bot_token"),
    path("chat/bots/<int:bot_id>/switch/", bot_views.switch, name="switch_bot"),
    path("chat/bots/<int:bot_id>/delete/", bot_views.delete, name="delete_bot"),
    # Incoming webhooks
    path("chat/bots/<int:bot_id>/hooks/", hook_views.create_for_bot, name="create_hook_for_bot"),
    path("chat/rooms/<int:room_id>/hooks/", hook_views.of_room, name="hooks_of_room"),
    path("chat/rooms/<int:room_id>/hooks/create/", hook_views.create, name="create_hook"),
    path("chat/hooks/<int:hook_id>/renew/", hook_views.renew, name="renew_hook"),
    path("chat/hooks/<int:hook_id>/revoke/", hook_views.revoke, name="revoke_hook"),
]
