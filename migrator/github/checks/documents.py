"""Every GraphQL document that we can send, for comparing them with the live schema."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

from migrator.domain.items import ItemKind
from migrator.github import mutations
from migrator.github.http_messages import GraphQLDocument
from migrator.github.mutations import MutationStep, composed
from migrator.github.queries import items, numbers, repository
from migrator.github.queries.earlier import ThreadGap, earlier

_MODULES: tuple[ModuleType, ...] = (items, numbers, repository, mutations)


def documents() -> Iterator[GraphQLDocument]:
    """Each query and mutation once; composed ones with all that they can hold."""
    for module in _MODULES:
        yield from (one for one in vars(module).values() if isinstance(one, GraphQLDocument))
    yield repository.survey(["owner/name"])[0]
    yield repository.roles(["owner/name"])[0]
    yield earlier([_whole_gap(pull=pull) for pull in (False, True)])[0]
    for kind in ItemKind:
        yield composed(f"Change_{kind.value}", kind, tuple(MutationStep))


def _whole_gap(*, pull: bool) -> ThreadGap:
    return ThreadGap(id="id", is_pull_request=pull, comments_before="", events_before="")
