"""Addresses of what bots are told of."""

from __future__ import annotations

from django.urls import path

from loopchat.web import webhook_views as views

_ALL = "chat/bots/<int:bot_id>/webhooks/"
_ONE = f"{_ALL}<int:webhook_id>/"

urlpatterns = [
    path(_ALL, views.webhooks, name="webhooks"),
    path(f"{_ALL}create/", views.create, name="create_webhook"),
    path(_ONE, views.webhook, name="webhook"),
    path(f"{_ONE}change/", views.change, name="change_webhook"),
    path(f"{_ONE}switch/", views.switch, name="switch_webhook"),
    path(f"{_ONE}test/", views.test, name="test_webhook"),
    path(f"{_ONE}secret/", views.renew, name="renew_webhook"),
    path(f"{_ONE}delete/", views.delete, name="delete_webhook"),
    path(f"{_ONE}deliveries/<int:delivery_id>/again/", views.redeliver, name="redeliver_webhook"),
]
