"""Middleware that asks of each address whether it is for whoever comes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase


class Gate(ABC):
    """Asked when the address is known by its name, before its view runs."""

    def __init__(self, handle: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._handle = handle

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._handle(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], *_arguments: object
    ) -> HttpResponseBase | None:
        """What Django calls."""
        found = request.resolver_match
        return self.stop(request, found.view_name if found else "")

    @abstractmethod
    def stop(self, request: HttpRequest, name: str) -> HttpResponseBase | None:
        """The answer instead of the view's; None lets pass."""
