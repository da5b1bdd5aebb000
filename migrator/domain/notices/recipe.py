"""How a contributor carries a pull request over: the commands, made from the moved paths of the
migration file.

``git format-patch --relative`` (https://git-scm.com/docs/git-format-patch) and ``git am
--directory`` (https://git-scm.com/docs/git-am) keep author, date and message.
"""

from __future__ import annotations

import re
import shlex
from pathlib import PurePosixPath
from typing import Any, Final

from migrator.domain.items import Item
from migrator.domain.notices.wording import listed
from migrator.domain.rules import Contributing, MovedPath, Part

_PLAIN_REF: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")
"""Branch names that a shell takes as they are; others are chosen by strangers to be pasted by
strangers."""

Context = dict[str, Any]


def recipe(item: Item, part: Part, *, base: str) -> Context:
    """Everything that the port notice's commands need. ``base`` is the web address of the GitHub
    server."""
    moves, files = _touched(item, part)
    pull = item.pull
    return {
        "source_address": f"{base}/{item.repository}",
        "target_address": f"{base}/{part.target}",
        "base": _ref(pull.base_ref if pull else "", "master"),
        "branch": _branch(pull.head_ref if pull else "", pull.base_ref if pull else ""),
        "head_exists": pull.head_exists if pull else False,
        "folder": part.target.partition("/")[2],
        "moves": [_move(number, move, len(moves)) for number, move in enumerate(moves, 1)],
        "files": [(move.old, move.new) for move in files],
        "imports": sorted(
            {
                (move.old_module, move.new_module)
                for move in moves + files
                if move.old_module and move.new_module
            }
        ),
    }


def contributing_lines(facts: Contributing) -> list[str]:
    """What a newcomer must know, as Markdown list items, in the order in which it matters."""
    agreements = [
        f"[{words}]({address})"
        for words, address in (
            ("for individuals", facts.cla_individual),
            ("for companies", facts.cla_corporate),
        )
        if address
    ]
    tools = f"You need {listed(facts.tools)}." if facts.tools else ""
    return [
        line
        for line in (
            " ".join(sentence for sentence in (facts.discuss_first, facts.small_fixes) if sentence),
            "Before code is accepted, its author signs the contributor licence agreement: "
            f"{' or '.join(agreements)}."
            if agreements
            else "",
            facts.review,
            tools,
            f"The rules are in the [contributing guide]({facts.guide})." if facts.guide else "",
        )
        if line
    ]


def _touched(item: Item, part: Part) -> tuple[list[MovedPath], list[MovedPath]]:
    """The moved folders and the single moved files that the pull request changes; all of the
    part's if we cannot tell."""
    changed = item.pull.changed_paths if item.pull else ()
    hit = [move for move in part.paths if any(_covers(move, path) for path in changed)] or list(
        part.paths
    )
    files = [move for move in hit if PurePosixPath(move.old).suffix]
    return [move for move in hit if move not in files], files


def _covers(move: MovedPath, path: str) -> bool:
    old = move.old.rstrip("/")
    return path == old or path.startswith(f"{old}/")


def _move(number: int, move: MovedPath, total: int) -> Context:
    """One pair of commands. The paths come from the migration file, yet are quoted: a folder
    name may hold a space."""
    return {
        "old": shlex.quote(move.old.rstrip("/")),
        "new": shlex.quote(move.new.rstrip("/")) if move.new else "",
        "patch": "moved.patch" if total == 1 else f"moved-{number}.patch",
    }


def _branch(head: str, base: str) -> str:
    """The pull request's own branch name, unless the new clone has a branch of that name
    already."""
    return "my-change" if head in (base, "main", "master") else _ref(head, "my-change")


def _ref(name: str, otherwise: str) -> str:
    return name if _PLAIN_REF.fullmatch(name) and ".." not in name else otherwise
