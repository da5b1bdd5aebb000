"""Addresses of the REST surface, and which function answers each."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from migrator.sandbox.http_messages import ApiReply, ApiRequest

if TYPE_CHECKING:
    from migrator.sandbox.call import Call

Route = Callable[["Call", ApiRequest], ApiReply]
_NUMBERS = frozenset(
    {"number", "id", "comment", "reaction", "installation", "delivery", "issue", "milestone"}
)
_PARAMETER = re.compile(r"\{(\w+)(:path)?\}")


def _group(match: re.Match[str]) -> str:
    """Return the pattern of one parameter: a number, the rest of the path, or one segment."""
    name, rest = match[1], match[2]
    return f"(?P<{name}>\\d+)" if name in _NUMBERS else f"(?P<{name}>{'.*' if rest else '[^/]+'})"


class Router:
    """Finds the function for a method and path; routes are tried by their first segment, in the
    order they were added."""

    def __init__(self) -> None:
        self._routes: dict[tuple[str, int], list[tuple[re.Pattern[str], Route]]] = {}
        self._open_ended: list[tuple[str, re.Pattern[str], Route]] = []

    def route(self, method: str, template: str) -> Callable[[Route], Route]:
        """Register the decorated function for ``template``, such as
        ``/repos/{owner}/{name}/issues``."""
        pattern = re.compile(_PARAMETER.sub(_group, template))

        def register(function: Route) -> Route:
            if ":path}" in template:
                self._open_ended.append((method, pattern, function))
            else:
                self._routes.setdefault((method, template.count("/")), []).append(
                    (pattern, function)
                )
            return function

        return register

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """Return the function and the path's parameters, or None."""
        for pattern, function in self._routes.get((method, path.count("/")), ()):
            if found := pattern.fullmatch(path):
                return function, found.groupdict()
        for known, pattern, function in self._open_ended:
            if known == method and (found := pattern.fullmatch(path)):
                return function, found.groupdict()
        return None


rest = Router()
control = Router()
