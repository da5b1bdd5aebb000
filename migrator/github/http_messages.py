"""One request and its reply, as they go over the wire. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from migrator import __version__


class GraphQLDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One operation with the fragments that it uses.

    ``sizes`` are the page-size variables the client sends unless told otherwise; the cost test
    computes nodes and points with exactly these.
    """

    name: str
    text: str
    writes: bool = False
    sizes: Mapping[str, Any] = {}


def query(
    name: str, variables: str, body: str, *fragments: str, sizes: Mapping[str, Any] | None = None
) -> GraphQLDocument:
    """Compose a query. ``variables`` is the declaration list without parentheses, ``fragments``
    are whole definitions."""
    return GraphQLDocument(
        name=name, text=_compose("query", name, variables, body, fragments), sizes=sizes or {}
    )


def mutation(
    name: str, variables: str, body: str, *fragments: str, sizes: Mapping[str, Any] | None = None
) -> GraphQLDocument:
    """Compose a mutation; root fields run in the order written
    (https://spec.graphql.org/October2021/#sec-Mutation)."""
    return GraphQLDocument(
        name=name,
        text=_compose("mutation", name, variables, body, fragments),
        writes=True,
        sizes=sizes or {},
    )


def _compose(kind: str, name: str, variables: str, body: str, fragments: tuple[str, ...]) -> str:
    """Join the parts, each fragment once, and drop indentation: bytes sent with every request."""
    declared = f"({variables})" if variables else ""
    text = f"{kind} {name}{declared} {{ {body} }}\n" + "\n".join(dict.fromkeys(fragments))
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


OPTIONAL: Final = {"subIssuesSummary": "subIssuesSummary { total completed }"}
"""Fields that an older Enterprise Server does not have, as our queries ask for them: they are left
out there. Sub-issues: https://docs.github.com/graphql/reference/objects#subissuessummary."""
_LACKS: Final = re.compile(r"(?:Field|Cannot query field) '(\w+)'")
"""How GitHub, and graphql-core, begin the error about a field that the schema does not have."""


def lacking(words: str) -> frozenset[str]:
    """The optional field that GitHub says not to have, if its error is of that kind."""
    return frozenset(name for name in _LACKS.findall(words) if name in OPTIONAL)


API_VERSION = "2022-11-28"


class Counted(StrEnum):
    """What a request is counted as."""

    QUERY = "query"
    MUTATION = "mutation"
    REST = "rest"


class Endpoints(msgspec.Struct, frozen=True):
    """Where one GitHub answers; no trailing slashes."""

    rest: str
    graphql: str
    web: str

    @property
    def is_loopback(self) -> bool:
        """Whether the address is on this machine: the only place where a sandbox can be."""
        return (urlsplit(self.rest).hostname or "") in {"127.0.0.1", "localhost", "::1"}


class HttpRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One HTTP request, all but the token. ``writes`` holds if repeating it blindly could write
    twice."""

    method: str
    url: str
    counted: Counted
    writes: bool = False
    content: bytes | None = None
    name: str = ""


class HttpReply(msgspec.Struct, frozen=True, kw_only=True):
    """One HTTP reply. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes


def endpoints(base_url: str) -> Endpoints:
    """Addresses for a base address such as ``https://api.github.com``, ``https://HOST/api/v3`` or a
    sandbox's.

    https://docs.github.com/enterprise-server/graphql/guides/managing-enterprise-accounts#sending-requests
    """
    base = base_url.rstrip("/")
    if base.endswith("/api/v3"):
        host = base.removesuffix("/api/v3")
        return Endpoints(rest=base, graphql=f"{host}/api/graphql", web=host)
    web = "https://github.com" if base == "https://api.github.com" else base
    return Endpoints(rest=base, graphql=f"{base}/graphql", web=web)


def names(repository: str) -> dict[str, str]:
    """``owner/name`` as the two variables that our queries take."""
    owner, _, name = repository.partition("/")
    return {"owner": owner, "name": name}


def graphql_request(
    where: Endpoints,
    document: GraphQLDocument,
    variables: Mapping[str, Any],
    *,
    without: Set[str] = frozenset(),
) -> HttpRequest:
    """The POST that asks ``document``; page sizes of the document stand unless ``variables``
    name them. ``without`` names fields of :data:`OPTIONAL` that are left out."""
    counted = Counted.MUTATION if document.writes else Counted.QUERY
    text = document.text
    for name in without:
        text = text.replace(OPTIONAL[name], "")
    payload = {
        "query": text,
        "operationName": document.name,
        "variables": {**document.sizes, **variables},
    }
    content = msgspec.json.encode(payload)
    return HttpRequest(
        method="POST",
        url=where.graphql,
        counted=counted,
        writes=document.writes,
        content=content,
        name=document.name,
    )


def rest_request(where: Endpoints, method: str, path: str, payload: Any = None) -> HttpRequest:
    """A REST request; everything but GET and HEAD counts as a write."""
    content = None if payload is None else msgspec.json.encode(payload)
    writes = method not in {"GET", "HEAD"}
    url = path if path.startswith("http") else where.rest + path
    return HttpRequest(
        method=method, url=url, counted=Counted.REST, writes=writes, content=content, name=path
    )


def headers_of(request: HttpRequest, token: str) -> dict[str, str]:
    """Headers of a request, the credentials among them
    (https://docs.github.com/rest/about-the-rest-api/api-versions)."""
    headers = {
        "accept": "application/vnd.github+json",
        "user-agent": f"migrator/{__version__}",
        "x-github-api-version": API_VERSION,
    }
    if token:
        headers["authorization"] = f"Bearer {token}"
    if request.content is not None:
        headers["content-type"] = "application/json"
    return headers
