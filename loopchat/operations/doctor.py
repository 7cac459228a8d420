"""`loopchat doctor`: looks for what usually breaks a server at home, with the remedy for each.

It changes nothing and may run beside the server.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopchat.operations import checks_here, checks_outside
from loopchat.operations.findings import Check, Finding, fault

CHECKS: tuple[Check, ...] = (*checks_here.CHECKS, *checks_outside.CHECKS)


def examine(checks: tuple[Check, ...] = CHECKS) -> Iterator[Finding]:
    """Every finding, as it is found. A check that fails itself is a finding too."""
    for check in checks:
        try:
            yield from check()
        except Exception as problem:  # noqa: BLE001 - one look that fails must not end the others
            about = check.__name__.replace("_", " ")
            yield fault(about, f"could not be looked at: {problem}", "See the text of the error.")
