"""People in Django's admin. Accounts are made by sign-up or `loopchat adduser`, not here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.db import transaction
from django.forms import ModelForm
from django.http import HttpRequest

from loopchat.accounts import people
from loopchat.accounts.models import User

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[User]
else:
    ModelAdmin = admin.ModelAdmin


@admin.register(User)
class UserAdmin(ModelAdmin):
    """Find people, disable them, make them staff."""

    list_display = ("username", "name", "is_active", "is_staff", "is_owner", "is_bot", "created_at")
    list_filter = ("is_active", "is_staff", "is_owner", "is_bot", "is_passwordless")
    search_fields = ("username", "username_key", "name", "email")
    fields = (
        "username",
        "name",
        "email",
        "is_active",
        "is_staff",
        "groups",
        "user_permissions",
        *("is_owner", "is_superuser", "is_bot", "is_passwordless", "created_at", "last_login"),
    )
    readonly_fields = ("username", *fields[7:])
    filter_horizontal = ("groups", "user_permissions")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """An account needs a checked name and a hashed password."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """What somebody wrote stays readable; disable the account instead."""
        return False

    def save_model(
        self, request: HttpRequest, obj: User, form: ModelForm[User], change: bool
    ) -> None:
        """Store the change and tell the person's sockets."""
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            people.changed([obj.pk])
