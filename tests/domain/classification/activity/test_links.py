"""Already told, already moved: what people wrote about the new place."""

from __future__ import annotations

from typing import Any

import pytest

from migrator.domain.classification import activity as judging
from migrator.domain.evidence import ActivityVerdict
from migrator.domain.items import (
    Actor,
    Association,
    EventKind,
    Item,
    ItemKind,
    ItemReference,
    State,
)
from tests.support.threads import (
    AUTHOR,
    BOT,
    CUTOVER,
    MAINTAINER,
    NOTICE,
    OPENED,
    OTHER,
    OURS,
    OWN,
    TARGET,
    TRIAGER,
    activity,
    after,
    comment,
    event,
    issue,
    migration_file,
)

FILE = activity()
DOCUMENT = FILE.model_dump(include={"migration", "parts"}, exclude_unset=True)
MIGRATION, PART = DOCUMENT["migration"], DOCUMENT["parts"][0]
URL = f"https://github.com/{TARGET}"


def judged(item: Item) -> ActivityVerdict:
    """The verdict some days later."""
    return judging.judge(item, FILE, now=after(10), own=OWN)


def told(body: str, by: Actor | None = OTHER, **fields: Any) -> bool:
    """Whether this comment tells the author about the new place."""
    return bool(judged(issue(comments=(comment(by, after(1), body, **fields),))).already_told)


def landing(body: str, by: Actor | None = AUTHOR) -> str:
    """The successor that this comment names."""
    return judged(issue(comments=(comment(by, after(1), body),))).landing


@pytest.mark.parametrize(
    "body",
    [
        f"Please open this at {URL}.",
        f"Please see {URL}/issues/new?title=x",
        f"Try {URL}/issues, thanks",
        f"[here]({URL})",
        f"<{URL}/>",
        f"Moved to {URL.upper()}",
        "Look at https://garden.example.org/new please",
        f"Please submit it to the [github.com/{TARGET}](github.com/{TARGET}) repository instead. "
        "Thankyou.",
        f"post this issue on [{TARGET} repo.](http://github.com/{TARGET}/issues) as it moved.",
        "To know more see;\n[the forum](https://forum.example.org/t/moved/1)",
        f"Over at https://redirect.github.com/{TARGET} now",
    ],
)
def test_a_person_who_posts_the_new_address_has_told(body: str) -> None:
    """The repository, its list of issues, its form, or the new address of the code."""
    assert told(body)


@pytest.mark.parametrize(
    "body",
    [
        "It drips.",
        f"See {URL}/issues/12 for something like it.",
        f"{URL}/blob/main/tap.py#L3 is where it drips",
        f"{URL}-tools is a good one",
        "https://github.com/very-little/garden",
        f"https://github.com/{TARGET}.js",
        f"> Please open this at {URL}\n\nWhy?",
        f"```\ngit clone {URL}\n```",
        f"`{URL}`",
        f"<!-- {URL} -->",
        "https://garden.example.org/newer",
        f"I use {TARGET} as well",
    ],
)
def test_what_only_mentions_the_target_tells_nobody(body: str) -> None:
    """One issue, one line of code, another repository, a quotation, or a bare name from a
    passer-by."""
    assert not told(body)


@pytest.mark.parametrize("by", [MAINTAINER, TRIAGER])
def test_maintainers_and_triagers_may_name_the_repository_bare(by: Actor) -> None:
    """ "Please post this on little/garden" is clear enough from them."""
    assert told(f"Please post this on {TARGET} repo.", by)


@pytest.mark.parametrize("by", [BOT, AUTHOR])
def test_programs_and_the_author_tell_nobody(by: Actor) -> None:
    """A program's text has been overlooked for years; the author need not be told by themself."""
    assert not told(f"Please open this at {URL}", by)


def test_a_hidden_comment_has_told_nobody() -> None:
    """Its author would never learn where to go."""
    assert not told(f"Please open this at {URL}.", minimized=True)


def test_our_own_notice_is_not_a_person_telling() -> None:
    """The ledger remembers it instead."""
    assert not told(f"Go to {URL}\n\n{NOTICE}", OURS)


def test_who_linked_the_place_before_the_cutover_told_nothing() -> None:
    """It was not yet the new address then; from that second on it is."""
    early = issue(created_at=CUTOVER, comments=(comment(MAINTAINER, CUTOVER.replace(day=23), URL),))
    just = issue(created_at=CUTOVER, comments=(comment(MAINTAINER, CUTOVER, URL),))
    assert not judged(early).already_told
    assert judged(just).already_told


def test_the_verdict_links_the_comment_that_told() -> None:
    """So that people can check it."""
    said = comment(OTHER, after(1), URL)
    verdict = judged(issue(comments=(said,)))
    assert verdict.already_told == said.url
    assert [
        (each.actor, each.at) for each in verdict.evidence if each.signal == "already_told"
    ] == [("bob", after(1))]


@pytest.mark.parametrize(
    "body",
    [
        f"I opened {URL}/issues/12 for it.",
        f"Moved to {TARGET}#12",
        f"{URL}/issues/12",
        f"Continued in [the garden]({URL}/issues/12)!",
        f"Fixed by {URL}/pull/12",
        f"Nothing new here.\nWe track this as {TARGET}#12.",
    ],
)
def test_a_sentence_that_calls_an_item_the_successor_is_a_landing(body: str) -> None:
    """Or a line of nothing but the link."""
    assert landing(body) == f"{TARGET}#12"


@pytest.mark.parametrize(
    "body",
    [
        f"This looks like {URL}/issues/12.",
        f"I opened the window. See {TARGET}#12 about windows.",
        f"> Moved to {TARGET}#12\n\nDid it?",
        f"Moved to {TARGET}-tools#12",
        "Moved to other/garden#12",
        "I opened #12",
    ],
)
def test_comparing_notes_is_no_landing(body: str) -> None:
    """A link alone among other words does not make the successor."""
    assert landing(body) == ""


@pytest.mark.parametrize(
    ("by", "expected"),
    [(MAINTAINER, True), (TRIAGER, True), (AUTHOR, True), (OTHER, False), (BOT, False)],
)
def test_only_the_author_and_the_project_name_a_successor(by: Actor, expected: bool) -> None:
    """Passers-by confuse their problem with this one."""
    assert (landing(f"Moved to {TARGET}#12", by) != "") is expected


def linked(how: EventKind, actor: Actor | None = AUTHOR, /, **fields: Any) -> Item:
    """An item to which an item of the target refers."""
    settings: dict[str, Any] = {
        "repository": TARGET,
        "number": 12,
        "author": OTHER,
        "title": "Something else",
    }
    return issue(
        events=(event(how, actor, after(1), reference=ItemReference(**{**settings, **fields})),)
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"author": AUTHOR}, True),
        ({"title": "the  TAP drips"}, True),
        ({"state": State.CLOSED, "author": AUTHOR}, True),
        ({}, False),
        ({"author": AUTHOR, "kind": ItemKind.PULL_REQUEST}, False),
        ({"author": AUTHOR, "repository": "other/place"}, False),
        ({"author": None, "title": ""}, False),
    ],
)
def test_an_issue_of_the_target_that_refers_to_ours_may_be_its_successor(
    fields: dict[str, Any], expected: bool
) -> None:
    """If the same author opened it, or it has the same title."""
    assert (
        judged(linked(EventKind.CROSS_REFERENCED, **fields)).landing == f"{TARGET}#12"
    ) is expected


def test_a_reference_from_before_the_cutover_is_no_landing() -> None:
    """The target was another project then."""
    reference = ItemReference(repository=TARGET, number=12, author=AUTHOR)
    early = event(EventKind.CROSS_REFERENCED, AUTHOR, CUTOVER.replace(day=23), reference=reference)
    assert judged(issue(created_at=early.at, events=(early,))).landing == ""


def test_a_duplicate_marked_by_a_person_is_a_landing() -> None:
    """Not by a program."""
    assert judged(linked(EventKind.MARKED_AS_DUPLICATE, MAINTAINER)).landing == f"{TARGET}#12"
    assert judged(linked(EventKind.MARKED_AS_DUPLICATE, BOT)).landing == ""


def test_a_merged_pull_request_of_the_target_that_closes_the_item_is_a_landing() -> None:
    """An open one is not yet."""
    merged = ItemReference(
        repository=TARGET, number=5, kind=ItemKind.PULL_REQUEST, state=State.MERGED
    )
    proposed = ItemReference(repository=TARGET, number=6, kind=ItemKind.PULL_REQUEST)
    assert judged(issue(linked_pulls=(proposed, merged))).landing == f"{TARGET}#5"


def test_of_several_landings_the_newest_dated_one_counts() -> None:
    """In whatever order they were read."""
    said = (
        comment(AUTHOR, after(1), f"moved to {TARGET}#1"),
        comment(AUTHOR, after(2), f"moved to {TARGET}#2"),
    )
    merged = ItemReference(
        repository=TARGET, number=5, kind=ItemKind.PULL_REQUEST, state=State.MERGED
    )
    there = judged(issue(comments=said, linked_pulls=(merged,)))
    back = judged(issue(comments=said[::-1], linked_pulls=(merged,)))
    assert there.landing == back.landing == f"{TARGET}#2"


def test_an_item_of_the_target_itself_lands_nowhere() -> None:
    """It is at home."""
    assert (
        judged(
            issue(repository=TARGET, comments=(comment(AUTHOR, after(1), f"moved to {TARGET}#1"),))
        ).landing
        == ""
    )


def test_a_landing_shows_who_named_it() -> None:
    """As evidence, with the link to the comment."""
    verdict = judged(
        issue(
            comments=(
                comment(AUTHOR, after(1), f"moved to {TARGET}#1", association=Association.NONE),
            )
        )
    )
    found = next(each for each in verdict.evidence if each.signal == "landing")
    assert (found.value, found.actor, found.at) == (f"{TARGET}#1", "Ada", after(1))
    assert found.at is not None
    assert found.at > OPENED


@pytest.mark.parametrize(
    "body",
    [
        "Look at HTTPS://GARDEN.EXAMPLE.ORG/NEW please",
        "Look at https://garden.example.org/new/",
        "See https://forum.example.org/t/moved/1, thanks",
        f"Nothing.\n\nAnd then: see {URL}.",
    ],
)
def test_the_new_addresses_are_known_in_any_form(body: str) -> None:
    """In capitals, with a slash at the end, at the end of a text."""
    assert told(body)


def test_an_address_with_a_slash_at_its_end_is_known_without_it() -> None:
    """And the other way round; a longer address is another place."""
    parts = ({**PART, "new_address": "https://garden.example.org/new/"},)
    file = migration_file(parts=parts)
    for body, expected in (
        ("https://garden.example.org/new", True),
        ("https://garden.example.org/new/x", False),
    ):
        item = issue(comments=(comment(OTHER, after(1), f"Look at {body} please"),))
        assert bool(judging.judge(item, file, now=after(10), own=OWN).already_told) is expected


def test_where_there_is_no_announcement_only_the_places_tell() -> None:
    """An empty address would be found in everything."""
    plain = {name: value for name, value in MIGRATION.items() if name != "announcement"}
    item = issue(comments=(comment(OTHER, after(1), f"None of it, as in {TARGET}#1."),))
    assert not judging.judge(
        item, migration_file(migration=plain), now=after(10), own=OWN
    ).already_told


def test_of_two_targets_each_is_known() -> None:
    """By its own name."""
    shed = {**PART, "name": "shed", "target": "little/shed", "paths": ({"old": "shed", "new": ""},)}
    file = migration_file(parts=(PART, shed))
    for target in (TARGET, "little/shed"):
        item = issue(comments=(comment(AUTHOR, after(1), f"Moved to {target.upper()}#12"),))
        verdict = judging.judge(item, file, now=after(10), own=OWN)
        assert verdict.landing == f"{target}#12"


def test_the_newest_comment_that_tells_is_the_one_that_is_shown() -> None:
    """In whatever order they were read, and whatever lies between them."""
    said = tuple(comment(OTHER, after(day), f"Please see {URL}.") for day in (2, 3, 1))
    chat = tuple(comment(OTHER, after(day), "Me too.") for day in (0.5, 2.5))
    for order in (said, said[::-1]):
        assert judged(issue(comments=(*chat, *order))).already_told == said[1].url


@pytest.mark.parametrize("before", [OTHER, BOT], ids=["a passer-by", "a program"])
def test_what_others_say_first_hides_no_successor(before: Actor) -> None:
    """Each comment and each event is looked at for itself."""
    first = comment(before, after(1), f"Moved to {TARGET}#1")
    assert (
        judged(issue(comments=(first, comment(AUTHOR, after(2), f"Moved to {TARGET}#2")))).landing
        == f"{TARGET}#2"
    )
    elsewhere = ItemReference(repository="other/place", number=1, author=AUTHOR)
    here = ItemReference(repository=TARGET, number=2, author=AUTHOR)
    references = [
        event(EventKind.CROSS_REFERENCED, AUTHOR, after(1), reference=one)
        for one in (elsewhere, here)
    ]
    assert judged(issue(events=tuple(references))).landing == f"{TARGET}#2"


@pytest.mark.parametrize("around", ["{}.", "- {}", "* {} *", "<{}>", "({})", "{}:"])
def test_a_line_of_nothing_but_a_link_names_the_successor(around: str) -> None:
    """Whatever signs stand around it; a word beside it is a word."""
    link = f"{URL}/issues/12"
    assert landing(around.format(link)) == f"{TARGET}#12"
    assert landing(f"X {around.format(link)}") == ""


def test_a_reference_from_the_second_of_the_cutover_on_is_a_landing() -> None:
    """That is when the target became the new home."""
    reference = ItemReference(repository=TARGET, number=12, author=AUTHOR)
    just = event(EventKind.CROSS_REFERENCED, AUTHOR, CUTOVER, reference=reference)
    assert judged(issue(created_at=CUTOVER, events=(just,))).landing == f"{TARGET}#12"


@pytest.mark.parametrize(
    ("url", "shown"), [("https://event", "https://event"), ("", "https://there")]
)
def test_a_landing_by_reference_shows_who_referred_and_where(url: str, shown: str) -> None:
    """The event's own address, else that of the item which refers."""
    reference = ItemReference(repository=TARGET, number=12, author=AUTHOR, url="https://there")
    verdict = judged(
        issue(
            events=(
                event(EventKind.CROSS_REFERENCED, OTHER, after(1), reference=reference, url=url),
            )
        )
    )
    found = next(each for each in verdict.evidence if each.signal == "landing")
    assert (found.value, found.actor, found.at, found.url) == (
        f"{TARGET}#12",
        "bob",
        after(1),
        shown,
    )


def test_of_landings_at_one_moment_the_choice_is_always_the_same() -> None:
    """By name where nothing else tells them apart."""
    merged = tuple(
        ItemReference(
            repository=TARGET, number=number, kind=ItemKind.PULL_REQUEST, state=State.MERGED
        )
        for number in (5, 7, 6)
    )
    assert (
        judged(issue(linked_pulls=merged)).landing
        == judged(issue(linked_pulls=merged[::-1])).landing
        == f"{TARGET}#7"
    )
