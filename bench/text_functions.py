"""Every function that reads people's text, by name, ready to be timed."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from bench.adversarial import patch
from migrator.config.migration_file import load, only_preset
from migrator.domain import marker, porting, redaction
from migrator.domain.classification import activity, ownership
from migrator.domain.classification.text.blocks import blocks_of
from migrator.domain.classification.text.document import DocumentReader
from migrator.domain.classification.text.mail import without_quoted_mail
from migrator.domain.classification.text.tracebacks import last_traceback
from migrator.domain.classification.text.words import words_of
from migrator.domain.clean_text import clean
from migrator.domain.items import (
    Actor,
    Association,
    Comment,
    Event,
    EventKind,
    Item,
    ItemKind,
    Pull,
)
from migrator.domain.notices import quoting
from migrator.domain.notices.facts import TargetFacts
from migrator.domain.notices.refile import refile
from migrator.domain.rules import MigrationFile, base
from migrator.domain.webhooks import commands
from migrator.domain.webhooks.landings import Finder
from migrator.domain.webhooks.payloads import UnreadablePayload, read
from migrator.errors import InputFileError
from migrator.views.deliveries import readable
from migrator.views.html import notice_html, safe_address
from migrator.web.auth.login import own_path
from migrator.web.rendering import stranger_html

NOW = datetime(2024, 1, 1, tzinfo=UTC)
THEN = datetime(2021, 9, 1, tzinfo=UTC)

Function = Callable[[str], object]


def functions() -> dict[str, Function]:
    """Name -> function of one text. What they raise of their own for texts that are no input of
    theirs is no error."""
    file = load(only_preset()).file
    return {**_plain(file), **_of_items(file), **_of_bytes(file)}


def _plain(file: MigrationFile) -> dict[str, Function]:
    reader, words = DocumentReader(file.ownership.template), commands.vocabulary(file)
    listed = (*file.activity.protecting_labels, "*a*b*c*d*e*")
    forgetter = redaction.Redactor("octocat")
    different = itertools.count()  # so that nothing is remembered
    return {
        "text.blocks": blocks_of,
        "text.document": lambda text: reader.read(text, text),
        "text.tracebacks": lambda text: last_traceback(text.splitlines()),
        "text.mail": without_quoted_mail,
        "text.words": words_of,
        "commands.find": lambda text: commands.find("/reopen\n\n" + text, words),
        "marker.find": lambda text: marker.find_markers(
            f"<!-- migrator:1 a -->{next(different)}\n{text}"
        ),
        "marker.origins": lambda text: marker.find_origins("<!-- migrator:from a -->\n" + text),
        "marker.without": marker.without_markers,
        "quoting.clean": clean,
        "quoting.inline": quoting.inline,
        "quoting.code": quoting.code,
        "quoting.block": lambda text: quoting.block(text + "\n```\n@a"),
        "quoting.open_fence": lambda text: quoting.open_fence(text + "\n```"),
        "quoting.item_link": lambda text: quoting.item_link(
            "x", "https://github.com/" + text.replace("[", "")
        ),
        "labels.listed": lambda text: base.listed_among.__wrapped__((text,), listed),
        "forgetting": lambda text: forgetter.forget({"body": text, "user": {"login": text}}),
        "pages.markdown": stranger_html,
        "pages.notice": notice_html,
        "pages.address": safe_address,
        "login.own_path": lambda text: own_path("/" + text),
    }


def _of_items(file: MigrationFile) -> dict[str, Function]:
    own, act, finder = (
        ownership.prepare(file),
        activity.prepare(file),
        Finder(file.migration.source),
    )
    return {
        "ownership.body": lambda text: own(item_of(file, body=text)),
        "ownership.title": lambda text: own(item_of(file, title=text)),
        "ownership.labels": lambda text: own(item_of(file, labels=(text,))),
        "ownership.comment": lambda text: own(item_of(file, comments=(_comment(text),))),
        "ownership.branch": lambda text: own(
            item_of(file, pull=Pull(head_ref=text, base_ref=text, changed_paths=(text,)))
        ),
        "activity.body": lambda text: act(item_of(file, body=text), now=NOW),
        "activity.title": lambda text: act(item_of(file, title=text), now=NOW),
        "activity.comment": lambda text: act(
            item_of(file, comments=(_comment(text + " " + file.targets[0]),)), now=NOW
        ),
        "landings.body": lambda text: finder.find(item_of(file, body=text)),
        "landings.commit": lambda text: finder.find(
            item_of(file, pull=Pull(), events=(_commit(text),))
        ),
        "refile": lambda text: refile(
            item_of(file, body=text, title=text), file.parts[0], TargetFacts()
        ),
    }


def _of_bytes(file: MigrationFile) -> dict[str, Function]:
    def payload(text: str) -> bytes:
        repository = {"full_name": text}
        return msgspec.json.encode(
            {"action": "opened", "issue": {"number": 1, "body": text}, "repository": repository}
        )

    def ported(text: str) -> object:
        try:
            return porting.port(patch(text), file, read=lambda _: text)
        except InputFileError as error:
            return error

    def happened(text: str) -> object:
        try:
            return read("issues", payload(text)), read("issues", text.encode("utf-8", "replace"))
        except UnreadablePayload as error:
            return error

    return {
        "porting": ported,
        "webhooks.read": happened,
        "webhooks.readable": lambda text: readable(payload(text)),
    }


def item_of(file: MigrationFile, **parts: object) -> Item:
    """An item of the source repository with these parts; a pull request if it has one."""
    kind = ItemKind.PULL_REQUEST if parts.get("pull") else ItemKind.ISSUE
    known = {
        "repository": file.migration.source,
        "number": 1,
        "author": Actor(login="octocat"),
        "kind": kind,
    }
    return msgspec.structs.replace(
        Item(
            repository="",
            number=1,
            created_at=THEN,
            updated_at=THEN,
            url="https://github.com/a/b/issues/1",
        ),
        **known,
        **parts,
    )


def _comment(text: str) -> Comment:
    return Comment(
        author=Actor(login="octocat"), association=Association.MEMBER, body=text, created_at=NOW
    )


def _commit(text: str) -> Event:
    return Event(kind=EventKind.COMMITTED, at=NOW, detail=text)
