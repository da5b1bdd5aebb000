"""Repositories as a whole: their facts, labels, and who may do what in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from migrator.domain.node_ids import same_node
from migrator.errors import (
    GitHubError,
    IncompleteReply,
    NotFound,
    OutcomeUnknown,
    PermissionDenied,
    RepositoryReplaced,
    RequestRefused,
    ServerUnavailable,
)
from migrator.github.errors import understood
from migrator.github.http_messages import GraphQLDocument, HttpReply, names
from migrator.github.models import Account, Label, Permission, RepositoryFacts, Whereabouts
from migrator.github.mutations import CREATE_LABEL
from migrator.github.parsing import items
from migrator.github.parsing.repositories import account, label, repository_facts
from migrator.github.protocol import GraphQLReply
from migrator.github.queries.repository import LABEL, LABEL_BY_ID, LABELS, VIEWER, roles, survey
from migrator.github.transport import Transport

_MOVED = frozenset({301, 307, 308})
_ABSENT = frozenset({404, 410})
MOST_REDIRECTS = 4
"""More are a circle."""


class RepositoryReads:
    """Questions about our account and repositories, and the one thing that we add to one: our
    label."""

    def __init__(self, wire: Transport) -> None:
        self.wire = wire
        self._viewer: Account | None = None

    async def viewer(self) -> Account:
        """Whose token it is; asked once. Raises :class:`~migrator.errors.AuthenticationError`."""
        if self._viewer is None:
            node = (await self.wire.ask(VIEWER, {})).at("viewer", "the token's account")
            with understood("Viewer", writes=False):
                self._viewer = account(node)
        return self._viewer

    async def repositories(self, names: Sequence[str]) -> list[RepositoryFacts]:
        """What these repositories are, in the order asked, with all their labels; :meth:`viewer` is
        answered along the way.

        One request for all, and one more for each hundred labels of a repository beyond 200.
        Renames are followed: compare ``name``. Raises ``NotFound`` for the first that does not
        exist.
        """
        document, values = survey(names)
        reply = await self.wire.ask(document, values)
        nodes = [reply.at(f"r{index}", f"repository {name}") for index, name in enumerate(names)]
        with understood("Survey", writes=False):
            if reply.data.get("viewer") is not None:
                self._viewer = account(reply.data["viewer"])
            return [await self._with_labels(node) for node in nodes]

    async def repository(self, name: str) -> RepositoryFacts:
        """The same for one repository."""
        return (await self.repositories([name]))[0]

    async def _with_labels(self, node: dict[str, Any]) -> RepositoryFacts:
        """Facts with the labels that neither end of the list showed."""
        facts, page, more = repository_facts(node), node["labels"], list[Label]()
        while (
            page["totalCount"] > len(facts.labels) + len(more) and page["pageInfo"]["hasNextPage"]
        ):
            after = {"labelsAfter": page["pageInfo"]["endCursor"]}
            page = (await self._repository(LABELS, facts.name, **after))["labels"]
            if page["pageInfo"]["endCursor"] == after["labelsAfter"]:
                raise IncompleteReply("GitHub shows a page of labels again", status=200)
            more += (
                found
                for found in map(label, items.nodes(page))
                if found not in (*facts.labels, *more)
            )
        return msgspec.structs.replace(facts, labels=(*facts.labels, *more))

    async def label_id(self, repository: str, name: str) -> str | None:
        """Node id of a label, ``None`` if the repository has none of that name. Raises
        ``NotFound`` for the repository."""
        found = (await self._repository(LABEL, repository, label=name))["label"]
        return None if found is None else str(found["id"])

    async def ensure_label(
        self,
        repository: str,
        name: str,
        *,
        color: str = "ededed",
        description: str = "",
        repository_id: str = "",
        known_id: str = "",
    ) -> Label:
        """The label, created if it is missing. ``color`` is six hexadecimal digits, ``description``
        at most 100 characters. ``known_id`` is the node id that it had before: a label that was
        renamed since is the one that is meant, and no second one is created.

        Raises ``RepositoryReplaced`` where the name means another repository than the one with
        ``repository_id``, before anything is created there.

        Safe to call again: after an unknown outcome, and where somebody else was faster, the label
        is looked up by its name. https://docs.github.com/graphql/reference/mutations#createlabel
        """
        node = await self._label(repository, name, repository_id)
        if node["label"] is not None:
            return label(node["label"])
        renamed = await self.label_of(known_id) if known_id else None
        if renamed is not None:
            return renamed
        values = {
            "repository": node["id"],
            "label": name,
            "color": color,
            "description": description,
        }
        try:
            reply = await self.wire.write(CREATE_LABEL, values, harmless_twice=True)
            return label(reply.at("create", f"label {name}")["label"])
        except (NotFound, OutcomeUnknown, RequestRefused) as error:
            return await self._label_after(error, repository, name)

    async def label_of(self, node_id: str) -> Label | None:
        """The label of that node id, whatever it is called now; ``None`` if it was deleted."""
        try:
            node = (await self.wire.ask(LABEL_BY_ID, {"id": node_id})).at("node", "the label")
        except NotFound:
            return None
        return label(node) if node["__typename"] == "Label" else None

    async def find_label(
        self, repository: str, name: str, *, repository_id: str = ""
    ) -> Label | None:
        """The label, ``None`` if the repository has none of that name. Raises as
        :meth:`ensure_label`."""
        node = await self._label(repository, name, repository_id)
        return label(node["label"]) if node["label"] is not None else None

    async def _label(self, repository: str, name: str, repository_id: str) -> dict[str, Any]:
        node = await self._repository(LABEL, repository, label=name)
        if repository_id and not same_node(node["id"], repository_id):
            raise RepositoryReplaced.under(repository, before=repository_id, now=node["id"])
        return node

    async def _label_after(self, error: GitHubError, repository: str, name: str) -> Label:
        """The label as it is now; where nobody knows whether it was created, asking again a
        little later will tell."""
        found = (await self._repository(LABEL, repository, label=name))["label"]
        if found is None and isinstance(error, OutcomeUnknown):
            raise ServerUnavailable(str(error), status=error.status) from error
        if found is None:
            raise error
        return label(found)

    async def permission(self, repository: str, login: str, *, account: int = 0) -> Permission:
        """What ``login`` may do in a repository; ``NONE`` for accounts that do not exist.

        With ``account`` (its number), also ``NONE`` if the login belongs to another account now.

        Custom roles count as the built-in one they stand on. Raises ``PermissionDenied`` if we may
        not know: then deny.
        https://docs.github.com/rest/collaborators/collaborators#get-repository-permissions-for-a-user
        """
        path = f"/repos/{repository}/collaborators/{quote(login, safe='')}/permission"
        reply = await self._followed(path)
        if reply is None:
            return Permission.NONE
        body = msgspec.json.decode(reply.content)
        if account and (body.get("user") or {}).get("id") != account:
            return Permission.NONE
        role = str(body.get("role_name") or "")
        return Permission.of(role if role in set(Permission) else body.get("permission"))

    async def viewer_permissions(self, names: Sequence[str]) -> tuple[Account, list[Permission]]:
        """Whose token it is, and what they may do in each of these repositories; one request.

        ``NONE`` for a repository that does not exist or that they may not see. Custom roles count
        as the built-in one they stand on. Raises ``AuthenticationError`` for a token that has run
        out, and what GitHub refuses the account for.
        """
        document, values = roles(names)
        reply = await self.wire.ask(document, values)
        with understood("Roles", writes=False):
            viewer = account(reply.at("viewer", "the token's account"))
        return viewer, [_permission(reply, f"r{index}", name) for index, name in enumerate(names)]

    async def repository_number(self, repository: str) -> int:
        """The number that REST and webhooks name a repository by: it stays through renames and
        transfers, which are followed.

        Raises ``NotFound`` for one that does not exist, or that we may not see.
        https://docs.github.com/rest/repos/repos#get-a-repository
        """
        reply = await self._followed(f"/repos/{repository}")
        if reply is None:
            raise NotFound(f"{repository} does not exist, or not for this account")
        return int(msgspec.json.decode(reply.content)["id"])

    async def _followed(self, path: str) -> HttpReply | None:
        """The answer to a REST read, where its redirects lead; ``None`` for 404, 410, and for a
        redirect that names no place.

        A renamed repository and a transferred issue answer 301, 307 or 308
        (https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects).
        Raises ``NotFound`` for a circle.
        """
        first = path
        for _ in range(MOST_REDIRECTS):
            reply = await self.wire.get(path, accept=_MOVED | _ABSENT)
            if reply.status in _ABSENT:
                return None
            if reply.status not in _MOVED:
                return reply
            path = reply.headers.get("location", "")
            if not path:
                return None
        raise NotFound(f"{first} is redirected in a circle")

    async def whereabouts(self, repository: str, number: int) -> Whereabouts | None:
        """Where an item is that its node id does not find any more: its new address after a
        transfer, ``None`` if deleted.

        REST answers 301 for transferred and 410 for deleted issues
        (https://docs.github.com/rest/issues/issues#get-an-issue).
        """
        reply = await self._followed(f"/repos/{repository}/issues/{number}")
        return None if reply is None else _whereabouts(msgspec.json.decode(reply.content))

    async def _repository(
        self, document: GraphQLDocument, name: str, **values: Any
    ) -> dict[str, Any]:
        return (await self.wire.ask(document, {**names(name), **values})).at(
            "repository", f"repository {name}"
        )


def _whereabouts(body: dict[str, Any]) -> Whereabouts:
    repository = "/".join(body["repository_url"].split("/")[-2:])
    return Whereabouts(
        repository=repository, number=body["number"], id=body["node_id"], url=body["html_url"]
    )


def _permission(reply: GraphQLReply, root: str, name: str) -> Permission:
    """``viewerPermission`` of one repository of the ``Roles`` question."""
    try:
        return Permission.of(reply.at(root, f"repository {name}").get("viewerPermission"))
    except (NotFound, PermissionDenied):
        return Permission.NONE
