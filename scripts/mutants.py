"""What became of the last mutation run: how many mutants each file had, and how many of them the
tests noticed.

Run by ``make mutants``, after mutmut (https://mutmut.readthedocs.io) has filled ``mutants/``. Shows
the change of each mutant that survived. Ends with 1 if too few were noticed, if one survived in a
function that ``docs/testing.md`` does not name, or if time ran out before all were judged (``make
mutants`` goes on where it stopped).
"""

from __future__ import annotations

import ast
import difflib
import json
import re
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
MUTANTS = ROOT / "mutants"
PAGE = ROOT / "docs" / "testing.md"
LEAST_SHARE = 0.9
"""Of all mutants that were judged, those that tests must notice."""
SURVIVED, UNREACHED = (0,), (5, 33)
"""mutmut's exit codes: all tests passed; no test reaches the function. Every other number is a
failure or a time-out."""


def main() -> int:
    """Print the table and the survivors; returns the exit code."""
    total: Counter[str] = Counter()
    survivors: list[str] = []
    print(f"{'file':44}{'mutants':>9}{'noticed':>9}{'survived':>9}{'left':>6}")
    for meta in sorted(MUTANTS.rglob("*.py.meta")):
        codes: dict[str, int | None] = json.loads(meta.read_text(encoding="utf-8"))[
            "exit_code_by_key"
        ]
        if not codes:
            continue
        counts = Counter(judge(code) for code in codes.values())
        total.update(counts)
        name = str(meta.relative_to(MUTANTS)).removesuffix(".meta")
        print(
            f"{name:44}{len(codes):9}{counts['noticed']:9}{counts['survived']:9}{counts['left']:6}"
        )
        survivors += [key for key, code in codes.items() if judge(code) == "survived"]
        show(
            meta.with_suffix(""), [key for key, code in codes.items() if judge(code) == "survived"]
        )
    return verdict(total, survivors)


def judge(code: int | None) -> str:
    """What became of one mutant, by mutmut's exit code; ``None``: not judged yet."""
    if code is None:
        return "left"
    return "survived" if code in SURVIVED + UNREACHED else "noticed"


def function_of(key: str) -> str:
    """Name of the function, with its class, that a mutant changes: ``x_fold__mutmut_3`` or
    ``x.Ledger.find__mutmut_1``."""
    name = key.rpartition(".")[2].rpartition("__mutmut_")[0]
    return name.removeprefix("x.").replace(".", ".") if "." in name else name.removeprefix("x_")


def show(source: Path, survivors: list[str]) -> None:
    """Print what each surviving mutant of a file changes."""
    if not survivors:
        return
    text = source.read_text(encoding="utf-8")
    lines = text.splitlines()
    found = {
        node.name: [line.strip() for line in lines[node.lineno : node.end_lineno]]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    for key in survivors:
        mutant = key.rpartition(".")[2]
        before, after = found[f"{mutant.rpartition('__mutmut_')[0]}__mutmut_orig"], found[mutant]
        print(f"    {function_of(key)}, {mutant.rpartition('_')[2]}")
        for line in difflib.unified_diff(before, after, lineterm="", n=0):
            if not line.startswith(("---", "+++", "@@")):
                print(f"      {line[:140]}")


def verdict(total: Counter[str], survivors: list[str]) -> int:
    """Say whether the tests are good enough; returns the exit code."""
    judged = total["noticed"] + total["survived"]
    share = total["noticed"] / max(1, judged)
    named = set(re.findall(r"^\| `([\w.]+)`", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    unexplained = sorted({function_of(key) for key in survivors} - named)
    print(f"{judged} mutants judged, {share:.1%} of them noticed, {total['left']} left")
    if unexplained:
        print(
            "survivors in functions that docs/testing.md does not explain: "
            f"{', '.join(unexplained)}"
        )
    return int(share < LEAST_SHARE or bool(unexplained) or bool(total["left"]))


if __name__ == "__main__":
    sys.exit(main())
