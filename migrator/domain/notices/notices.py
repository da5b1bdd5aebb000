"""Renders the one notice of an item, and the texts that later replace it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from jinja2 import (
    ChoiceLoader,
    DictLoader,
    Environment,
    PackageLoader,
    StrictUndefined,
    TemplateError,
)
from jinja2.exceptions import SecurityError
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


MOST_TURNS: Final = 1000
"""Of a loop over numbers."""
_LARGEST_NUMBER: Final = 10**18
_WIDENING: Final = frozenset({"center", "ljust", "rjust", "zfill", "expandtabs"})
"""Methods of strings that make a long text of a short one."""


class _BoundedEnvironment(ImmutableSandboxedEnvironment):
    """The sandbox, in which no expression can take up time or memory without end: ``10**(10**8)``,
    ``"x" * 10**9`` and ``range(10**9)`` are errors.

    A notice needs none of them. What a template can still do is loops in loops: its author approves
    what comes of it.
    """

    intercepted_binops = frozenset({"**", "*", "%", "+"})

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.globals["range"] = _short_range
        self.globals.pop("lipsum")
        for name in ("center", "format", "indent"):
            self.filters.pop(name)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Not for methods that make a long text of a short one."""
        widens = isinstance(obj, str) and attr in _WIDENING
        return not widens and super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> Any:
        """A format can ask for any width."""
        formats = getattr(value, "__name__", "") in ("format", "format_map")
        if formats and isinstance(getattr(value, "__self__", None), str):
            raise SecurityError("`format` is not available; join texts by `~`")
        return super().wrap_str_format(value)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Numbers of moderate size only; texts and lists are not repeated."""
        both = (left, right)
        if operator in ("**", "*") and not all(isinstance(one, int | float) for one in both):
            raise SecurityError(f"`{operator}` is for numbers only")
        if operator == "%" and isinstance(left, str):
            raise SecurityError("`%` is for numbers only")
        if operator == "**" and (abs(left) > MOST_TURNS or abs(right) > 6):
            raise SecurityError("the power is too large")
        found = super().call_binop(context, operator, left, right)
        if isinstance(found, int) and abs(found) > _LARGEST_NUMBER:
            raise SecurityError("the number is too large")
        return found


def _short_range(*args: int) -> range:
    found = range(*args)
    if len(found) > MOST_TURNS:
        raise OverflowError(f"a range has at most {MOST_TURNS} numbers")
    return found


@lru_cache(maxsize=8)
def _environment(overrides: frozenset[tuple[str, str]]) -> Environment:
    own = {template_name(name): text for name, text in overrides}
    return _BoundedEnvironment(
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
