"""What django-allauth is told. `loopchat.settings` takes all of it over."""

from __future__ import annotations

ACCOUNT_ADAPTER = "loopchat.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]
ACCOUNT_FORMS = {
    "reset_password": "loopchat.web.forms_allauth.ResetAskForm",
    "reset_password_from_key": "loopchat.web.forms_allauth.ResetForm",
}
# Who has to verify an address before they come in, `loopchat.accounts.joining` says.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Nobody learns who has an address: neither by a page nor by a mail to a stranger.
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True

MFA_ADAPTER = "loopchat.accounts.adapters.MfaAdapter"
MFA_FORMS = {
    "authenticate": "loopchat.web.forms_allauth.CodeForm",
    "reauthenticate": "loopchat.web.forms_allauth.CodeAgainForm",
    "add_webauthn": "loopchat.web.passkeys.NewKeyForm",
    "authenticate_webauthn": "loopchat.web.passkeys.KeyForm",
    "reauthenticate_webauthn": "loopchat.web.passkeys.KeyAgainForm",
    "login_webauthn": "loopchat.web.passkeys.PasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # a name is what identifies people here
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODE_DIGITS = 10

SOCIALACCOUNT_ADAPTER = "loopchat.accounts.adapters.SocialAdapter"
SOCIALACCOUNT_FORMS = {"signup": "loopchat.web.forms_allauth.ProviderSignUpForm"}
SOCIALACCOUNT_AUTO_SIGNUP = False  # people choose their name
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True}}
