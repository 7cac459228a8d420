"""Pages about accounts. Django's admin has none of its own: its doors lead here."""

from __future__ import annotations

from django.urls import path

from loopchat.web import account_views as views

urlpatterns = [
    path("users/login/", views.sign_in, name="sign_in"),
    path("login/", views.sign_in),
    path("users/signup/", views.sign_up, name="sign_up"),
    path("users/logout/", views.sign_out, name="sign_out"),
    path("users/password/", views.change_password, name="change_password"),
    path("setup/<str:secret>/", views.set_up, name="setup"),
    path("admin/login/", views.admin_door),
    path("admin/logout/", views.sign_out),
    path("admin/password_change/", views.change_password),
]
