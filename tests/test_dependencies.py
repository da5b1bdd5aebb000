"""Every library that we ask for by name is explained, and nothing is explained that we do not
ask for."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent


def declared() -> set[str]:
    """Names of all direct dependencies in ``pyproject.toml``, in every group."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = [
        entry
        for group in project["dependency-groups"].values()
        for entry in group
        if isinstance(entry, str)
    ]
    return {
        canonicalize_name(Requirement(text).name)
        for text in [*project["project"]["dependencies"], *groups]
    }


def explained() -> list[str]:
    """First cells of the tables in ``docs/dependencies.md``."""
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    return [
        name for name in re.findall(r"^\| ([a-z0-9-]+) \|", page, re.MULTILINE) if name != "library"
    ]


def test_every_direct_dependency_is_explained_once() -> None:
    """A reader can find out why each one is there, and an unused line is removed."""
    assert sorted(explained()) == sorted(declared())
