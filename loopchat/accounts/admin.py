"""People in Django's admin. Accounts are made by sign-up or `loopchat adduser`, not here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.models import EmailAddress
from allauth.mfa.base.internal.flows import delete_dangling_recovery_codes
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
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


for _theirs in (SocialAccount, SocialApp, SocialToken, EmailAddress, Authenticator):
    if admin.site.is_registered(_theirs):
        admin.site.unregister(_theirs)


@admin.register(Authenticator)
class AuthenticatorAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Second steps: to take one away from somebody who lost it. Nobody reads their secrets here."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    search_fields = ("user__username",)
    fields = readonly_fields = list_display

    def has_add_permission(self, request: HttpRequest) -> bool:
        """People make them themselves."""
        return False

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Recovery codes alone would keep asking for nothing that there is."""
        super().delete_model(request, obj)
        delete_dangling_recovery_codes(obj.user)
