"""Does GitHub's schema of today have everything that our documents ask for?

The live schema is read by introspection
(https://docs.github.com/graphql/guides/introspection-and-the-api-explorer). A field that GitHub
removed, or that an Enterprise Server does not have yet, makes GitHub refuse the whole query.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from migrator.errors import GitHubError
from migrator.github.checks.documents import documents
from migrator.github.checks.results import CheckLevel, CheckResult
from migrator.github.http_messages import GraphQLDocument, lacking
from migrator.github.transport import Transport

NAME = "IntrospectionQuery"


async def schema_findings(wire: Transport) -> tuple[CheckResult, ...]:
    """What the live schema lacks; that it cannot be read is a finding of level info."""
    from graphql import get_introspection_query

    text = get_introspection_query(descriptions=False)
    try:
        reply = await wire.ask(GraphQLDocument(name=NAME, text=text), {}, attempts=1)
        return _remembered_differences(reply.data)
    except GitHubError as error:
        why = str(error.cause)
    except (KeyError, TypeError, ValueError) as error:
        why = f"its form is unknown ({type(error).__name__}: {error})"
    message = f"our queries are not compared with GitHub's schema: {why}"
    return (CheckResult(code="schema.not_read", level=CheckLevel.INFO, message=message),)


_REMEMBERED: Final[dict[bytes, tuple[CheckResult, ...]]] = {}
"""Digest of a schema -> what it lacks, in this process: comparing takes a second of processor
time, and a schema seldom changes."""


def _remembered_differences(introspection: Mapping[str, Any]) -> tuple[CheckResult, ...]:
    digest = hashlib.sha256(msgspec.json.encode(introspection)).digest()
    found = _REMEMBERED.get(digest)
    if found is None:
        found = differences(introspection, documents())
        _REMEMBERED.clear()  # of one GitHub at a time
        _REMEMBERED[digest] = found
    return found


def differences(
    introspection: Mapping[str, Any], asked: Iterable[GraphQLDocument]
) -> tuple[CheckResult, ...]:
    """One finding for each field, type or argument that the schema does not have, with the
    documents that need it.

    ``introspection`` is ``data`` of the reply. Raises ``TypeError``, ``ValueError`` or ``KeyError``
    for one that is no schema.
    """
    from graphql import build_client_schema, parse, validate

    # GitHub's own schema breaks a rule about deprecated fields of interfaces.
    schema = build_client_schema(introspection, assume_valid=True)  # type: ignore[arg-type]
    if schema.query_type is None:
        raise ValueError("it has no queries")
    lacking: dict[str, list[str]] = {}
    for document in asked:
        for error in validate(schema, parse(document.text), max_errors=1000):
            names = lacking.setdefault(error.message, [])
            if document.name not in names:
                names.append(document.name)
    return tuple(_unknown(message, names) for message, names in lacking.items())


def _unknown(message: str, names: list[str]) -> CheckResult:
    if lacking(message):
        return CheckResult(
            code="schema.optional",
            level=CheckLevel.WARNING,
            subject=", ".join(names),
            message=f"this GitHub does not tell everything that we would like to know: {message}; "
            "an issue with open sub-issues is not protected by them",
            cure="update the Enterprise Server, or go on without",
        )
    return CheckResult(
        code="schema.unknown",
        level=CheckLevel.ERROR,
        subject=", ".join(names),
        message=f"GitHub's schema does not fit our queries ({', '.join(names)}): {message}",
        cure="update the migrator; on an Enterprise Server, update the server",
    )
