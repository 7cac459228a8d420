"""Addresses of the chat's pages and of the forms on them."""

from __future__ import annotations

from django.urls import path
from django.views.generic import RedirectView

from loopchat.web import contact_views, lookups, operations_views, room_views, views

urlpatterns = [
    # Pages
    path("", views.lobby, name="home"),
    path("chat/", views.lobby, name="lobby"),
    path("chat/room/<str:slug>/", views.room, name="room"),
    path("chat/group/<int:room_id>/", views.group, name="group"),
    path("chat/user/<str:username>/", views.direct, name="direct"),
    path("chat/friends/", views.people, name="people"),
    path("chat/settings/", views.settings, name="settings"),
    path("chat/settings/receipts/", views.set_receipts, name="set_receipts"),
    # For owners of the server
    path("chat/operations/", operations_views.operations, name="operations"),
    path("chat/operations/figures/", operations_views.figures, name="operations_figures"),
    path("room/<int:room_id>/", views.room_by_id, name="room_by_id"),
    # Forms about rooms
    path("chat/rooms/", RedirectView.as_view(pattern_name="lobby"), name="rooms"),
    path("chat/rooms/create/", room_views.create, name="create_room"),
    path("chat/rooms/<int:room_id>/join/", room_views.join, name="join_room"),
    path("chat/rooms/<int:room_id>/leave/", room_views.leave, name="leave_room"),
    path("chat/rooms/<int:room_id>/invite/", room_views.invite, name="invite"),
    path("chat/rooms/<int:room_id>/kick/", room_views.kick, name="kick"),
    path("chat/rooms/<int:room_id>/ban/", room_views.ban, name="ban"),
    path("chat/rooms/<int:room_id>/unban/", room_views.unban, name="unban"),
    path("chat/rooms/<int:room_id>/role/", room_views.set_role, name="set_role"),
    path("chat/rooms/<int:room_id>/rename/", room_views.rename, name="rename_room"),
    path("chat/rooms/<int:room_id>/topic/", room_views.set_topic, name="set_topic"),
    path("chat/rooms/<int:room_id>/make-room/", room_views.make_room, name="make_room"),
    path("chat/rooms/<int:room_id>/archive/", room_views.archive, name="archive_room"),
    path("chat/rooms/<int:room_id>/delete/", room_views.delete, name="delete_room"),
    # Forms about other people
    path(
        "users/friend-request/<str:action>/<str:username>/",
        contact_views.friend_request,
        name="friend_request",
    ),
    path("chat/people/block/<str:username>/", contact_views.block, name="block"),
    path("chat/people/unblock/<str:username>/", contact_views.unblock, name="unblock"),
    path("chat/settings/privacy/", contact_views.set_privacy, name="set_privacy"),
    path("chat/rooms/<int:room_id>/request/", contact_views.answer_request, name="answer_request"),
    # What the client looks up
    path("chat/people/directory/", contact_views.directory, name="directory"),
    path("chat/rooms/<int:room_id>/members/", lookups.members, name="members"),
    path("chat/rooms/<int:room_id>/banned/", lookups.banned, name="banned"),
    path("chat/rooms/find/", lookups.find_rooms, name="find_rooms"),
    path("chat/people/find/", lookups.find_people, name="find_people"),
]
