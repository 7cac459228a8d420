"""Lists a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar
from urllib.parse import urlencode

from loopchat.api.asking import Asker
from loopchat.api.shapes import Listed

T = TypeVar("T")


def listed(asker: Asker, results: Sequence[T], behind: dict[str, object] | None) -> Listed[T]:
    """A page. `behind` is what the query of the next page has in place of this one's cursor."""
    if behind is None:
        return Listed(list(results))
    request = asker.request
    query = {name: request.query_params[name] for name in request.query_params}
    query = {name: text for name, text in query.items() if name not in ("before", "after")}
    address = f"{request.path}?{urlencode({**query, **behind})}"
    return Listed(list(results), request.build_absolute_uri(address))
