"""Pages about accounts."""

from __future__ import annotations

from django.urls import path

from loopchat.web import account_views as views

urlpatterns = [
    path("users/login/", views.sign_in, name="sign_in"),
    path("login/", views.sign_in),
    path("users/signup/", views.sign_up, name="sign_up"),
    path("users/logout/", views.sign_out, name="sign_out"),
    path("setup/<str:secret>/", views.set_up, name="setup"),
]
