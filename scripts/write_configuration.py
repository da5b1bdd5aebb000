"""Writes ``docs/configuration.md`` from the types of the rules and the settings."""

from __future__ import annotations

import inspect
import sys
import tomllib
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Literal, get_args, get_origin

from pydantic import AwareDatetime, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from migrator.config.migration_file import load, presets
from migrator.config.secret_files import SUFFIX, is_secret
from migrator.config.settings import PREFIX, Settings
from migrator.config.toml_types import Model, as_model, bare, is_mapping, meanings
from migrator.domain.rules import MigrationFile

INTRODUCTION = """\
# Configuration

This page is made from the types in the code (`make docs-reference`); a test keeps it in step.

A migration is described by one TOML file, the *migration file*. It is read strictly: an unknown key, a wrong type or a time
without zone is refused with its line, its cause and how to fix it, all of them at once. A file that ships with the package is named without a path ({presets}), any other by its path. What differs from machine to machine, and every secret, comes from
[the environment](#environment) and never from the file.

Numbers of days are written `"180d"` or `180`. Keys without a default have to be given.
"""

ENVIRONMENT = """
## Environment

An empty variable counts as not set. Every secret may be given by a file instead, named by the same variable with `_FILE` at its
end, as containers do; one trailing line end is dropped. Secrets are held in a type that prints as stars.

"""

WORDS: dict[object, str] = {
    str: "text",
    bool: "`true` or `false`",
    int: "whole number",
    float: "number",
    timedelta: "days",
    datetime: "date and time with zone",
    time: "time of day",
    AwareDatetime: "date and time with zone",
    SecretStr: "secret",
}
SAMPLES: dict[object, str] = {
    str: '"text"',
    bool: "true",
    int: "3",
    float: "0.5",
    timedelta: '"30d"',
    datetime: "2021-06-24T00:00:00Z",
    time: '"22:00"',
}

EMPTY: tuple[object, ...] = (None, "", (), [], {})


def configuration_page() -> str:
    """The whole page as Markdown."""
    tables = "".join(_table(model, name, array) for name, model, array in tables_of(MigrationFile))
    shipped = ", ".join(f"`{name}`" for name in presets())
    return (
        INTRODUCTION.format(presets=shipped)
        + tables
        + ENVIRONMENT
        + "\n".join(_environment_rows())
        + "\n"
    )


def tables_of(
    model: Model, name: str = "", array: bool = False
) -> Iterator[tuple[str, Model, bool]]:
    """Every table of a file, depth first: ``(dotted name, its type, whether it is repeated)``.
    The file itself has no name."""
    if name:
        yield name, model, array
    for key, field in model.model_fields.items():
        inner = as_model(field.annotation)
        if inner:
            suffix = ".NAME" if is_mapping(field.annotation) else ""
            yield from tables_of(
                inner,
                f"{name}.{key}".lstrip(".") + suffix,
                get_origin(bare(field.annotation)) is tuple,
            )


def type_words(annotation: object) -> str:
    """The type in words of TOML."""
    inner = bare(annotation)
    arguments = get_args(inner)
    if get_origin(inner) is Literal:
        return "one of " + ", ".join(f'`"{choice}"`' for choice in arguments)
    if get_origin(inner) is tuple:
        return f"array of {type_words(arguments[0])}"
    if get_origin(inner) is dict:
        return f"table: {type_words(arguments[0])} -> {type_words(arguments[1])}"
    return WORDS.get(inner, str(inner))


def example_of(path: str, field: FieldInfo) -> str:
    """A value in TOML: from a shipped preset, else the default unless empty, else the field's
    example, else one of its type."""
    for preset in presets():
        value = _value_at(tomllib.loads(load(preset).text), path.split("."))
        if value not in EMPTY:
            return toml_value(_shortened(value))
    if field.default is not PydanticUndefined and field.default not in EMPTY:
        return toml_value(_shortened(field.default))
    return toml_value(field.examples[0]) if field.examples else _sample(field.annotation)


def toml_value(value: object) -> str:
    """A value as TOML writes it in one line. Raises ``TypeError`` for a type that no rule has."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
        case int() | float():
            return repr(value)
        case timedelta():
            return f'"{value.days}d"'
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case tuple() | list():
            return "[" + ", ".join(toml_value(each) for each in value) + "]"
        case dict():
            inside = ", ".join(
                f"{toml_value(key)} = {toml_value(each)}" for key, each in value.items()
            )
            return f"{{ {inside} }}" if inside else "{}"
    raise TypeError(f"no TOML for {type(value).__name__}")


def _table(model: Model, name: str, array: bool) -> str:
    header = f"[[{name}]]" if array else f"[{name}]"
    described = meanings(model)
    rows = [
        _row(
            f"`{key}`",
            _bounded(field),
            _default(field),
            f"`{example_of(f'{name}.{key}', field)}`",
            described.get(key),
        )
        for key, field in model.model_fields.items()
        if as_model(field.annotation) is None
    ]
    lines = [f"\n## `{header}`\n", inspect.cleandoc(model.__doc__ or "").replace("\n", " "), ""]
    if rows:
        lines += ["| key | type | default | example | meaning |", "|---|---|---|---|---|", *rows]
    return "\n".join(lines).rstrip() + "\n"


def _environment_rows() -> Iterator[str]:
    yield from ("| variable | type | default | meaning |", "|---|---|---|---|")
    described = meanings(Settings)
    for name, field in Settings.model_fields.items():
        variable = f"`{PREFIX}{name.upper()}`"
        if is_secret(field):
            variable += f"<br>or `{PREFIX}{name.upper()}{SUFFIX}`"
        yield _row(
            variable,
            WORDS.get(bare(field.annotation), "text"),
            _default(field),
            described.get(name),
        )


def _row(*cells: str | None) -> str:
    return (
        "| "
        + " | ".join((cell or "").replace("\n", " ").replace("|", "\\|") for cell in cells)
        + " |"
    )


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "required"
    if field.default is None:
        return "none"
    value = (
        field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
    )
    return f"`{toml_value(value)}`"


def _bounded(field: FieldInfo) -> str:
    """The type with its bounds, as far as they are numbers."""
    low = next((f"at least {each.ge:g}" for each in field.metadata if hasattr(each, "ge")), "")
    low = next((f"above {each.gt:g}" for each in field.metadata if hasattr(each, "gt")), low)
    high = next((f"at most {each.le:g}" for each in field.metadata if hasattr(each, "le")), "")
    longest = next(
        (
            f"at most {each.max_length} characters"
            for each in field.metadata
            if hasattr(each, "max_length")
        ),
        "",
    )
    return ", ".join(part for part in (type_words(field.annotation), low, high, longest) if part)


def _value_at(document: object, path: list[str]) -> object:
    """The value of a dotted key in a TOML document, in the first element of each array of
    tables; None where it is not set."""
    value = document
    for key in path:
        first = value[0] if isinstance(value, list) and value else value
        value = first.get(key) if isinstance(first, dict) else None
    return value


def _shortened(value: object) -> object:
    """At most two elements of an array and one entry of a table: enough to see the form."""
    if isinstance(value, (list, tuple)):
        return value[:2]
    return dict(islice(value.items(), 1)) if isinstance(value, dict) else value


def _sample(annotation: object) -> str:
    inner = bare(annotation)
    arguments = get_args(inner)
    if get_origin(inner) is Literal:
        return toml_value(arguments[0])
    if get_origin(inner) is tuple:
        return f"[{_sample(arguments[0])}]"
    if get_origin(inner) is dict:
        return f'{{ "name" = {_sample(arguments[1])} }}'
    return SAMPLES.get(inner, '"text"')


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(configuration_page(), encoding="utf-8")
