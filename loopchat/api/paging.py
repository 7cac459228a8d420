"""Lists a page at a time: after a place in their order, never by counting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import urlencode

from loopchat.api.asking import Asker
from loopchat.api.shapes import ByName, Listed
from loopchat.core.text import name_key

T = TypeVar("T")

_CURSORS = ("before", "after")


def listed(asker: Asker, results: Sequence[T], behind: dict[str, object] | None) -> Listed[T]:
    """A page. `behind` is what the query of the next page has in place of this one's cursor."""
    if behind is None:
        return Listed(list(results))
    request = asker.request
    query = {name: request.query_params[name] for name in request.query_params}
    query = {name: text for name, text in query.items() if name not in _CURSORS}
    address = f"{request.path}?{urlencode({**query, **behind})}"
    return Listed(list(results), request.build_absolute_uri(address))


def paged(
    asker: Asker, found: Sequence[T], limit: int, cursor: Callable[[T], dict[str, object]]
) -> Listed[T]:
    """The first `limit` of what was found, where one more than that was asked for."""
    page = found[:limit]
    return listed(asker, page, cursor(page[-1]) if len(found) > limit else None)


def by_name(asker: Asker, found: Sequence[T], query: ByName, name: Callable[[T], str]) -> Listed[T]:
    """A page of a short list of people that is at hand as a whole, in the order of their names."""
    start = name_key(query.after) if query.after else ""
    ordered = sorted(found, key=lambda one: name_key(name(one)))
    rest = [one for one in ordered if name_key(name(one)) > start]
    return paged(asker, rest[: query.limit + 1], query.limit, lambda one: {"after": name(one)})
