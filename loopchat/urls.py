"""The site map."""

from __future__ import annotations

from importlib.util import find_spec

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    # Django's admin
    path("admin/", admin.site.urls),
]

_PAGES = ("loopchat.web.health_urls", "loopchat.web.account_urls", "loopchat.web.urls")
urlpatterns += [path("", include(pages)) for pages in _PAGES if find_spec(pages)]
