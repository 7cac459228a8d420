"""The security headers of every response, whoever makes it."""

from __future__ import annotations

_CONTENT_SECURITY_POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "font-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)
_TRUSTED_TYPES = ("require-trusted-types-for 'script'", "trusted-types lit-html loopchat")

_PERMISSIONS = (
    "accelerometer=(), autoplay=(self), camera=(), display-capture=(), geolocation=(), "
    "gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()"
)
_ONE_YEAR_S = 60 * 60 * 24 * 365


def security_headers(path: str, *, https: bool) -> dict[str, str]:
    """The headers for a response at this path; `https`: the public address is https."""
    headers = {
        "Content-Security-Policy": content_security_policy(path),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": _PERMISSIONS,
    }
    if https:
        headers["Strict-Transport-Security"] = f"max-age={_ONE_YEAR_S}"
    return headers


def content_security_policy(path: str) -> str:
    """One policy without exceptions; Django's admin has scripts that Trusted Types would stop."""
    is_admin = path.startswith("/admin/")
    return "; ".join(_CONTENT_SECURITY_POLICY + (() if is_admin else _TRUSTED_TYPES))
