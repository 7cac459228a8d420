"""Pages about accounts. Django's admin has none of its own: its doors lead here."""

from __future__ import annotations

from django.urls import include, path, re_path

from loopchat.web import account_views as views
from loopchat.web import (
    device_views,
    provider_views,
    request_views,
    reset_views,
    sign_up_views,
    token_views,
)

urlpatterns = [
    path("users/login/", views.sign_in, name="sign_in"),
    path("login/", views.sign_in),
    path("users/login/again/", views.sign_in_again, name="sign_in_again"),
    path("users/signup/", sign_up_views.sign_up, name="sign_up"),
    path("users/logout/", views.sign_out, name="sign_out"),
    path("users/password/", views.change_password, name="change_password"),
    path("setup/<str:secret>/", views.set_up, name="setup"),
    path("admin/login/", views.admin_door),
    path("admin/logout/", views.sign_out),
    path("admin/password_change/", views.change_password),
    # Where somebody is signed in, and with what
    path("users/devices/", device_views.devices_page, name="devices"),
    path("users/devices/end-others/", device_views.end_others, name="end_other_devices"),
    path("users/devices/<int:device_id>/end/", device_views.end, name="end_device"),
    path("users/tokens/new/", token_views.new_token, name="new_token"),
    path("users/tokens/<int:token_id>/end/", device_views.end_token, name="end_token"),
    # What owners do for others
    path("users/requests/", request_views.requests_page, name="requests"),
    path("users/requests/link/", request_views.make_link, name="make_reset_link"),
    path("users/requests/<int:user_id>/approve/", request_views.approve, name="approve"),
    path("users/requests/<int:user_id>/refuse/", request_views.refuse, name="refuse"),
    # The same pages under the names that allauth knows
    path("users/login/", views.sign_in, name="account_login"),
    path("users/signup/", sign_up_views.sign_up, name="account_signup"),
    path("users/logout/", views.sign_out, name="account_logout"),
    path("users/password/", views.change_password, name="account_change_password"),
    path("users/password/", views.change_password, name="account_set_password"),
    # Mail: an address of one's own, and a new password by a link
    path("users/email/", reset_views.email, name="account_email"),
    path("users/confirm-email/", reset_views.sent, name="account_email_verification_sent"),
    re_path(
        r"^users/confirm-email/(?P<key>[-:\w]+)/$",
        reset_views.confirm_email,
        name="account_confirm_email",
    ),
    path("users/password/reset/", reset_views.reset, name="account_reset_password"),
    path("users/password/reset/done/", reset_views.reset_sent, name="account_reset_password_done"),
    path(
        "users/password/reset/key/done/",
        reset_views.reset_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^users/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        reset_views.reset_from_key,
        name="account_reset_password_from_key",
    ),
    # Proofs: the password again, codes, keys, providers
    path("users/inactive/", reset_views.inactive, name="account_inactive"),
    path("users/reauthenticate/", reset_views.reauthenticate, name="account_reauthenticate"),
    path("users/2fa/", include("allauth.mfa.urls")),
    path("users/3rdparty/", include("allauth.socialaccount.urls")),
    path(
        "users/oidc/<slug:provider_id>/login/",
        provider_views.login,
        name="openid_connect_login",
    ),
    path(
        "users/oidc/<slug:provider_id>/login/callback/",
        provider_views.callback,
        name="openid_connect_callback",
    ),
]
