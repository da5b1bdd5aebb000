"""Finds what is wrong with the texts of a migration file before any of them is posted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from jinja2 import TemplateSyntaxError

from migrator.domain.items import Frozen
from migrator.domain.marker import find_nonces, with_nonce
from migrator.domain.notices.facts import FormField, TargetFacts
from migrator.domain.notices.notices import (
    DECISIONS_WITH_NOTICE,
    EDITS,
    Notices,
    environment,
    prepare,
)
from migrator.domain.notices.refile import entrance
from migrator.domain.notices.samples import NOW, samples
from migrator.domain.notices.view import NoticeChange, NoticeEdit
from migrator.domain.rules import MigrationFile, Part
from migrator.errors import ConfigError

_NONCE: Final = "0" * 32
_SAYS_NOTHING_OF_ADDRESSES: Final = {NoticeEdit.UNDONE.value}


class TextProblem(Frozen, frozen=True, kw_only=True):
    """One thing that is wrong. ``key`` is the place in the migration file, ``cause`` and
    ``cure`` one sentence each."""

    key: str
    cause: str
    cure: str = ""


def check_templates(
    file: MigrationFile, facts: Mapping[str, TargetFacts] | None = None
) -> list[TextProblem]:
    """Every problem of the file's notice templates and refile forms; empty if all is well.

    Each template is rendered for sample items, with commands and without, as an issue and as a pull
    request, with the longest and the most hostile texts. ``facts`` (by target repository) lets the
    refile forms be checked too.
    """
    problems = [*_names(file), *_syntax(file)]
    broken = {problem.key for problem in problems}
    for served in (True, False):
        notices = prepare(file, facts, commands_served=served)
        for name in (*DECISIONS_WITH_NOTICE, *EDITS):
            if _key(name) not in broken and (found := _render(notices, file, name)):
                problems.append(found)
                broken.add(found.key)
    return problems + [problem for part in file.parts for problem in _refile(part, facts or {})]


def _key(name: str) -> str:
    return f"notices.templates.{name}"


def _names(file: MigrationFile) -> Iterator[TextProblem]:
    known = (*DECISIONS_WITH_NOTICE, *EDITS)
    for name in file.notices.templates:
        if name not in known:
            yield TextProblem(
                key=_key(name),
                cause=f"no notice is named {name!r}",
                cure=f"use one of {', '.join(known)}",
            )


def _syntax(file: MigrationFile) -> Iterator[TextProblem]:
    sandbox = environment({})
    for name, text in file.notices.templates.items():
        try:
            sandbox.parse(text)
        except TemplateSyntaxError as error:
            yield TextProblem(
                key=_key(name),
                cause=f"line {error.lineno} of the template: {error.message}",
                cure="correct the template",
            )


def _render(notices: Notices, file: MigrationFile, name: str) -> TextProblem | None:
    """The first problem that shows when the template is used."""
    try:
        for text, part in _texts(notices, file, name):
            if cause := _missing(text, part, name):
                return TextProblem(
                    key=_key(name), cause=cause, cure="see the built-in template for an example"
                )
    except ConfigError as error:
        return TextProblem(
            key=_key(name),
            cause=error.cause,
            cure="see docs/notices.md for the variables that templates may use",
        )
    return None


def _texts(notices: Notices, file: MigrationFile, name: str) -> Iterator[tuple[str, Part]]:
    decisions = ("retire",) if name in EDITS else (name,)
    for sample in (one for decision in decisions for one in samples(file, decision)):
        part = file.part(sample.decided.part)
        if name in EDITS:
            address = f"https://github.com/{part.target}/issues/1"
            change = NoticeChange(
                edit=NoticeEdit(name),
                at=NOW,
                actor="octocat",
                open=not sample.decided.closes,
                landing=address,
            )
            yield notices.render_edit(sample.item, change, decision="retire", part=part.name), part
        else:
            yield (
                notices.render(
                    sample.item, sample.decided, sample.ownership, sample.activity, now=NOW
                ),
                part,
            )


def _missing(text: str, part: Part, name: str) -> str:
    """What a posted text may not lack."""
    try:
        drawn = with_nonce(text, _NONCE)
    except ValueError:
        drawn = ""
    if find_nonces(drawn) != (_NONCE,):
        return (
            "the hidden marker at the end is swallowed: an HTML comment, a code fence or a tag "
            "is left open"
        )
    if name not in _SAYS_NOTHING_OF_ADDRESSES and part.new_address not in text:
        return f"the new address {part.new_address} does not appear in the text"
    return ""


def _refile(part: Part, facts: Mapping[str, TargetFacts]) -> Iterator[TextProblem]:
    known = facts.get(part.target)
    if known is None:
        return
    key = f"parts.{part.name}.refile"
    way = entrance(part, known)
    template = known.template(way.template)
    if not known.has_issues or known.archived:
        yield TextProblem(
            key=key,
            cause=f"{part.target} takes no issues",
            cure="open its issues, or name another target",
        )
    elif way.template and template is None:
        cause = f"{part.target} has no issue template {way.template!r}"
        yield TextProblem(key=key, cause=cause, cure=_choices(known))
    elif not way.field:
        cause = (
            f"{part.target} takes no text from an address: blank issues are off and no template "
            "has a text area"
        )
        yield TextProblem(
            key=key,
            cause=cause,
            cure="allow blank issues there, or add a template with a text area",
        )
    elif template and template.is_form and way.field not in {field.id for field in template.fields}:
        cause = (
            f"the form {template.filename!r} of {part.target} has no field {way.field!r}, so the "
            "text would be lost"
        )
        yield TextProblem(
            key=f"{key}.body_field", cause=cause, cure=f"its text areas: {_areas(template.fields)}"
        )


def _choices(facts: TargetFacts) -> str:
    return "its templates: " + (", ".join(one.filename for one in facts.templates) or "none")


def _areas(fields: tuple[FormField, ...]) -> str:
    return ", ".join(field.id for field in fields if field.type == "textarea") or "none"
