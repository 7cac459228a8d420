"""What those who answer for a bot do with its webhooks, at the same time."""

from __future__ import annotations

from loopchat.accounts.models import User
from loopchat.hooks import managing, signing
from loopchat.hooks.managing import Wanted
from loopchat.hooks.models import Hook


def test_a_change_leaves_what_somebody_else_has_changed_meanwhile(hook: Hook, owner: User) -> None:
    early = managing.managed(hook.bot_id, hook.pk, owner)
    secret = managing.renew(managing.managed(hook.bot_id, hook.pk, owner))
    Hook.objects.update(state="paused", last_ok_ts=5)
    managing.change(early, Wanted(on_mention=False))
    now = Hook.objects.get()
    assert signing.secret_of(now.salt) == secret
    assert (now.state, now.last_ok_ts, now.on_mention) == ("paused", 5, False)
