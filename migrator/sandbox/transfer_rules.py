"""How GitHub transfers an issue where nobody has shown it, or where it does so one time and
otherwise another: knobs, set by ``POST /_sandbox/transfers``; and bots that react to new issues,
set by ``POST /_sandbox/bots``.

What is documented needs no knob and stands in :mod:`migrator.sandbox.acts.transfers`
(https://docs.github.com/issues/tracking-your-work-with-issues/administering-issues/transferring-an-issue-to-another-repository).
"""

from __future__ import annotations

import zlib
from typing import Any, Literal

import msgspec


class TransferRules(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The knobs. Times are seconds of the world's clock unless they say otherwise; shares are
    drawn by ``seed`` and the issue's old ``owner/name#number``.

    - ``closed``: the docs transfer open issues only, and a run of 163 found it so
      (https://github.com/neomjs/neo-agent-brain/issues/175); others say that it works.
    - ``never``, ``never_share``: issues that are refused for good. Reported of issues that the
      import API made; not documented.
    - ``old_answers_seconds``: the old number and node id answer as before, so that a second send
      makes a second issue; ``new_missing_seconds``: the new number is not there;
      ``comments_late_seconds``, ``relations_late_seconds``: they arrive later ("after projection
      settles", https://github.com/neomjs/neo-agent-brain/issues/175).
    - ``relations_lost``: share of relations that vanish without a word (20 of 163 threads lost
      some in that run); ``relations_lost_of``: issues that lose all.
    - ``old_node``: whether an old node id is not found, or leads to the new issue.
    - ``below_old_number``: what ``/comments`` and ``/events`` below an old number answer: 404
      (https://github.com/Systemorph/MeshWeaver/issues/4629), or 301 with an empty ``Location``
      (https://github.com/golang/build/pull/26).
    - ``comment_ids``: whether comments keep their ids. They are "recreated in the destination
      with their original timestamps" (https://github.com/zwave-js/zwave-js/pull/8982).
    - ``webhooks``, ``webhook_gap_seconds`` (real seconds between the two): the order is unspecified
      (https://github.com/octokit/webhooks.js/issues/590).
    - ``keeps``: nobody has shown what becomes of the lock, the pin and the subscriptions.
    - ``mails``: who is mailed. The docs name those who are mentioned.
    """

    closed: Literal["refused", "moved"] = "refused"
    never: list[str] = []
    never_share: float = 0.0
    old_answers_seconds: float = 0.0
    new_missing_seconds: float = 0.0
    comments_late_seconds: float = 0.0
    relations_late_seconds: float = 0.0
    relations_lost: float = 0.0
    relations_lost_of: list[str] = []
    old_node: Literal["not_found", "follows"] = "not_found"
    below_old_number: Literal["not_found", "no_location"] = "not_found"
    comment_ids: Literal["kept", "new"] = "kept"
    webhooks: Literal["transferred_first", "opened_first", "drawn"] = "transferred_first"
    webhook_gap_seconds: float = 0.0
    keeps: tuple[Literal["lock", "pin", "subscriptions"], ...] = ("lock", "subscriptions")
    mails: Literal["mentioned", "participants", "nobody"] = "mentioned"
    seed: int = 0

    def draws(self, share: float, *about: str) -> bool:
        """Return whether something falls into a share; the same for the same names and seed."""
        return zlib.crc32(" ".join((str(self.seed), *about)).encode()) < share * 2**32

    def refuses(self, key: str) -> bool:
        """Return whether ``owner/name#number`` can never be transferred."""
        return key in self.never or self.draws(self.never_share, "never", key)

    def loses(self, key: str, kind: str, other: str) -> bool:
        """Return whether the transfer of ``key`` loses its relation to ``other``."""
        return key in self.relations_lost_of or self.draws(self.relations_lost, key, kind, other)


PRESETS: dict[str, dict[str, Any]] = {
    "kind": {},
    "unkind": {
        "never_share": 0.02,
        "old_answers_seconds": 2.0,
        "new_missing_seconds": 1.0,
        "comments_late_seconds": 3.0,
        "relations_late_seconds": 3.0,
        "relations_lost": 20 / 163,
        "comment_ids": "new",
        "webhooks": "drawn",
        "webhook_gap_seconds": 0.2,
        "keeps": [],
        "mails": "participants",
    },
}


def parse_transfer_rules(known: TransferRules, given: dict[str, Any]) -> TransferRules:
    """Return the rules with some replaced; ``use`` names a preset to begin from instead.

    Raises:
        KeyError: there is no such preset.
        msgspec.ValidationError: a key or a value means nothing.
    """
    changes = dict(given)
    preset = changes.pop("use", None)
    start = msgspec.to_builtins(known) if preset is None else PRESETS[preset]
    return msgspec.convert({**start, **changes}, type=TransferRules)


class IssueBot(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An account that reacts to each issue opened in a repository, a transferred one too.

    ``does``: ``close_without_template`` comments, labels and closes what has not the headings of
    any template (https://github.com/getsentry/.github/issues/41,
    https://github.com/langchain-ai/deepagents/pull/5429); ``close`` closes everything; ``relabel``
    takes all labels off and puts ``label`` on; ``obey`` does what a line ``/close`` or ``/label X``
    of the body says, however old it is.
    """

    repository: str
    does: Literal["close_without_template", "close", "relabel", "obey"] = "close_without_template"
    login: str = "template-keeper"
    label: str = "needs triage"
    comment: str = "This issue does not follow a template, so it was closed."
