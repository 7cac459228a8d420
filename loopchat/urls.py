"""The site map."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path, re_path

from loopchat.api import posting
from loopchat.api.door import api
from loopchat.web import older_urls

handler500 = "loopchat.web.refusals.server_error"

urlpatterns = [
    # What monitors ask
    path("", include("loopchat.web.health_urls")),
    # Sign in, sign up, sign out, set-up; the admin's own doors lead there too
    path("", include("loopchat.web.account_urls")),
    # Programs
    re_path("^(?:chat/)?api/", api, name="api"),
    path("api/send-message/", api, name="send_message"),
    re_path("^hooks/(?P<secret>[^/]{1,128})/?$", posting.post, name="incoming_hook"),
    # Django's admin
    path("admin/", admin.site.urls),
    # How people look, come in and go
    path("", include("loopchat.web.people_urls")),
    # Bots
    path("", include("loopchat.web.bot_urls")),
    # What bots are told of
    path("", include("loopchat.web.webhook_urls")),
    # Lobby, rooms, people
    path("", include(older_urls.addresses)),
    path("", include("loopchat.web.urls")),
    path("", include(older_urls.names)),
]
