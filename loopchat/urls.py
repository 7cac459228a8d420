"""The site map."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path, re_path

from loopchat.api import posting
from loopchat.api.door import api

urlpatterns = [
    # What monitors ask
    path("", include("loopchat.web.health_urls")),
    # Sign in, sign up, sign out, set-up; the admin's own doors lead there too
    path("", include("loopchat.web.account_urls")),
    # Programs
    re_path("^api/", api, name="api"),
    re_path("^hooks/(?P<secret>[^/]{1,128})/?$", posting.post, name="incoming_hook"),
    # Django's admin
    path("admin/", admin.site.urls),
    # How people look, come in and go
    path("", include("loopchat.web.people_urls")),
    # Bots
    path("", include("loopchat.web.bot_urls")),
    # Lobby, rooms, people
    path("", include("loopchat.web.urls")),
]
