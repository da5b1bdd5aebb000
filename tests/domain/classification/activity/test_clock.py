"""The clock that only people move."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from migrator.domain.classification import activity
from migrator.domain.evidence import Activity, ActivityVerdict
from migrator.domain.items import (
    Actor,
    Event,
    EventKind,
    Item,
    ItemKind,
    ItemReference,
    Reaction,
    State,
)
from migrator.domain.people import BotIdentity
from tests.support.threads import (
    AUTHOR,
    BOT,
    LISTED_BOT,
    MAINTAINER,
    NOTICE,
    OPENED,
    OTHER,
    OURS,
    OWN,
    SOURCE,
    TRIAGER,
    after,
    comment,
    event,
    issue,
    migration_file,
    pull_request,
    thumbs_up,
)

FILE = migration_file()
NAG = "@Ada Are you still facing this issue? Thanks!"


def clock(item: Item, own: BotIdentity = OWN) -> datetime:
    """When a person last moved the item."""
    return judged(item, own=own).clock


def judged(item: Item, now: datetime | None = None, own: BotIdentity = OWN) -> ActivityVerdict:
    """The verdict, by default a year after the opening."""
    return activity.judge(item, FILE, now=now or after(365), own=own)


def reference(**fields: object) -> ItemReference:
    """Another item that refers to ours."""
    settings = {"repository": "some/where", "number": 3, "state": State.OPEN, "author": OTHER}
    return ItemReference(**{**settings, **fields})  # type: ignore[arg-type]


def test_the_clock_starts_when_the_item_was_opened() -> None:
    """Nothing has happened since."""
    assert clock(issue()) == OPENED


def test_an_item_that_a_program_opened_has_a_clock_too() -> None:
    """A program's opening is no person's act, but there is no earlier start."""
    assert clock(issue(author=BOT)) == OPENED


@pytest.mark.parametrize("who", [AUTHOR, OTHER, MAINTAINER, TRIAGER, None])
def test_a_persons_comment_moves_the_clock(who: Actor | None) -> None:
    """Whoever wrote it, a deleted account included."""
    assert clock(issue(comments=(comment(who, after(3)),))) == after(3)


@pytest.mark.parametrize("who", [BOT, LISTED_BOT])
def test_a_programs_comment_does_not_move_the_clock(who: Actor) -> None:
    """Neither that of an App, nor that of a listed account; nor does its edit of its own
    comment."""
    assert clock(issue(comments=(comment(who, after(3), edited_at=after(4)),))) == OPENED


def test_our_own_notice_does_not_move_the_clock() -> None:
    """Nor do our own edits of it."""
    ours = comment(OURS, after(3), NOTICE, edited_at=after(4), editor=OURS)
    assert clock(issue(comments=(ours,))) == OPENED


def test_what_our_account_writes_by_hand_moves_the_clock() -> None:
    """An act is ours only if account and ledger agree."""
    assert clock(issue(comments=(comment(OURS, after(3), "I looked at this myself."),))) == after(3)


def test_another_persons_edit_of_our_notice_moves_the_clock() -> None:
    """A maintainer who changes our words has spoken."""
    edited = comment(OURS, after(3), NOTICE, edited_at=after(4), editor=MAINTAINER)
    assert clock(issue(comments=(edited,))) == after(4)


@pytest.mark.parametrize(("editor", "expected"), [(AUTHOR, 5), (None, 5), (OTHER, 5), (BOT, 3)])
def test_a_persons_edit_of_a_comment_moves_the_clock(editor: Actor | None, expected: int) -> None:
    """An unknown editor is taken for the author; a program's edit of a person's words is none of
    theirs."""
    edited = comment(AUTHOR, after(3), edited_at=after(5), editor=editor)
    assert clock(issue(comments=(edited,))) == after(expected)


@pytest.mark.parametrize(
    ("editor", "moves"), [(AUTHOR, True), (MAINTAINER, True), (None, True), (BOT, False)]
)
def test_a_persons_edit_of_the_text_moves_the_clock(editor: Actor | None, moves: bool) -> None:
    """The item's own text counts like a comment."""
    assert clock(issue(edited_at=after(9), editor=editor)) == (after(9) if moves else OPENED)


def test_a_persons_edit_of_a_programs_comment_moves_the_clock() -> None:
    """People tick boxes in what programs wrote."""
    assert clock(
        issue(comments=(comment(BOT, after(3), edited_at=after(4), editor=OTHER),))
    ) == after(4)


def test_a_triagers_routine_question_does_not_move_the_clock() -> None:
    """It asks, it does not answer; its own later edit does not either."""
    assert clock(issue(comments=(comment(TRIAGER, after(3), NAG, edited_at=after(4)),))) == OPENED


def test_the_same_question_from_anybody_else_moves_the_clock() -> None:
    """Only listed triagers ask out of routine."""
    assert clock(issue(comments=(comment(OTHER, after(3), NAG),))) == after(3)


def test_a_triagers_own_words_move_the_clock() -> None:
    """One sentence beyond the routine makes it an answer."""
    assert clock(
        issue(comments=(comment(TRIAGER, after(3), f"{NAG} I can reproduce it."),))
    ) == after(3)


@pytest.mark.parametrize("content", ["THUMBS_UP", "HEART", "THUMBS_DOWN"])
def test_a_persons_reaction_moves_the_clock(content: str) -> None:
    """On the item and on a comment, even on a program's."""
    reaction = Reaction(content=content, author=OTHER, created_at=after(6))
    assert clock(issue(reactions=(reaction,))) == after(6)
    assert clock(issue(comments=(comment(BOT, after(3), reactions=(reaction,)),))) == after(6)


def test_a_programs_reaction_does_not_move_the_clock() -> None:
    """Some bots put eyes under what they have read."""
    assert (
        clock(issue(reactions=(thumbs_up(BOT, after(6)), thumbs_up(LISTED_BOT, after(7)))))
        == OPENED
    )


@pytest.mark.parametrize(
    ("content", "moves"),
    [("THUMBS_DOWN", True), ("CONFUSED", True), ("THUMBS_UP", False), ("HEART", False)],
)
def test_only_objections_to_our_notice_move_the_clock(content: str, moves: bool) -> None:
    """Who thanks us for a notice agrees with it."""
    ours = comment(
        OURS,
        after(3),
        NOTICE,
        reactions=(Reaction(content=content, author=AUTHOR, created_at=after(4)),),
    )
    assert clock(issue(comments=(ours,))) == (after(4) if moves else OPENED)


MOVING = [
    EventKind.REOPENED,
    EventKind.RENAMED,
    EventKind.REVIEWED,
    EventKind.REVIEW_REQUESTED,
    EventKind.COMMITTED,
    EventKind.FORCE_PUSHED,
    EventKind.READY_FOR_REVIEW,
    EventKind.CONVERTED_TO_DRAFT,
]
REFERRING = [EventKind.CROSS_REFERENCED, EventKind.CONNECTED]
TIDYING = [kind for kind in EventKind if kind not in MOVING and kind not in REFERRING]


@pytest.mark.parametrize("kind", MOVING)
def test_what_people_do_to_an_item_moves_the_clock(kind: EventKind) -> None:
    """Reopening, renaming, reviewing and pushing are acts."""
    assert clock(pull_request(events=(event(kind, OTHER, after(8)),))) == after(8)


@pytest.mark.parametrize("kind", TIDYING)
def test_tidying_does_not_move_the_clock(kind: EventKind) -> None:
    """Labels, assignments, milestones, locks, pins and closes are how a repository is kept."""
    assert (
        clock(issue(events=(event(kind, OTHER, after(8), label="x", reference=reference()),)))
        == OPENED
    )


@pytest.mark.parametrize("kind", [*MOVING, *REFERRING])
@pytest.mark.parametrize("who", [BOT, LISTED_BOT])
def test_no_program_moves_the_clock(kind: EventKind, who: Actor) -> None:
    """Whatever it does."""
    assert (
        clock(pull_request(events=(event(kind, who, after(8), reference=reference()),))) == OPENED
    )


@pytest.mark.parametrize("kind", [EventKind.RENAMED, EventKind.REVIEW_REQUESTED])
def test_triagers_tidy_titles_and_reviewers(kind: EventKind) -> None:
    """For them it is routine."""
    assert clock(pull_request(events=(event(kind, TRIAGER, after(8)),))) == OPENED


@pytest.mark.parametrize(
    ("seconds", "ours"),
    [(-121, False), (-120, True), (0, True), (10, True), (120, True), (121, False)],
)
def test_a_reopening_is_ours_if_account_and_ledger_agree(seconds: int, ours: bool) -> None:
    """About when the ledger intended it; else somebody did it by hand with the same account."""
    reopened = event(EventKind.REOPENED, OURS, after(8, seconds))
    own = BotIdentity(login="mover", reopens={"big/house#7": (after(8),)})
    assert (clock(issue(events=(reopened,)), own) == OPENED) is ours


def test_a_reopening_by_somebody_else_or_of_another_item_is_not_ours() -> None:
    """However well its time fits."""
    own = BotIdentity(login="mover", reopens={"big/house#7": (after(8),)})
    assert clock(issue(events=(event(EventKind.REOPENED, AUTHOR, after(8)),)), own) == after(8)
    assert clock(
        issue(number=8, events=(event(EventKind.REOPENED, OURS, after(8)),)), own
    ) == after(8)


@pytest.mark.parametrize("kind", REFERRING)
@pytest.mark.parametrize(
    ("fields", "moves"),
    [
        ({}, True),
        ({"kind": ItemKind.PULL_REQUEST}, True),
        ({"author": None}, True),
        ({"state": State.CLOSED}, False),
        ({"state": State.MERGED}, False),
        ({"author": BOT}, False),
        ({"repository": SOURCE.upper(), "number": 7}, False),
    ],
)
def test_references_from_other_open_items_of_people_move_the_clock(
    kind: EventKind, fields: dict[str, object], moves: bool
) -> None:
    """Closed ones, programs' ones and the item itself do not."""
    found = issue(events=(event(kind, MAINTAINER, after(8), reference=reference(**fields)),))
    assert clock(found) == (after(8) if moves else OPENED)


def test_a_reference_that_we_could_not_read_does_not_move_the_clock() -> None:
    """It stands in a repository that we must not see."""
    assert clock(issue(events=(event(EventKind.CROSS_REFERENCED, OTHER, after(8)),))) == OPENED


def test_updated_at_does_not_move_the_clock() -> None:
    """A bot's comment or a label moves it."""
    assert clock(issue(updated_at=after(300))) == OPENED


def test_a_pull_requests_last_commit_moves_the_clock() -> None:
    """Where commits were not read as events; those of a program's pull request are a program's."""
    assert clock(pull_request({"last_commit_at": after(5)})) == after(5)
    assert clock(pull_request({"last_commit_at": after(5)}, author=BOT)) == OPENED


def test_a_commit_from_before_the_pull_request_does_not_turn_the_clock_back() -> None:
    """Branches are older than the pull requests that are made of them."""
    assert clock(pull_request({"last_commit_at": after(-90)})) == OPENED
    assert clock(pull_request({"last_commit_at": after(-90)}, author=BOT)) == OPENED


def test_dates_are_compared_as_moments_whatever_their_zone() -> None:
    """Noon in Auckland is earlier than eleven in Lima."""
    auckland = datetime(2022, 3, 5, 12, tzinfo=timezone(timedelta(hours=13)))
    lima = datetime(2022, 3, 5, 11, tzinfo=timezone(timedelta(hours=-5)))
    found = issue(comments=(comment(OTHER, lima), comment(OTHER, auckland)))
    assert clock(found) == lima


def test_the_deciding_event_says_who_did_what_when_and_where() -> None:
    """People can look it up."""
    said = comment(OTHER, after(3), url="https://github.com/big/house/issues/7#issuecomment-1")
    deciding = judged(issue(comments=(said,))).deciding
    assert (deciding.value, deciding.at, deciding.actor, deciding.url) == (
        "commented",
        after(3),
        "bob",
        said.url,
    )


def test_the_newest_act_decides_in_whatever_order_they_were_read() -> None:
    """And two of the same second always give the same one."""
    one, two = comment(OTHER, after(3)), comment(MAINTAINER, after(3))
    old: Event = event(EventKind.RENAMED, AUTHOR, after(2))
    there = judged(issue(comments=(one, two), events=(old,)))
    back = judged(issue(comments=(two, one), events=(old,)))
    assert there == back
    assert there.deciding.actor == "mia"


def test_an_act_dated_after_now_is_a_recent_act() -> None:
    """Clocks differ by seconds."""
    item = issue(comments=(comment(OTHER, after(100, 5)),))
    verdict = judged(item, now=after(100))
    assert verdict.answer is Activity.ACTIVE
    assert verdict.clock == after(100, 5)


# What was not read


def flooded(
    first: datetime, *, of: int = 50, by: Actor = BOT, body: str = "Build passed.", **fields: object
) -> Item:
    """An issue of which only the last comments were read, all of them by one account, one a day."""
    read = tuple(comment(by, first + timedelta(days=day), body) for day in range(20))
    return issue(comments=read, comments_total=of, **fields)


def test_what_programs_hide_is_held_against_nobody() -> None:
    """A person may have spoken up to the first comment that we read; later than that only
    programs did."""
    assert clock(flooded(after(100))) == after(100)
    assert clock(flooded(after(100), of=20)) == OPENED


@pytest.mark.parametrize(("days", "at"), [(99, 100), (100, 100), (101, 101)])
def test_a_person_who_was_read_counts_from_the_first_moment_that_was_read_on(
    days: int, at: int
) -> None:
    """Before it, somebody else may have spoken later."""
    flood = flooded(after(100), reactions=(thumbs_up(OTHER, after(days)),))
    assert clock(flood) == after(at)


def test_routine_questions_and_our_own_notices_hide_people_as_programs_do() -> None:
    """They do not move the clock themselves."""
    assert clock(flooded(after(100), by=TRIAGER, body=NAG)) == after(100)
    assert clock(flooded(after(100), by=OURS, body=NOTICE)) == after(100)


def test_events_that_were_not_read_are_held_against_nobody() -> None:
    """Label shuffles fill a timeline, and somebody may have reopened the item before them."""
    shuffles = tuple(
        event(EventKind.LABELED, BOT, after(50 + day), label="bug") for day in range(5)
    )
    assert clock(issue(events=shuffles, events_total=90)) == after(50)
    assert clock(issue(events=shuffles, events_total=5)) == OPENED


def test_a_thread_of_which_nothing_was_read_is_as_young_as_its_last_change() -> None:
    """That is all that is known."""
    assert clock(issue(comments_total=3, updated_at=after(77))) == after(77)


def test_it_is_known_whether_enough_of_a_thread_was_read() -> None:
    """Once a person's act is met, what lies before it does not matter."""
    judge = activity.prepare(FILE, OWN)
    flood = flooded(after(100))
    assert not judge.knows_the_clock(flood)
    assert not judge.knows_the_clock(flooded(after(100), by=TRIAGER, body=NAG))
    assert judge.knows_the_clock(flooded(after(100), of=20))
    assert judge.knows_the_clock(flooded(after(100), reactions=(thumbs_up(OTHER, after(100)),)))


def test_the_evidence_says_that_nobody_was_seen() -> None:
    """It names no actor, as there may have been none."""
    deciding = judged(flooded(after(100))).deciding
    assert (deciding.value, deciding.actor, deciding.at) == (
        "unread earlier comments",
        "",
        after(100),
    )
