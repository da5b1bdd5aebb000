"""Repositories as a whole: their facts, labels, and who may do what in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from migrator.errors import GitHubError, NotFound, OutcomeUnknown, RequestRefused, ServerUnavailable
from migrator.github.errors import understood
from migrator.github.http_messages import GraphQLDocument, names
from migrator.github.models import Account, Label, Permission, RepositoryFacts, Whereabouts
from migrator.github.mutations import CREATE_LABEL
from migrator.github.parsing import items
from migrator.github.parsing.repositories import account, label, repository_facts
from migrator.github.queries.repository import LABEL, LABELS, VIEWER, survey
from migrator.github.transport import Transport

_MOVED = frozenset({301, 307, 308})


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
        self, repository: str, name: str, *, color: str = "ededed", description: str = ""
    ) -> Label:
        """The label, created if it is missing. ``color`` is six hexadecimal digits, ``description``
        at most 100 characters.

        Safe to call again: after an unknown outcome, and where somebody else was faster, the label
        is looked up by its name. https://docs.github.com/graphql/reference/mutations#createlabel
        """
        node = await self._repository(LABEL, repository, label=name)
        if node["label"] is not None:
            return label(node["label"])
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

    async def _label_after(self, error: GitHubError, repository: str, name: str) -> Label:
        """The label as it is now; where nobody knows whether it was created, asking again a
        little later will tell."""
        found = (await self._repository(LABEL, repository, label=name))["label"]
        if found is None and isinstance(error, OutcomeUnknown):
            raise ServerUnavailable(str(error), status=error.status) from error
        if found is None:
            raise error
        return label(found)

    async def permission(self, repository: str, login: str) -> Permission:
        """What ``login`` may do in a repository; ``NONE`` for accounts that do not exist.

        Custom roles count as the built-in one they stand on. Raises ``PermissionDenied`` if we may
        not know: then deny.
        https://docs.github.com/rest/collaborators/collaborators#get-repository-permissions-for-a-user
        """
        path = f"/repos/{repository}/collaborators/{quote(login, safe='')}/permission"
        reply = await self.wire.get(path, accept=frozenset({404}))
        if reply.status == 404:
            return Permission.NONE
        body = msgspec.json.decode(reply.content)
        role = str(body.get("role_name") or "")
        return Permission.of(role if role in set(Permission) else body.get("permission"))

    async def whereabouts(self, repository: str, number: int) -> Whereabouts | None:
        """Where an item is that its node id does not find any more: its new address after a
        transfer, ``None`` if deleted.

        REST answers 301 for transferred and 410 for deleted issues
        (https://docs.github.com/rest/issues/issues#get-an-issue).
        """
        path = f"/repos/{repository}/issues/{number}"
        for _ in range(4):
            reply = await self.wire.get(path, accept=frozenset({301, 307, 308, 404, 410}))
            if reply.status in (404, 410):
                return None
            if reply.status not in _MOVED:
                return _whereabouts(msgspec.json.decode(reply.content))
            path = reply.headers["location"]
        raise NotFound(f"{repository}#{number} is redirected in a circle")

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
