"""What is wrong with a migration file, in sentences: key, line, cause and fix of every problem
at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.config.toml_locations import KeyLines, Path
from migrator.config.toml_types import Model, meanings, model_at

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

EXAMPLES = {
    "timezone_aware": "give the time zone: `2021-06-24T00:00:00Z`",
    "datetime_type": "write a date with time and zone, without quotes: `2021-06-24T00:00:00Z`",
    "time_delta_type": 'write a number of days: `"180d"`',
    "string_type": "put it in quotes",
    "bool_type": "write `true` or `false`, without quotes",
    "int_type": "write a whole number, without quotes",
    "float_type": "write a number, without quotes",
    "tuple_type": 'write an array: `["one", "two"]`',
    "dict_type": 'write a table: `{ "key" = "value" }`',
}
"""Error type of pydantic (https://docs.pydantic.dev/latest/errors/validation_errors/) -> how
to fix it anywhere."""

CAUSES = {
    "timezone_aware": "the time has no zone",
    "datetime_type": "not a date with time and zone",
    "time_delta_type": "not a number of days",
    "model_type": "not a table",
    "tuple_type": "not an array",
    "dict_type": "not a table",
    "too_short": "empty",
}
"""Cause in words of the file, where pydantic's sentence speaks of Python."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: the dotted key, the line (from 1, None if unknown), what is
    wrong, and what to do."""

    key: str
    line: int | None
    cause: str
    cure: str

    def __str__(self) -> str:
        place = f"line {self.line}" if self.line else "whole file"
        named = f", `{self.key}`" if self.key else ""
        return f"{place}{named}: {self.cause}" + (f"; {self.cure}" if self.cure else "")


def suggestion(word: str, known: Iterable[str], *, cutoff: float = 0.6) -> str:
    """``did you mean `x`?`` for the nearest known word (likeness from ``cutoff``, 0 to 1), else
    what is known, else nothing."""
    names = list(known)
    near = difflib.get_close_matches(word, names, n=1, cutoff=cutoff)
    if near:
        return f"did you mean `{near[0]}`?"
    return f"known here: {', '.join(f'`{name}`' for name in names)}" if names else ""


def problems_of(error: ValidationError, root: Model, lines: KeyLines) -> tuple[Problem, ...]:
    """Every problem that pydantic found, in the order of the file."""
    details = error.errors(include_url=False)
    places = [each["loc"] for each in details]
    found = [_problem(each, root, lines) for each in details if not _is_echo(each, places)]
    return tuple(sorted(found, key=lambda problem: problem.line or 0))


def dotted(path: Path) -> str:
    """The path as people write it: ``parts[0].target``, array positions from 0."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text


def _is_echo(details: ErrorDetails, places: list[tuple[str | int, ...]]) -> bool:
    """Whether pydantic calls an array too short only because it left out the elements whose
    problems it also names."""
    place = details["loc"]
    return details["type"] == "too_short" and any(
        other[: len(place)] == place and other != place for other in places
    )


def _problem(details: ErrorDetails, root: Model, lines: KeyLines) -> Problem:
    path = tuple(step for step in details["loc"] if step != "[key]")
    cause, cure = _words(details, path, root)
    return Problem(key=dotted(path), line=lines.nearest(path), cause=cause, cure=cure)


def _words(details: ErrorDetails, path: Path, root: Model) -> tuple[str, str]:
    kind = details["type"]
    table = model_at(root, path[:-1])
    name = str(path[-1]) if path else ""
    if kind == "extra_forbidden":
        return "unknown key", suggestion(name, table.model_fields if table else ())
    if kind == "missing":
        described = meanings(table).get(name) if table else None
        return "missing", f"add it: {described}" if described else "add it"
    if kind == "string_pattern_mismatch":
        return f"{str(details['input'])!r} does not have the right form", _example(table, name)
    if kind == "literal_error":
        return f"not one of {details['ctx']['expected']}", _nearest_choice(details)
    if kind == "value_error":
        return str(details["ctx"]["error"]), ""
    sentence = details["msg"].removeprefix("Input should ").replace("be ", "must be ", 1)
    return CAUSES.get(kind, sentence[:1].lower() + sentence[1:]), EXAMPLES.get(kind, "")


def _example(table: Model | None, name: str) -> str:
    field = table.model_fields.get(name) if table else None
    return f"example: `{field.examples[0]}`" if field and field.examples else ""


def _nearest_choice(details: ErrorDetails) -> str:
    choices = [
        word.strip(" '") for word in str(details["ctx"]["expected"]).replace(" or ", ",").split(",")
    ]
    near = difflib.get_close_matches(str(details["input"]), choices, n=1, cutoff=0.6)
    return f"did you mean `{near[0]}`?" if near else ""
