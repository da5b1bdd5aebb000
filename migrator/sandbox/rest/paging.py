"""Pages of REST lists, with their ``Link`` header.

https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api
Real links name a repository by id (``/repositories/1/issues?page=2``). A page larger than 100 is
silently cut to 100.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from migrator.sandbox.http_messages import ApiReply, ApiRequest

T = TypeVar("T")
USUAL_PAGE = 30
LARGEST_PAGE = 100


def page_of(
    ask: ApiRequest,
    found: Sequence[T],
    show: Callable[[T], Any],
    *,
    path: str | None = None,
    under: str = "",
) -> ApiReply:
    """Return the page that ``page`` and ``per_page`` ask for; with ``under`` as an object that also
    counts all.

    ``path`` is what links are made of, if not the path that was asked for.
    """
    size = min(max(ask.number("per_page", USUAL_PAGE), 1), LARGEST_PAGE)
    number = max(ask.number("page", 1), 1)
    start = (number - 1) * size
    shown = [one for one in map(show, found[start : start + size]) if one is not None]
    last = max(1, -(-len(found) // size))
    headers = {"link": link} if (link := _links(ask, path or ask.path, number, last)) else {}
    return ApiReply(
        body={"total_count": len(found), under: shown} if under else shown, headers=headers
    )


def _links(ask: ApiRequest, path: str, number: int, last: int) -> str:
    """Return the header's value: ``prev`` and ``first`` if there are earlier pages, ``next`` and
    ``last`` if later ones."""
    wanted: list[tuple[str, int]] = []
    if number > 1:
        wanted += [("prev", min(number - 1, last))]
    if number < last:
        wanted += [("next", number + 1), ("last", last)]
    if number > 1:
        wanted += [("first", 1)]
    return ", ".join(f'<{_address(ask, path, page)}>; rel="{name}"' for name, page in wanted)


def _address(ask: ApiRequest, path: str, page: int) -> str:
    pairs = [
        (name, value) for name, values in ask.query.items() if name != "page" for value in values
    ]
    return f"{ask.base}{path}?{urlencode([*pairs, ('page', page)])}"
