"""Does GitHub answer each of our queries with these credentials?

Each query, and each REST read, is sent once with the smallest page. GitHub refuses a whole query
for one field that a token may not read, so only asking tells.

https://docs.github.com/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps
https://docs.github.com/rest/authentication/permissions-required-for-fine-grained-personal-access-tokens
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any, NamedTuple

from migrator.errors import (
    AccountRefused,
    AuthenticationError,
    GitHubError,
    LimitExceeded,
    NotFound,
    PermissionDenied,
    ServerUnavailable,
)
from migrator.github.checks.results import CheckLevel, CheckResult
from migrator.github.client import GitHubClient
from migrator.github.errors import FieldError, typed
from migrator.github.http_messages import GraphQLDocument, names
from migrator.github.models import RepositoryFacts
from migrator.github.protocol import GraphQLReply
from migrator.github.queries.earlier import ThreadGap, earlier
from migrator.github.queries.items import (
    COMMENTS,
    DEEP_ITEMS,
    ITEM,
    ITEM_BY_NUMBER,
    ITEMS,
    SCAN_ISSUES,
    SCAN_PULLS,
)
from migrator.github.queries.numbers import ISSUE_NUMBERS, PULL_NUMBERS
from migrator.github.queries.repository import LABEL, LABELS
from migrator.github.transport import Transport

CLASSIC_FIX = (
    "give the classic token the scopes that GitHub names: `repo`, or `public_repo` where all "
    "repositories are public"
)
FINE_GRAINED_FIX = (
    "let the fine-grained token reach this repository, with Metadata and Contents (read), and "
    "Issues and Pull requests (read to scan and plan, write to apply)"
)
APP_FIX = (
    "give the App Metadata and Contents (read), and Issues and Pull requests (read to scan and "
    "plan, write to apply); then accept them in the installation's settings"
)
OTHER_FIX = "compare the account's rights with docs/how-to/github-app.md#rights"
_FIXES = {
    "scope": CLASSIC_FIX,
    "personal access token": FINE_GRAINED_FIX,
    "integration": APP_FIX,
    "doesn't exist on type": "update the migrator; on an Enterprise Server, update the server",
}
"""Words of GitHub's refusals -> how to fix it."""
_CREATED = {"field": "CREATED_AT", "direction": "ASC"}


class _HarmlessCall(NamedTuple):
    """One call. ``optional``: it serves the commands of maintainers only, so a refusal is a
    warning."""

    name: str
    send: Callable[[], Awaitable[GraphQLReply | None]]
    optional: bool = False


async def query_findings(
    client: GitHubClient, repository: str, facts: RepositoryFacts, login: str
) -> list[CheckResult]:
    """A finding for each query that GitHub refuses, or does not answer, in a repository.

    ``login`` is the account's. Raises :class:`~migrator.errors.AuthenticationError`.
    """
    walks = await _all(repository, _walks(client.wire, repository))
    ids = [_first_id(reply) or facts.id for _, reply in walks[:2]]
    others = await _all(repository, _others(client, repository, ids, login))
    return [finding for finding, _ in (*walks, *others) if finding is not None]


_Answered = tuple[CheckResult | None, GraphQLReply | None]


async def _all(repository: str, probes: Iterator[_HarmlessCall]) -> list[_Answered]:
    return await asyncio.gather(*(_tried(repository, probe) for probe in probes))


async def _tried(repository: str, probe: _HarmlessCall) -> _Answered:
    """What is wrong with one call, and its reply."""
    try:
        reply = await probe.send()
    except AuthenticationError:
        raise
    except NotFound:
        return None, None
    except (LimitExceeded, ServerUnavailable) as error:
        return unanswered(probe.name, repository, error), None
    except GitHubError as error:
        return refused(probe.name, repository, error, optional=probe.optional), None
    beside = refused_part(reply.errors) if reply is not None else None
    if beside is None:
        return None, reply
    refusal, within = beside
    return refused(probe.name, repository, refusal, optional=within), reply


def refused_part(errors: Iterable[FieldError]) -> tuple[GitHubError, bool] | None:
    """The refusal beside the data of a reply, and whether it is only of something within an item:
    a private repository in a timeline is ordinary. ``None`` if nothing is refused."""
    found = [
        (error, any(isinstance(place, int) for place in one.path[:-1]))
        for one in errors
        if isinstance(error := typed(one), PermissionDenied | AccountRefused)
    ]
    return min(found, key=lambda each: each[1], default=None)


def refused(
    query: str, repository: str, error: GitHubError, *, optional: bool = False
) -> CheckResult:
    """The finding for a call that GitHub refuses, with GitHub's words."""
    return CheckResult(
        code="query.refused",
        level=CheckLevel.WARNING if optional else CheckLevel.ERROR,
        subject=repository,
        message=f"GitHub refuses {query} in {repository}: {error.cause}",
        cure=refusal_fix(error),
    )


def unanswered(query: str, repository: str, error: GitHubError) -> CheckResult:
    """The finding for a call that GitHub did not answer this time."""
    return CheckResult(
        code="query.unanswered",
        level=CheckLevel.WARNING,
        subject=repository,
        message=f"GitHub does not answer {query} in {repository}: {error.cause}",
        cure="run `migrator check` again",
    )


def refusal_fix(error: GitHubError) -> str:
    """How to fix a refusal, by GitHub's words."""
    if isinstance(error, AccountRefused) and error.why != "scopes":
        return error.cure
    words = error.cause.lower()
    return next((fix for phrase, fix in _FIXES.items() if phrase in words), OTHER_FIX)


def _first_id(reply: GraphQLReply | None) -> str:
    """Node id of the first item of a walk; empty if there is none."""
    root = (reply.data.get("repository") if reply is not None else None) or {}
    connection = root.get("issues") or root.get("pullRequests") or {}
    nodes = [node for node in connection.get("nodes") or () if node is not None]
    return str(nodes[0].get("id") or "") if nodes else ""


def _query(wire: Transport, document: GraphQLDocument, **values: Any) -> _HarmlessCall:
    """A query with pages of one entry."""
    sizes = {name: 1 for name, size in document.sizes.items() if isinstance(size, int)}
    asked = {**sizes, **values}
    return _HarmlessCall(document.name, lambda: wire.ask(document, asked, attempts=2, whole=False))


def _walks(wire: Transport, repository: str) -> Iterator[_HarmlessCall]:
    where: dict[str, Any] = names(repository)
    walk = {**where, "states": ["OPEN"], "order": _CREATED}
    for document in (SCAN_ISSUES, SCAN_PULLS, ISSUE_NUMBERS, PULL_NUMBERS):
        yield _query(wire, document, **walk)
    yield _query(wire, LABELS, **where)
    yield _query(wire, LABEL, **where, label="bug")


def _others(
    client: GitHubClient, repository: str, ids: list[str], login: str
) -> Iterator[_HarmlessCall]:
    wire = client.wire
    yield _query(wire, ITEMS, ids=ids)
    yield _query(wire, DEEP_ITEMS, ids=ids)
    yield _query(wire, ITEM, id=ids[0])
    yield _query(wire, ITEM_BY_NUMBER, **names(repository), number=1)
    yield _query(wire, COMMENTS, id=ids[0])
    gaps = [
        ThreadGap(id=item_id, is_pull_request=bool(pull), comments_before="", events_before="")
        for pull, item_id in enumerate(ids)
    ]
    document, values = earlier(gaps)
    yield _query(wire, document, **values)

    async def permission() -> None:
        await client.permission(repository, login)

    async def whereabouts() -> None:
        await client.whereabouts(repository, 1)

    yield _HarmlessCall("GET /repos/OWNER/NAME/issues/1", whereabouts)
    yield _HarmlessCall(
        "GET /repos/OWNER/NAME/collaborators/LOGIN/permission", permission, optional=True
    )
