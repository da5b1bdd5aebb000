"""What only pull requests have."""

from __future__ import annotations

from migrator.sandbox.clock import iso
from migrator.sandbox.worlds.item_builder import ItemBuilder, Record
from migrator.sandbox.worlds.rng import Rng
from migrator.sandbox.worlds.vocabulary import PartWords, Story

_PATTERNS = (
    "Fix {thing}: it {what}",
    "{thing} {what} no more",
    "[Fix] {thing}",
    "Clean up {thing}",
    "Add a test for {thing}",
    "Update the docstring of {thing}",
)
_CHECKS = ("SUCCESS", "SUCCESS", "FAILURE", "PENDING", "")


def title_of(part: PartWords, dice: Rng) -> str:
    """A title that a pull request on the part could have."""
    return dice.pick(_PATTERNS).format(thing=dice.pick(part.things), what=dice.pick(part.bugs))


def some_paths(part: PartWords, dice: Rng) -> list[Record]:
    """One to four changed files of the part, each at most once."""
    names = {dice.pick(part.paths): None for _ in range(1 + dice.below(4))}
    return [
        {"path": name, "additions": 1 + dice.below(80), "deletions": dice.below(30)}
        for name in names
    ]


def moved_to(part: PartWords, paths: list[Record]) -> list[Record]:
    """The same files at their new place in the target repository."""
    return [path | {"path": _moved(part, path["path"])} for path in paths]


def _moved(part: PartWords, path: str) -> str:
    for old, new in part.moves:
        if path == old or path.startswith(f"{old}/"):
            return f"{new}{path[len(old) :]}".strip("/") or path
    return path


def begin(draft: ItemBuilder, paths: list[Record], closes: list[int], dice: Rng) -> None:
    """Make the draft a pull request with one commit."""
    at = draft.created - 60
    draft.pull = {
        "base_ref": "master",
        "head_ref": dice.pick(
            ("patch-1", "patch-2", "fix", f"fix-{dice.below(9999)}", "master", "topic/cleanup")
        ),
        "paths": paths,
        "commits": [{"author": draft.author, "committed_at": iso(at), "message": draft.title}],
        "mergeable": dice.pick(("MERGEABLE", "CONFLICTING", "UNKNOWN")),
        "checks": dice.pick(_CHECKS),
    }
    if closes:
        draft.pull["closes"] = closes


def finish(draft: ItemBuilder, story: Story, dice: Rng) -> None:
    """Set what the story's end leaves: draft state and a head that is gone."""
    pull = draft.pull or {}
    if story.draft:
        pull["draft"] = True
    if story.headless or (story.closed and dice.chance(0.6)):
        pull["head_deleted"] = True
