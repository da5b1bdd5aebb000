"""Commands: what people can write in a comment, who may, and how a comment is searched for them.

A command is a line of its own at the top level of a comment. What stands in a quotation, a list,
code, HTML (``<details>``, say) or repeated mail is talk about commands, not a command: people quote
our notices, which name them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Final

from migrator.domain.classification.text.mail import without_quoted_mail
from migrator.domain.classification.text.markdown import BREAKS, walk
from migrator.domain.items import Comment, Frozen, Item
from migrator.domain.marker import REPLY_DECISION, Marker, MarkerKind, render_marker
from migrator.domain.notices.wording import kind_words
from migrator.domain.rules import MigrationFile


class CommandKind(StrEnum):
    """What a command asks for."""

    STILL_HERE = "still_here"
    REOPEN = "reopen"
    DONE = "done"
    NOT_OURS = "not_ours"
    OURS = "ours"
    HELP = "help"


class Who(StrEnum):
    """Who may use a command. Somebody whose rights are not known may use none."""

    AUTHOR = "the author, and people with triage rights or more"
    MAINTAINER = "people with triage rights or more"


class Command(Frozen, frozen=True, kw_only=True):
    """One command of a migration. ``name`` is what people write, with its slash; ``part`` names
    the part it speaks of."""

    name: str
    verb: CommandKind
    who: Who
    does: str
    part: str = ""


class Asker(Frozen, frozen=True, kw_only=True):
    """What is known of somebody who wrote a command. ``may_triage`` is ``None`` if GitHub did
    not tell."""

    login: str
    is_author: bool
    may_triage: bool | None = None


MOST: Final = 5
"""Commands of one comment that are followed; more of them are no request but a test of patience."""

_LINE = re.compile(r"/[a-z][a-z0-9-]*")
_SLASH = re.compile(r"^ {0,3}/[A-Za-z]", re.MULTILINE)


_DONE: Final = Command(
    name="/done",
    verb=CommandKind.DONE,
    who=Who.AUTHOR,
    does="Closes an issue as completed, where the migration asked whether it is still needed.",
)


def vocabulary(file: MigrationFile) -> tuple[Command, ...]:
    """Every command of a migration, in the order in which they are documented. ``/done`` is one
    only where the file asks people."""
    return (
        Command(
            name="/still-here",
            verb=CommandKind.STILL_HERE,
            who=Who.AUTHOR,
            does=(
                "Keeps the item open: a close that was announced does not happen, one that has "
                "happened is reverted."
            ),
        ),
        Command(
            name="/reopen",
            verb=CommandKind.REOPEN,
            who=Who.AUTHOR,
            does=(
                "Opens an item again that the migration closed. What someone else closed stays "
                "closed."
            ),
        ),
        *((_DONE,) if file.decisions.asks else ()),
        *(command for part in file.parts for command in _of_part(part.name, part.title)),
        Command(
            name="/migrate-help",
            verb=CommandKind.HELP,
            who=Who.AUTHOR,
            does=(
                "Lists these commands in a comment. Where a comment of ours stands on the item, "
                "only people with triage rights get another one."
            ),
        ),
    )


def _of_part(name: str, title: str) -> Iterator[Command]:
    yield Command(
        name=f"/not-{name}",
        verb=CommandKind.NOT_OURS,
        who=Who.AUTHOR,
        part=name,
        does=f"Says that the item is not about {title}. It stays open, or is opened again, and a "
        "maintainer looks at it; from someone with triage rights it is the answer, and the item "
        "is left alone from then on.",
    )
    yield Command(
        name=f"/{name}",
        verb=CommandKind.OURS,
        who=Who.MAINTAINER,
        part=name,
        does=f"Says that the item is about {title}, whatever its text and labels say.",
    )


def find(body: str, words: tuple[Command, ...]) -> tuple[Command, ...]:
    """The commands that a comment's Markdown gives, each once, in order, at most :data:`MOST` of
    them."""
    if not _SLASH.search(body):
        return ()
    known = {command.name: command for command in words}
    own = without_quoted_mail(body)
    lines = dict.fromkeys(line.casefold() for line in _plain_lines(own))
    return tuple(known[line] for line in lines if line in known)[:MOST]


def given(comment: Comment, words: tuple[Command, ...]) -> tuple[Command, ...]:
    """The commands that a comment gives. Hidden and edited ones give none: somebody with write
    access may have put the words there."""
    if comment.minimized or comment.edited_at is not None:
        return ()
    return find(comment.body, words)


def asker_of(comment: Comment, item: Item) -> Asker:
    """Who gives the commands of a comment, as far as the item tells; their rights are not known
    yet."""
    login = comment.author.login if comment.author else ""
    author = item.author.login if item.author else ""
    return Asker(login=login, is_author=bool(login) and author.casefold() == login.casefold())


def may(command: Command, asker: Asker) -> bool:
    """Whether the asker may use the command; not where their rights are unknown."""
    return asker.may_triage is True or (command.who is Who.AUTHOR and asker.is_author)


def _plain_lines(body: str) -> Iterator[str]:
    """Lines of paragraphs at the top level that are plain text and nothing but one command-like
    word."""
    return (line for line in _lines(body) if _LINE.fullmatch(line.casefold()))


def _lines(body: str) -> Iterator[str]:
    """Each line of a paragraph at the top level; one that holds anything but plain text, or stands
    inside of an HTML element, is given as an empty one."""
    line: list[str] = []
    plain = inside = False
    around = _OpenElements()
    for step in walk(body):
        if step.what in ("Html", "InlineHtml"):
            plain = False
            if step.depth == 1:
                around.add(step.content)
        elif step.depth == 0:
            if step.what == "End" and inside:
                yield "".join(line).strip() if plain and not around else ""
            line, plain, inside = [], True, step.what == "Start" and step.tag == "Paragraph"
        elif step.what in BREAKS:
            yield "".join(line).strip() if plain and inside and not around else ""
            line, plain = [], True
        elif step.what == "Text":
            line.append(step.content)
        else:
            plain = False


_ELEMENT = re.compile(
    r"<(/?)(details|blockquote|pre|table|div|section|ul|ol|dl)(?=[\s/>])", re.IGNORECASE
)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)


class _OpenElements:
    """The HTML elements around the present place that fold, quote or set apart what they hold.

    To Markdown each tag is a piece of HTML of its own, and what stands between two of them, with
    empty lines around it, is a paragraph like any other (https://spec.commonmark.org/0.31.2/#html-blocks).
    """

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()
        self._pieces: list[str] = []

    def __bool__(self) -> bool:
        self._read()
        return self._open.total() > 0

    def add(self, html: str) -> None:
        """Take in the next piece of HTML; a comment may span several."""
        self._pieces.append(html)

    def _read(self) -> None:
        html = _COMMENT.sub("", "".join(self._pieces))
        self._pieces.clear()
        for closing, name in _ELEMENT.findall(html):
            tag = name.casefold()
            self._open[tag] = max(0, self._open[tag] + (-1 if closing else 1))


def _marker(migration: str) -> str:
    marker = Marker(migration=migration, kind=MarkerKind.REPLY, decision=REPLY_DECISION)
    return render_marker(marker)


def refused(command: Command, asker: Asker) -> str:
    """Why an account may not use a command."""
    who = (
        "the author and people with triage rights or more"
        if command.who is Who.AUTHOR
        else "people with triage rights or more"
    )
    if asker.may_triage is None:
        return (
            f"Only {who} can use `{command.name}`. GitHub did not say whether you are one of them."
        )
    return f"Only {who} can use `{command.name}`."


def not_ours_to_reopen(item: Item) -> str:
    """Somebody else closed it."""
    return (
        f"This {kind_words(item)} was not closed by the migration, so this command cannot reopen "
        "it."
    )


def not_asked(item: Item) -> str:
    """Nothing was asked that ``/done`` could answer."""
    return (
        f"The migration did not ask whether this {kind_words(item)} is still needed, so this "
        "command does not close it."
    )


def not_closed_again(item: Item) -> str:
    """The migration had closed it, and it was opened again."""
    return (
        f"This {kind_words(item)} was reopened after the migration had closed it, so the migration "
        "does not close it again."
    )


def answered_since(item: Item) -> str:
    """A person acted after the answer."""
    return f"Someone has acted on this {kind_words(item)} since, so it stays open."


def closes_nothing(item: Item) -> str:
    """The account only comments, or GitHub declined."""
    return f"The account of the migration cannot close this {kind_words(item)}."


def cannot_reopen(item: Item) -> str:
    """GitHub declined."""
    reason = (
        ", as it does when the branch of a pull request is gone" if item.is_pull_request else ""
    )
    return f"GitHub does not allow this {kind_words(item)} to be reopened{reason}."


def locked(item: Item) -> str:
    """A locked thread is left as it is."""
    return f"This {kind_words(item)} is locked, so nothing was changed."


def help_text(words: Sequence[Command]) -> str:
    """The commands of a migration as a Markdown table."""
    rows = [f"| `{word.name}` | {word.who.value} | {word.does} |" for word in words]
    head = [
        "Write a command on a line of its own in a comment.",
        "",
        "| command | who may | what it does |",
        "|---|---|---|",
    ]
    return "\n".join([*head, *rows])


def whole(sentences: Sequence[str], migration: str) -> str:
    """An answer as it is posted, with a placeholder where its nonce will stand (see
    ``marker.with_nonce``)."""
    text = "\n\n".join(dict.fromkeys(sentences))
    return f"{text}\n\n{_marker(migration)}\n"
