"""Addresses of how people look, how they come in, and how they go."""

from __future__ import annotations

from django.urls import path

from loopchat.web import invitation_views, join_views, leaving_views, profile_views

urlpatterns = [
    # How people look
    path("chat/settings/profile/", profile_views.profile, name="profile"),
    path("chat/settings/profile/change/", profile_views.change_profile, name="change_profile"),
    path("chat/settings/avatar/", profile_views.set_avatar, name="set_avatar"),
    path("avatars/<str:name>", profile_views.avatar, name="avatar"),
    path("chat/people/<str:username>/card/", profile_views.card, name="card"),
    path("chat/people/faces/", profile_views.faces, name="faces"),
    # How they come in
    path("join/", join_views.join_go_on, name="join_go_on"),
    path("join/<str:secret>/", join_views.join_link, name="join_link"),
    path("users/guest/", join_views.become_account, name="become_account"),
    path("chat/invitations/", invitation_views.invitations, name="invitations"),
    path("chat/invitations/create/", invitation_views.create, name="create_invitation"),
    path("chat/invitations/made/", invitation_views.made, name="made_invitation"),
    path(
        "chat/invitations/<int:invitation_id>/revoke/",
        invitation_views.revoke,
        name="revoke_invitation",
    ),
    # How they go
    path("users/export/", leaving_views.export, name="export"),
    path("users/delete/", leaving_views.delete_account, name="delete_account"),
]
