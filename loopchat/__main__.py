"""`python -m loopchat` is `loopchat`."""

from __future__ import annotations

from loopchat.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
