"""Items of the target repositories: unfinished ones from before the cutover, and what arrived
since."""

from __future__ import annotations

from migrator.sandbox.worlds import pulls, wording
from migrator.sandbox.worlds.item_builder import ItemBuilder, Record
from migrator.sandbox.worlds.layouts import ItemSlot, Layout
from migrator.sandbox.worlds.rng import Rng
from migrator.sandbox.worlds.source_items import subject_of
from migrator.sandbox.worlds.stratified_sampling import StratifiedSampler
from migrator.sandbox.worlds.thread_simulator import StoryContext, play
from migrator.sandbox.worlds.vocabulary import Card, PartWords


def item_before(layout: Layout, index: int) -> Record:
    """The ``index``-th item from before the cutover."""
    return _item(layout, index, "before", layout.before_seat(index), layout.before_deck)


def item_after(layout: Layout, index: int) -> Record:
    """The ``index``-th item since the cutover; some name an old item of the source repository."""
    return _item(layout, index, "after", layout.after_seat(index), layout.after_deck)


def _item(layout: Layout, index: int, row: str, seat: ItemSlot, deck: StratifiedSampler) -> Record:
    card, dice = deck.card(index), Rng(layout.seed, row, index, "life")
    story = layout.book.story(card.story)
    draft = ItemBuilder(seat.repository, seat.number, seat.created, seat.author, now=layout.now)
    draft.role = "moved_maintainer"
    parts = layout.book.words.moved_to(seat.repository)
    part = dice.pick(parts) if len(parts) > 1 else parts[0]
    _write(draft, layout, part, story.pull, dice)
    if row == "after":
        _name_the_old_one(draft, layout, index, card, dice)
    if story.pull:
        pulls.begin(draft, pulls.moved_to(part, pulls.some_paths(part, dice)), [], dice)
    play(
        draft,
        story,
        StoryContext(
            layout.now, layout.source, seat.repository, layout.crowd, book=layout.book, part=part
        ),
        dice,
    )
    if story.pull:
        pulls.finish(draft, story, dice)
    return draft.record()


def _write(draft: ItemBuilder, layout: Layout, moved: PartWords, is_pull: bool, dice: Rng) -> None:
    if is_pull:
        draft.title, draft.body = (
            pulls.title_of(moved, dice),
            dice.pick(layout.book.sentences("pull_body")),
        )
        return
    kind = dice.pick(wording.KINDS)
    draft.title = wording.title_of(layout.book, kind, moved, draft.created, dice)
    draft.body = wording.body_of(layout.book, kind, moved, draft.title, draft.created, dice)


def _name_the_old_one(
    draft: ItemBuilder, layout: Layout, index: int, card: Card, dice: Rng
) -> None:
    named = layout.names(index, card, "target")
    if named is None or named[1] is None:
        return
    pair, older = named[0], named[1]
    seat, old_card = layout.source_seat(older), layout.source_deck.card(older)
    subject = subject_of(layout, older, old_card, seat)
    draft.title = subject.title if not layout.book.story(card.story).pull else draft.title
    draft.author = seat.author if pair.same_author else draft.author
    body = dice.pick(layout.book.sentences(pair.text))
    draft.body = body.replace("{source}", layout.source).replace("{number}", str(seat.number))
