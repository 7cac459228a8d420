"""Loopchat: the chat server that people host themselves."""

from __future__ import annotations

__version__ = "0.1.0"
