"""Stories played out: the steps of ``stories.toml`` become dated comments, labels, events and
reactions of a draft."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from migrator.sandbox.clock import iso, seconds
from migrator.sandbox.worlds import accounts
from migrator.sandbox.worlds.item_builder import ItemBuilder, Record
from migrator.sandbox.worlds.rng import Rng
from migrator.sandbox.worlds.schedules import Span, StoryStep, schedule, silence
from migrator.sandbox.worlds.vocabulary import Book, PartWords, Story, written

PART = "$part"
"""What a step names as the labels of the item's part."""


@dataclass(frozen=True, slots=True)
class StoryContext:
    """Where and when a story plays. ``crowd`` is how many ordinary people there are; ``link`` is
    the item that names this one."""

    now: int
    source: str
    target: str
    crowd: int
    link: Record | None = None
    """``{"repository", "number", "at", "actor"}`` of the item that names this one."""
    book: Book = field(default_factory=written)
    part: PartWords | None = None
    """The part that the item is about, where that is known."""


def play(draft: ItemBuilder, story: Story, scene: StoryContext, dice: Rng) -> None:
    """Live the story on the draft. One too young for it is talked about lately instead."""
    quiet = silence(scene.book, story, scene.now - draft.created, dice)
    if quiet is None:
        story = _younger(scene.book, story)
        quiet = (
            silence(scene.book, story, scene.now - draft.created, dice)
            or (scene.now - draft.created) // 2
        )
    actors = _Actors(draft, scene, dice)
    span = Span(draft.created, max(scene.now - quiet, draft.created + 60), scene.now)
    for step, at in schedule(story, span, dice):
        _VERBS[step.verb](actors, at, step)


def _younger(book: Book, story: Story) -> Story:
    names = (
        ("pull_under_review", "pull_approved")
        if story.pull
        else ("talked_about", "talked_about_today")
    )
    return book.story(story.young or names[story.fate in ("active", "fresh")])


def speak(draft: ItemBuilder, scene: StoryContext, dice: Rng, at: int, pool: str) -> None:
    """Let the author say one of the pool's sentences at that moment."""
    draft.comment(at, draft.author, _Actors(draft, scene, dice).sentence(pool))


class _Actors:
    """Finds who acts, and acts on the draft. The same word means the same person within one
    item."""

    def __init__(self, draft: ItemBuilder, scene: StoryContext, dice: Rng) -> None:
        self.draft = draft
        self.scene = scene
        self.dice = dice
        self._known: dict[str, str] = {}

    def login(self, who: str, at: int) -> str | None:
        """Login of the role's holder; the author may be nobody any more."""
        if who == "author":
            return self.draft.author
        if who not in self._known:
            self._known[who] = self._choose(who, at)
        return self._known[who]

    def staff(self, who: str, at: int) -> str:
        """As :meth:`login`, for acts that need an account; the author's place is taken by
        another person."""
        return self.login(who, at) or self.login("user", at) or ""

    def _choose(self, who: str, at: int) -> str:
        if who in ("user", "second"):
            return accounts.somebody(self.scene.book, self.dice, self.scene.crowd)
        return accounts.holder(
            self.scene.book, self.draft.role if who == "maintainer" else who, at, self.dice
        )

    def sentence(self, pool: str) -> str:
        """One of the pool's sentences, its places filled."""
        text = self.dice.pick(self.scene.book.sentences(pool))
        if "{" not in text:
            return text
        gist = f"https://gist.example.org/{self.dice.below(2**32):08x}"
        words = {
            "author": self.draft.author or "ghost",
            "target": self.scene.target,
            "address": f"https://github.com/{self.scene.target}",
        }
        for name, word in {**words, "gist": gist, "successor": self._successor()}.items():
            text = text.replace(f"{{{name}}}", word)
        return text

    def _successor(self) -> str:
        link = self.scene.link
        return (
            f"https://github.com/{link['repository']}/issues/{link['number']}"
            if link
            else f"https://github.com/{self.scene.target}"
        )


def _says(actors: _Actors, at: int, step: StoryStep) -> None:
    actors.draft.comment(at, actors.login(step.who, at), actors.sentence(step.what))


def _adds(actors: _Actors, at: int, step: StoryStep) -> None:
    for name in _labels(actors, step):
        actors.draft.add_label(at, actors.staff(step.who, at), name)
    if step.what == PART and actors.draft.triaged and not actors.draft.part_labels:
        _states(actors, at, step)


def _labels(actors: _Actors, step: StoryStep) -> tuple[str, ...]:
    if step.what == PART:
        return actors.draft.part_labels
    name = actors.scene.book.label(step.what)
    return (name,) if name else ()


def _states(actors: _Actors, at: int, step: StoryStep) -> None:
    """Where no label says whose an item is, somebody of the project says it; until the cutover,
    with the coming address."""
    part = actors.scene.part
    if part is None:
        return
    early = at < seconds(actors.scene.book.words.world.cutover)
    said = (*part.stated, *(part.announced if early else ()))
    if said:
        actors.draft.comment(at, actors.staff(step.who, at), actors.dice.pick(said))


def _removes(actors: _Actors, at: int, step: StoryStep) -> None:
    for name in _labels(actors, step):
        actors.draft.remove_label(at, actors.staff(step.who, at), name)


def _votes(actors: _Actors, at: int, step: StoryStep) -> None:
    actors.draft.react(at, actors.login(step.who, at), step.what)


def _assigns(actors: _Actors, at: int, step: StoryStep) -> None:
    actors.draft.assign(at, actors.staff(step.who, at), actors.staff(step.what, at))


def _closes(actors: _Actors, at: int, step: StoryStep) -> None:
    actors.draft.close(at, actors.login(step.who, at), step.what)


def _reopens(actors: _Actors, at: int, step: StoryStep) -> None:
    actors.draft.reopen(at, actors.login(step.who, at))


def _milestones(actors: _Actors, at: int, step: StoryStep) -> None:
    name = actors.dice.pick(actors.scene.book.words.world.milestones)
    actors.draft.facts["milestone"] = name
    actors.draft.event(at, "milestoned", actors.login(step.who, at), detail=name)


def _pushes(actors: _Actors, at: int, step: StoryStep) -> None:
    pull = actors.draft.pull or {}
    pull.setdefault("commits", []).append(
        {
            "author": actors.login(step.who, at),
            "committed_at": iso(at),
            "message": "Address the review",
        }
    )


def _reviews(actors: _Actors, at: int, step: StoryStep) -> None:
    review = {
        "author": actors.login(step.who, at),
        "state": step.what,
        "body": actors.sentence("review"),
        "submitted_at": iso(at),
    }
    (actors.draft.pull or {}).setdefault("reviews", []).append(review)


def _requests(actors: _Actors, at: int, step: StoryStep) -> None:
    reviewer = actors.staff(step.what, at)
    (actors.draft.pull or {}).setdefault("review_requests", []).append(reviewer)
    actors.draft.event(at, "review_requested", actors.staff(step.who, at), detail=reviewer)


def _merges(actors: _Actors, at: int, step: StoryStep) -> None:
    actor = actors.staff(step.who, at)
    actors.draft.close(at, actor, "")
    actors.draft.facts["state"] = "merged"
    actors.draft.event(at - 1, "merged", actor)
    (actors.draft.pull or {}).update({"merged_at": iso(at), "merged_by": actor})


_VERBS: dict[str, Callable[[_Actors, int, StoryStep], None]] = {
    "says": _says,
    "adds": _adds,
    "removes": _removes,
    "votes": _votes,
    "assigns": _assigns,
    "closes": _closes,
    "reopens": _reopens,
    "milestones": _milestones,
    "pushes": _pushes,
    "reviews": _reviews,
    "requests": _requests,
    "merges": _merges,
}
