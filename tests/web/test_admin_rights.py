"""What staff can do to people in Django's admin, and what only owners can."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Permission
from django.test import Client

from loopchat.accounts import people, sessions
from loopchat.accounts.models import User
from tests.accounts.conftest import PASSWORD

pytestmark = pytest.mark.django_db


class TestAdminOfStaff:
    """Staff who may change people do not become owners by it."""

    @pytest.fixture
    def staff(self, ann: User) -> Client:
        ann.is_staff = True
        ann.save()
        ann.user_permissions.set(Permission.objects.all())
        browser = Client()
        browser.force_login(ann)
        return browser

    def page_of(self, person: User) -> str:
        return f"/admin/accounts/user/{person.pk}/change/"

    def test_they_change_no_owner(self, staff: Client, owner: User, ann: User) -> None:
        fields = {"name": "x", "email": "ann@example.org", "is_active": "on"}
        for person in (owner, ann):
            assert staff.get(self.page_of(person)).status_code == 200
            assert staff.post(self.page_of(person), fields).status_code == 403
            person.refresh_from_db()
            assert (person.email, person.name) == ("", "")

    def test_they_give_no_address_and_no_rights(self, staff: Client, ann: User) -> None:
        ben = people.create("ben", PASSWORD)
        right = Permission.objects.values_list("pk", flat=True)[0]
        fields = {"name": "Benjamin", "email": "ann@example.org", "is_active": "on"}

        answer = staff.post(
            self.page_of(ben), {**fields, "is_staff": "on", "user_permissions": str(right)}
        )

        assert answer.status_code == 302
        ben.refresh_from_db()
        assert (ben.name, ben.email, ben.is_staff) == ("Benjamin", "", False)
        assert not ben.user_permissions.exists()

    def test_they_take_no_second_step_from_an_owner(self, staff: Client, owner: User) -> None:
        step = Authenticator.objects.create(user=owner, type="totp", data={})

        staff.post(f"/admin/mfa/authenticator/{step.pk}/delete/", {"post": "yes"})
        staff.post(
            "/admin/mfa/authenticator/",
            {"action": "delete_selected", "_selected_action": str(step.pk), "post": "yes"},
        )

        assert Authenticator.objects.filter(pk=step.pk).exists()

    def test_they_take_none_from_other_staff(self, staff: Client) -> None:
        boss = people.create("boss", PASSWORD)
        boss.is_staff = boss.is_superuser = True
        boss.save()
        step = Authenticator.objects.create(user=boss, type="totp", data={})

        staff.post(f"/admin/mfa/authenticator/{step.pk}/delete/", {"post": "yes"})

        assert Authenticator.objects.filter(pk=step.pk).exists()

    @pytest.mark.parametrize("marked", [False, True])
    def test_with_a_second_step_all_sign_ins_end(
        self, owner: User, ann: User, marked: bool
    ) -> None:
        totp = Authenticator.objects.create(user=ann, type="totp", data={})
        Authenticator.objects.create(user=ann, type="recovery_codes", data={})
        hers, browser = Client(), Client()
        hers.force_login(ann)
        browser.force_login(owner)

        if marked:
            fields = {"action": "delete_selected", "_selected_action": str(totp.pk), "post": "yes"}
            browser.post("/admin/mfa/authenticator/", fields)
        else:
            browser.post(f"/admin/mfa/authenticator/{totp.pk}/delete/", {"post": "yes"})

        assert not Authenticator.objects.exists()
        assert sessions.login_of_session(hers.session.session_key or "") is None

    def test_an_address_from_the_admin_is_not_verified(self, owner: User, ann: User) -> None:
        ann.emailaddress_set.create(email="old@example.org", verified=True, primary=True)
        browser = Client()
        browser.force_login(owner)

        browser.post(self.page_of(ann), {"name": "", "email": "New@example.org", "is_active": "on"})

        rows = ann.emailaddress_set.values_list("email", "verified", "primary")
        assert list(rows) == [("new@example.org", False, True)]
