"""Reads and rewrites a migration file: TOML in, frozen rules and their digest out, or every problem
at once."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from pydantic import ValidationError

from migrator.config.toml_locations import KeyLines
from migrator.config.validation_errors import Problem, problems_of, suggestion
from migrator.domain.rules import MigrationFile
from migrator.errors import ConfigError

REFERENCE = "every key is explained in docs/configuration.md (`migrator docs configuration`)"


@dataclass(frozen=True, slots=True)
class LoadedMigration:
    """A valid migration file: its rules, its text as read, the digest of its rules, and where it
    came from."""

    file: MigrationFile
    text: str
    digest: str
    """SHA-256 (64 hex digits) of the canonical rules, defaults included: equal for files that
    mean the same."""
    path: str
    """Path as given, or ``preset:NAME``."""


def load(path_or_preset: str | Path) -> LoadedMigration:
    """Read the file at that path, or the preset of that name (a bare word such as ``keras``).

    Raises ``ConfigError`` that names key, line, cause and fix of everything that is wrong;
    ``line`` is the first one's.
    """
    path, text = _read(path_or_preset)
    file = parse(text, path)
    return LoadedMigration(file=file, text=text, digest=digest_of(file), path=path)


def parse(text: str, path: str = "migration file") -> MigrationFile:
    """The rules in that TOML text; ``path`` names it in errors. Raises ``ConfigError`` like
    ``load``."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _broken(str(error), path, text) from None
    try:
        return MigrationFile.model_validate(_frozen(document))
    except ValidationError as error:
        raise _refused(problems_of(error, MigrationFile, KeyLines(text)), path) from None


def digest_of(file: MigrationFile) -> str:
    """SHA-256 of the rules in canonical JSON: keys sorted, defaults written out; comments, order
    and layout do not count."""
    canonical = json.dumps(
        file.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def rewrite(path: Path, change: Callable[[str], str]) -> None:
    """Put what ``change`` makes of a migration file's text in its place: all of it, or nothing.

    The file keeps its mode, and a link stays a link. Raises ``ConfigError`` if the new text is no
    migration file, or cannot be written; the file is as it was then.
    """
    name, text = _read(path)
    after = change(text)
    parse(after, name)
    try:
        _replace_whole(path.resolve(), after)
    except OSError as error:
        raise ConfigError(
            f"{name} cannot be written: {error.strerror}; it is as it was",
            cure="make room in its folder, or allow writing there",
        ) from None


def _replace_whole(place: Path, text: str) -> None:
    """Write the text beside a file, and put that in its place once it is on the disk."""
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=place.parent, prefix=f".{place.name}-", delete=False
    ) as draft:
        written = Path(draft.name)
        try:
            draft.write(text)
            draft.flush()
            os.fsync(draft.fileno())
            shutil.copymode(place, written)
            written.replace(place)
        except BaseException:
            written.unlink()
            raise


def presets() -> tuple[str, ...]:
    """Names of the migration files that ship with the package, sorted."""
    folder = resources.files("migrator.presets")
    return tuple(
        sorted(
            file.name.removesuffix(".toml")
            for file in folder.iterdir()
            if file.name.endswith(".toml")
        )
    )


def only_preset() -> str:
    """The name of the preset that is meant where none is named. Raises ``ConfigError`` unless
    exactly one ships."""
    names = presets()
    if len(names) != 1:
        raise ConfigError(
            "no migration file is named", cure=f"give --migration a file, or one of: {_known()}"
        )
    return names[0]


def _read(path_or_preset: str | Path) -> tuple[str, str]:
    """``(name for errors, text)`` of a file or preset."""
    name = str(path_or_preset)
    if re.fullmatch(r"[a-z0-9-]+", name) and not Path(name).is_file():
        return f"preset:{name}", _read_preset(name)
    try:
        return name, Path(name).read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"{name} cannot be read: {error.strerror}", cure=f"give a file, or a preset: {_known()}"
        ) from None
    except UnicodeDecodeError:
        raise ConfigError(
            f"{name} is not UTF-8 text", cure="save it as UTF-8, as TOML requires"
        ) from None


def _read_preset(name: str) -> str:
    if name not in presets():
        raise ConfigError(
            f"no preset and no file is called `{name}`", cure=suggestion(name, presets())
        )
    return (resources.files("migrator.presets") / f"{name}.toml").read_text(encoding="utf-8")


def _known() -> str:
    return ", ".join(f"`{name}`" for name in presets())


def _frozen(value: object) -> object:
    """The document with tuples for arrays: rules are frozen and strict, and take no list."""
    if isinstance(value, dict):
        return {key: _frozen(child) for key, child in value.items()}
    if isinstance(value, list):
        return tuple(_frozen(child) for child in value)
    return value


def _broken(message: str, path: str, text: str) -> ConfigError:
    """The error for text that is not TOML; the parser's ``message`` ends with the place, or with
    "at end of document"."""
    found = re.search(r"at line (\d+)", message)
    return ConfigError(
        f"{path} is not valid TOML: {message}",
        cure="correct that line; https://toml.io/en/v1.0.0 explains the format",
        line=int(found[1]) if found else text.count("\n") + 1,
    )


def _refused(problems: tuple[Problem, ...], path: str) -> ConfigError:
    line = next((problem.line for problem in problems if problem.line), None)
    if len(problems) == 1:
        return ConfigError(f"{path}, {problems[0]}", cure=REFERENCE, line=line)
    listed = "".join(f"\n  {problem}" for problem in problems)
    return ConfigError(f"{path} has {len(problems)} problems:{listed}", cure=REFERENCE, line=line)
