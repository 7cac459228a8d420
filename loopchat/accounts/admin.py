"""People in Django's admin. Accounts are made by sign-up or `loopchat adduser`, not here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.db import transaction
from django.forms import ModelForm
from django.http import HttpRequest

from loopchat.accounts import people, second_steps
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
    for_owners = ("email", "is_staff", "groups", "user_permissions")
    """With an address somebody gets a new password; with the others, rights."""
    filter_horizontal = ("groups", "user_permissions")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """What gives somebody an account or rights is for owners, however much staff may do."""
        more = () if _is_owner(request) else self.for_owners
        return (*self.readonly_fields, *more)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Only owners change those who have rights of their own."""
        if obj is not None and _has_rights(obj) and not _is_owner(request):
            return False
        return super().has_change_permission(request, obj)

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
            if "email" in form.changed_data:
                _replace_address(obj)
            people.changed([obj.pk])


def _is_owner(request: HttpRequest) -> bool:
    return getattr(request.user, "is_owner", False)


def _has_rights(person: User) -> bool:
    return person.is_owner or person.is_staff or person.is_superuser


def _replace_address(person: User) -> None:
    """The old ones count no more, and nobody has shown yet that the new one is theirs."""
    EmailAddress.objects.filter(user=person).delete()
    if person.email:
        EmailAddress.objects.create(
            user=person, email=person.email.lower(), primary=True, verified=False
        )


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

    def get_queryset(self, request: HttpRequest) -> Any:
        """Only owners take a second step away from those who have rights of their own."""
        found = super().get_queryset(request)
        if _is_owner(request):
            return found
        plain = {"is_owner": False, "is_staff": False, "is_superuser": False}
        return found.filter(**{f"user__{name}": value for name, value in plain.items()})

    def has_add_permission(self, request: HttpRequest) -> bool:
        """People make them themselves."""
        return False

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Whoever has what was lost may be signed in with it: all sign-ins end."""
        second_steps.take_away(obj.user, obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        """The same for those that are marked in the list."""
        for row in queryset.select_related("user"):
            second_steps.take_away(row.user, row.pk)
