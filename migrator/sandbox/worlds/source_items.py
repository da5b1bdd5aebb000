"""Items of the source repository: each a card of the deck, played out at its seat."""

from __future__ import annotations

from dataclasses import dataclass, replace

from migrator.sandbox.clock import DAY, HOUR
from migrator.sandbox.worlds import accounts, edge_cases, pulls, wording
from migrator.sandbox.worlds.item_builder import ItemBuilder, Record
from migrator.sandbox.worlds.layouts import ItemSlot, Layout
from migrator.sandbox.worlds.rng import Rng
from migrator.sandbox.worlds.stratified_sampling import MOVED
from migrator.sandbox.worlds.thread_simulator import StoryContext, play, speak
from migrator.sandbox.worlds.vocabulary import Book, Card, PartWords, Story


@dataclass(frozen=True, slots=True)
class IssueSubject:
    """What an issue is about: its kind (bug, feature, question), part and title."""

    kind: str
    part: PartWords
    title: str
    aside: str


def source_item(layout: Layout, index: int) -> Record:
    """The ``index``-th item of the source repository, as a record."""
    seat, card = layout.source_seat(index), layout.source_deck.card(index)
    dice = Rng(layout.seed, "source", index, "life")
    draft = ItemBuilder(seat.repository, seat.number, seat.created, seat.author, now=layout.now)
    draft.role = "moved_maintainer" if card.part == "moved" else "maintainer"
    draft.triaged = card.labelled
    story, scene = _story_and_scene(layout, index, card)
    if story.pull:
        scene = replace(scene, part=_pull_request(draft, layout, index, card, dice))
    else:
        subject = subject_of(layout, index, card, seat)
        _issue(draft, layout, subject, card, dice)
        scene = replace(scene, part=subject.part, target=subject.part.target or scene.target)
    play(draft, story, scene, dice)
    _linked(draft, scene, dice)
    if story.pull:
        pulls.finish(draft, story, dice)
    edge_cases.apply(draft, index, scene, Rng(layout.seed, "source", index, "odd"))
    return draft.record()


def subject_of(layout: Layout, index: int, card: Card, seat: ItemSlot) -> IssueSubject:
    """What the item is about; found again by whoever names the item."""
    dice = Rng(layout.seed, "source", index, "words")
    part = part_of(layout, index, card, dice)
    kind = dice.weighted(wording.KINDS, (0.62, 0.2, 0.18))
    title = wording.title_of(layout.book, kind, part, seat.created, dice)
    misleading, aside = layout.book.words.misleading, ""
    if card.part == "unclear":
        title = dice.pick(misleading.unclear)
    elif card.misleading:
        aside = dice.pick(misleading.lines)
        title = dice.pick(misleading.titles).format(title=title) if dice.chance(0.4) else title
    elif part.asides and dice.chance(0.5):
        aside = dice.pick(part.asides)
    return IssueSubject(kind, part, title, aside)


def part_of(layout: Layout, index: int, card: Card, dice: Rng) -> PartWords:
    """The part that the card stands for: one that moves (where a target's item names this one,
    there), or one that stays."""
    words = layout.book.words
    if card.part not in MOVED:
        return dice.weighted(words.others, [part.share for part in words.others])
    if len(words.moved) == 1:
        return words.moved[0]
    named = layout.named_by(index, card)
    seat = named[1] if named else None
    return dice.pick(words.moved_to(seat.repository) if seat else words.moved)


def _story_and_scene(layout: Layout, index: int, card: Card) -> tuple[Story, StoryContext]:
    """The life that the item leads, and the item that names it, if one does."""
    scene = StoryContext(
        layout.now, layout.source, layout.targets[0], layout.crowd, book=layout.book
    )
    named = layout.named_by(index, card)
    if named is None:
        return layout.book.story(card.story), scene
    pair, other = named
    if other is None:
        return layout.book.story(pair.alone), scene
    actor = layout.source_seat(index).author if pair.same_author else other.author
    link = {
        "repository": other.repository,
        "number": other.number,
        "at": other.created,
        "actor": actor,
        "pair": pair,
    }
    return layout.book.story(card.story), replace(scene, link=link)


def _linked(draft: ItemBuilder, scene: StoryContext, dice: Rng) -> None:
    """The item that names this one shows in the timeline; whose author opened it may say so."""
    link = scene.link
    if link is None:
        return
    pair, source = link["pair"], {key: link[key] for key in ("repository", "number")}
    detail = {"detail": "closes"} if pair.within == "source" else {}
    draft.event(link["at"], "cross-referenced", link["actor"], source=source, **detail)
    if pair.told:
        speak(draft, scene, dice, link["at"] + 120, pair.told)


def _issue(
    draft: ItemBuilder, layout: Layout, subject: IssueSubject, card: Card, dice: Rng
) -> None:
    draft.title = subject.title
    unclear = card.part == "unclear"
    draft.body = (
        f"{subject.title}. Please help." if unclear else _body(draft, layout, subject, dice)
    )
    draft.part_labels = _part_labels(subject.part, dice) if card.labelled else ()
    if card.labelled and dice.chance(0.9):
        opened(draft, layout.book, subject.kind, dice)


def _body(draft: ItemBuilder, layout: Layout, subject: IssueSubject, dice: Rng) -> str:
    return wording.body_of(
        layout.book, subject.kind, subject.part, subject.title, draft.created, dice, subject.aside
    )


def _part_labels(part: PartWords, dice: Rng) -> tuple[str, ...]:
    """The first label of the part always, the others now and then."""
    return tuple(
        label for position, label in enumerate(part.labels) if position == 0 or dice.chance(0.3)
    )


def opened(draft: ItemBuilder, book: Book, kind: str, dice: Rng) -> None:
    """What programs and triagers do to every new issue within hours: assign, set the type and
    the version."""
    at = draft.created + int(dice.between(0.01, 20) * HOUR)
    butler = accounts.holder(book, "butler", at, dice)
    if dice.chance(0.12):
        draft.assign(at, butler, accounts.holder(book, "triager", at, dice))
    draft.add_label(at, butler, book.label(f"${kind}"))
    label = wording.version_at(book, draft.created).label
    if label and dice.chance(0.5):
        draft.add_label(at + 30, butler, label)


def _pull_request(
    draft: ItemBuilder, layout: Layout, index: int, card: Card, dice: Rng
) -> PartWords:
    """Write the pull request; returns the part that it changes."""
    book = layout.book
    part = part_of(layout, index, card, dice)
    paths = pulls.some_paths(part, dice)
    if card.part == "mixed":
        paths += pulls.some_paths(dice.pick(book.words.others), dice)
    draft.title = pulls.title_of(part, dice)
    draft.body = dice.pick(book.sentences("pull_body"))
    draft.part_labels = part.labels[:1]
    closes: list[int] = []
    named = layout.names(index, card, "source")
    if named is not None and named[1] is not None:
        number = layout.source_seat(named[1]).number
        draft.body = dice.pick(book.sentences(named[0].text)).replace("{number}", str(number))
        closes = [number]
    pulls.begin(draft, paths, closes, dice)
    if dice.chance(0.6):
        draft.add_label(
            draft.created + DAY,
            accounts.holder(book, "triager", draft.created, dice),
            (part.labels or (book.label("$other"),))[0],
        )
    return part
