"""Addresses and names of the first applications for what has another address or name here."""

from __future__ import annotations

from django.urls import path

from loopchat.web import account_views, room_views, views

# Before the others: the same names, so the same gates, and reversing finds the others.
addresses = [
    path("chat/room/create/", room_views.create, name="create_room"),
    path("chat/room/<int:room_id>/", views.room_by_id, name="room_by_id"),
    path("chat/room/<str:slug>/delete/", room_views.delete_named, name="delete_room"),
]

# After the others, which answer: names to reverse.
names = [
    path("login/", account_views.sign_in, name="loginPage"),
    path("", views.lobby, name="chatPage"),
    path("", views.lobby, name="chat_list"),
    path("chat/room/<str:slug>/", views.room, name="groupRoomPage"),
    path("chat/user/<str:username>/", views.direct, name="privateRoomPage"),
    path("room/<int:room_id>/", views.room_by_id, name="chat_room"),
]
