"""Renders the one notice of an item, and the texts that later replace it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Final

from jinja2 import (
    ChoiceLoader,
    DictLoader,
    Environment,
    PackageLoader,
    StrictUndefined,
    TemplateError,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

from migrator.domain.decisions import ACTING, Decided
from migrator.domain.evidence import ActivityVerdict, OwnershipVerdict
from migrator.domain.items import Item
from migrator.domain.marker import Marker, MarkerKind, render_marker
from migrator.domain.notices.facts import TargetFacts
from migrator.domain.notices.view import (
    Context,
    NoticeChange,
    NoticeContext,
    NoticeEdit,
    edit_view,
    notice_view,
)
from migrator.domain.rules import MigrationFile
from migrator.errors import ConfigError

MAX_CHARACTERS: Final = 65_536
"""GitHub's limit for a comment."""

_TEMPLATE_FAULTS: Final = (TemplateError, ArithmeticError, LookupError, TypeError, ValueError)
"""What an expression in a template can raise beside Jinja2's own errors."""

DECISIONS_WITH_NOTICE: Final = tuple(sorted(decision.value for decision in ACTING))


def template_name(text: str) -> str:
    """File name of the template for a decision or an edit."""
    return f"{text}.md.j2"


def environment(overrides: Mapping[str, str]) -> Environment:
    """The sandbox in which templates run: no access to Python, unknown variables are errors.

    ``autoescape`` is off as the output is Markdown; every value that a template can reach was made
    harmless before. The same texts get the same environment, so that each is compiled once in a
    process.
    """
    return _environment(frozenset(overrides.items()))


@lru_cache(maxsize=8)
def _environment(overrides: frozenset[tuple[str, str]]) -> Environment:
    own = {template_name(name): text for name, text in overrides}
    return ImmutableSandboxedEnvironment(
        loader=ChoiceLoader(
            [DictLoader(own), PackageLoader("migrator.domain.notices", "templates")]
        ),
        undefined=StrictUndefined,
        autoescape=False,
        keep_trailing_newline=False,
        auto_reload=False,
    )


class Notices:
    """The texts of one migration. Templates are compiled once; rendering is pure."""

    def __init__(self, scene: NoticeContext) -> None:
        self._scene = scene
        self._environment = environment(scene.file.notices.templates)

    @property
    def promises_commands(self) -> bool:
        """Whether the texts offer commands, so that something has to serve them."""
        return self._scene.file.notices.promise_commands and self._scene.commands_served

    def render(
        self,
        item: Item,
        decided: Decided,
        ownership: OwnershipVerdict,
        activity: ActivityVerdict,
        *,
        now: datetime,
        generation: int = 1,
    ) -> str:
        """The notice for ``item``, with a placeholder where the nonce will stand (see
        ``marker.with_nonce``).

        A grace is named as a day counted from ``now``; as the notice is posted later than it is
        planned, the text says *not before*. Raises :class:`ConfigError` if the template fails or
        the text is longer than GitHub takes.
        """
        decision = str(decided.decision)
        view = notice_view(self._scene, item, decided, ownership, activity, now=now)
        return self._finish(decision, view, self._marker(decision, generation))

    def render_edit(
        self,
        item: Item,
        change: NoticeChange,
        *,
        decision: str,
        part: str = "",
        generation: int = 1,
    ) -> str:
        """The text that replaces a posted notice, under the marker of the same decision and
        generation.

        ``item`` is the latest snapshot, ``decision`` and ``part`` are those of the notice. The
        nonce is a placeholder again: put the entry's own nonce in. Raises as :meth:`render` does.
        """
        view = edit_view(self._scene, item, self._scene.file.part(part), str(decision), change)
        return self._finish(change.edit.value, view, self._marker(str(decision), generation))

    def _marker(self, decision: str, generation: int) -> str:
        name = self._scene.file.migration.name
        marker = Marker(
            migration=name, kind=MarkerKind.NOTICE, decision=decision, generation=generation
        )
        return render_marker(marker)

    def _finish(self, name: str, view: Context, marker: str) -> str:
        try:
            text = self._environment.get_template(template_name(name)).render(view).strip()
        except _TEMPLATE_FAULTS as error:
            raise ConfigError(
                f"the template notices.templates.{name} fails: {error}", cure="run `migrator check`"
            ) from error
        whole = f"{text}\n\n{marker}\n"
        if len(whole) > MAX_CHARACTERS:
            raise ConfigError(
                f"the text of {name} has {len(whole):,} characters, GitHub takes {MAX_CHARACTERS:,}"
            )
        return whole


def prepare(
    file: MigrationFile,
    facts: Mapping[str, TargetFacts] | None = None,
    *,
    commands_served: bool = True,
    base: str = "https://github.com",
) -> Notices:
    """Return the renderer of this migration's texts.

    ``facts`` are the target repositories' by name (``owner/name``); a missing one counts as a
    repository without templates. ``commands_served`` says that a listener answers commands: without
    one, or without ``notices.promise_commands``, the texts name the human way. ``base`` is the web
    address of the GitHub server.
    """
    return Notices(
        NoticeContext(
            file=file, facts=dict(facts or {}), commands_served=commands_served, base=base
        )
    )


EDITS: Final = tuple(edit.value for edit in NoticeEdit)
