"""What we write to GitHub. Each method sends one request, once; it is never repeated here.

:class:`~migrator.errors.OutcomeUnknown` says: it may have happened; look before writing again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from migrator.domain.items import Comment, ItemKind
from migrator.errors import GitHubError, OutcomeUnknown
from migrator.github.completeness import below, item_gap
from migrator.github.errors import FieldError, understood
from migrator.github.models import ActReply, CommentReply, ItemAfterWrite
from migrator.github.mutations import (
    ADD_COMMENT,
    ADD_REACTION,
    LAST_COMMENTS,
    UPDATE_COMMENT,
    MutationStep,
    composed,
)
from migrator.github.parsing import items
from migrator.github.protocol import GraphQLReply
from migrator.github.transport import Transport


class Writes:
    """Acts on items. All raise :class:`~migrator.errors.LimitExceeded`, ``AuthenticationError``
    and ``OutcomeUnknown``."""

    def __init__(self, wire: Transport) -> None:
        self.wire = wire

    async def add_comment(self, subject_id: str, body: str) -> CommentReply:
        """Post a comment; the reply shows the thread as it was right after, or no thread where
        GitHub does not show it whole.

        Raises ``NotFound`` (gone), ``RequestRefused`` (locked, too long), ``PermissionDenied``.
        https://docs.github.com/graphql/reference/mutations#addcomment
        """
        reply = await self.wire.write(ADD_COMMENT, {"subject": subject_id, "body": body})
        payload = _payload(reply, "comment")
        with understood("AddComment", writes=True):
            errors = below(reply.errors, ("comment", "subject"))
            return CommentReply(
                comment=items.comment(payload["commentEdge"]["node"]),
                subject=_seen(payload["subject"], errors),
            )

    async def update_comment(self, comment_id: str, body: str) -> Comment:
        """Replace the text of our comment; nobody is mailed. Raises ``NotFound`` if it was deleted.

        https://docs.github.com/graphql/reference/mutations#updateissuecomment
        """
        payload = _payload(
            await self.wire.write(UPDATE_COMMENT, {"comment": comment_id, "body": body}), "edit"
        )
        with understood("UpdateComment", writes=True):
            return items.comment(payload["issueComment"])

    async def add_reaction(self, subject_id: str, content: str) -> None:
        """React to an item or comment; ``content`` is a ``ReactionContent`` such as ``ROCKET``.
        Doing it twice changes nothing.

        https://docs.github.com/graphql/reference/mutations#addreaction
        """
        reply = await self.wire.write(
            ADD_REACTION, {"subject": subject_id, "content": content}, harmless_twice=True
        )
        _payload(reply, "react")

    async def label_and_close(
        self,
        item_id: str,
        kind: ItemKind,
        *,
        label_ids: Sequence[str] = (),
        reason: str = "NOT_PLANNED",
        close: bool = True,
        comment_id: str = "",
        body: str = "",
    ) -> ActReply:
        """Add labels, then close, then replace our notice's text (if ``comment_id`` is given), in
        one request.

        ``reason`` (``NOT_PLANNED``, ``COMPLETED``) holds for issues only. A refused label does not
        stop the close, nor the other way round: see ``ActReply.errors``. With neither labels nor
        ``close`` nor ``comment_id`` nothing is sent.
        """
        steps = (
            ((MutationStep.LABEL,) if label_ids else ())
            + ((MutationStep.CLOSE,) if close else ())
            + ((MutationStep.EDIT,) if comment_id else ())
        )
        values = {
            "labels": list(label_ids),
            "reason": reason.upper(),
            "comment": comment_id,
            "body": body,
        }
        return await self._act("LabelAndClose", item_id, kind, steps, values)

    async def reopen(self, item_id: str, kind: ItemKind) -> ActReply:
        """Reopen. GitHub refuses it for a pull request whose head is gone: ``ActReply.errors``."""
        return await self._act("Reopen", item_id, kind, (MutationStep.REOPEN,), {})

    async def remove_labels(
        self, item_id: str, kind: ItemKind, label_ids: Sequence[str]
    ) -> ActReply:
        """Remove labels."""
        return await self._act(
            "RemoveLabels", item_id, kind, (MutationStep.UNLABEL,), {"unlabel": list(label_ids)}
        )

    async def take_back(
        self,
        item_id: str,
        kind: ItemKind,
        *,
        reopen: bool = True,
        label_ids: Sequence[str] = (),
        comment_id: str = "",
        body: str = "",
    ) -> ActReply:
        """Reopen, remove labels and edit our notice, in this order, in one request; each part is
        optional.

        GitHub goes on after a refused step: where the edited text claims that the item is open
        again, read ``errors``.
        """
        steps = (
            ((MutationStep.REOPEN,) if reopen else ())
            + ((MutationStep.UNLABEL,) if label_ids else ())
            + ((MutationStep.EDIT,) if comment_id else ())
        )
        return await self._act(
            "TakeBack",
            item_id,
            kind,
            steps,
            {"unlabel": list(label_ids), "comment": comment_id, "body": body},
        )

    async def _act(
        self,
        name: str,
        item_id: str,
        kind: ItemKind,
        steps: tuple[MutationStep, ...],
        values: Mapping[str, Any],
    ) -> ActReply:
        if not steps:
            return ActReply()
        document = composed(name, kind, steps)
        reply = await self.wire.write(document, _used(document.text, {"item": item_id, **values}))
        with understood(name, writes=True):
            return act_reply(reply, steps)


def act_reply(reply: GraphQLReply, steps: Sequence[MutationStep]) -> ActReply:
    """Sort what a composed request answered into what was done and what failed; of an empty
    answer nobody knows."""
    payloads = {step: reply.data[step] for step in steps if _node(reply.data.get(step)) is not None}
    errors = {step: _why_not(reply, step) for step in steps if step not in payloads}
    edited = payloads.pop(MutationStep.EDIT, None)
    last = next(reversed(payloads), None)
    return ActReply(
        done=tuple(step for step in steps if step not in errors),
        errors=errors,
        subject=None
        if last is None
        else _seen(_node(payloads[last]), _errors_of(reply, last, payloads[last])),
        comment=items.comment(edited["issueComment"]) if edited is not None else None,
    )


def _node(payload: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """What a mutation's payload shows: each of ours selects one field."""
    return None if payload is None else next(iter(payload.values()), None)


def _why_not(reply: GraphQLReply, step: MutationStep) -> GitHubError:
    if reply.data.get(step) is None and step in reply.failures:
        return reply.failures[step]
    return OutcomeUnknown(f"{step}: the answer is empty")


def _errors_of(
    reply: GraphQLReply, step: MutationStep, payload: Mapping[str, Any]
) -> list[FieldError]:
    return below(reply.errors, (step.value, next(iter(payload))))


def _seen(node: Mapping[str, Any] | None, errors: Sequence[FieldError]) -> ItemAfterWrite | None:
    """The item as a reply shows it; ``None`` unless it shows it whole: an empty list would say
    that nobody spoke."""
    if (
        node is None
        or item_gap(node, errors, {"comments": LAST_COMMENTS, "labels": 100}) is not None
    ):
        return None
    return items.subject(node)


def _payload(reply: GraphQLReply, alias: str) -> Mapping[str, Any]:
    payload = reply.data.get(alias)
    if payload is None:
        raise reply.failures.get(alias) or OutcomeUnknown(f"{alias}: the reply is empty")
    return payload  # type: ignore[no-any-return]


def _used(text: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Only the variables that the document declares: GitHub refuses others."""
    return {name: value for name, value in values.items() if f"${name}:" in text}
