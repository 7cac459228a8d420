#!/usr/bin/env python
"""Django's command line, where people who know Django look for it."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run a management command with Loopchat's settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loopchat.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
