"""Writes the table of packages into ``docs/design.md``, from the packages' docstrings."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ORDER = (
    *("cli", "rehearsal", "web", "views", "services", "bootstrap", "listener", "execution"),
    *("github", "store", "config", "domain", "presets", "sandbox"),
)
"""Top-level packages from the top layer down, as the import contract in ``pyproject.toml`` has
them; then those outside of it."""
BLOCK = re.compile(r"(?<=<!-- packages -->\n).*?(?=<!-- end of packages -->)", re.DOTALL)


def packages_table() -> str:
    """The table as Markdown: each package with the first sentence of its docstring."""
    rows = [f"| `{name}/` | {_sentence(init)} |" for name, init in _packages()]
    return "\n".join(["| package | holds |", "|---|---|", *rows])


def with_packages(page: str) -> str:
    """The page with its table as it should be. Raises ``ValueError`` if it has no place for one."""
    found, count = BLOCK.subn(lambda _: f"\n{packages_table()}\n\n", page)
    if count != 1:
        raise ValueError("the page needs one `<!-- packages -->` and `<!-- end of packages -->`")
    return found


def _packages() -> Iterator[tuple[str, Path]]:
    product = ROOT / "migrator"
    for top in ORDER:
        for init in sorted((product / top).rglob("__init__.py")):
            yield init.parent.relative_to(product).as_posix(), init


def _sentence(init: Path) -> str:
    whole = ast.get_docstring(ast.parse(init.read_text(encoding="utf-8"))) or ""
    first = " ".join(whole.partition("\n\n")[0].split()).replace("``", "`")
    return re.split(r"(?<=[.?])\s+(?=[A-Z])", first)[0]


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(with_packages(path.read_text(encoding="utf-8")), encoding="utf-8")
