"""Calls that this GitHub does not know: said loudly, and counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.sandbox.http_messages import ApiReply, ApiRequest

if TYPE_CHECKING:
    from migrator.sandbox.server import Server

API_ROOTS = frozenset(
    [
        "app",
        "apps",
        "events",
        "feeds",
        "gists",
        "installation",
        "issues",
        "licenses",
        "login",
        "meta",
        "notifications",
        "octocat",
        "orgs",
        "rate_limit",
        "repos",
        "repositories",
        "search",
        "settings",
        "teams",
        "user",
        "users",
        "zen",
    ]
)


def answer(server: Server, ask: ApiRequest) -> ApiReply:
    """Return 404 with the name of the call."""
    call = f"{ask.method} {ask.path}"
    server.unimplemented[call] += 1
    message = f"The sandbox does not implement {call}"
    return ApiReply(
        status=404,
        body={
            "message": message,
            "documentation_url": "https://docs.github.com/rest",
            "status": "404",
        },
    )
