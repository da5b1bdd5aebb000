"""When an item becomes stale: every term one second before, at, and after its end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from migrator.domain.classification import activity as judging
from migrator.domain.evidence import Activity, ActivityVerdict, Leaning
from migrator.domain.items import Actor, EventKind, Item, ItemKind, ItemReference, Reaction, State
from migrator.domain.rules import MigrationFile
from tests.support.threads import (
    ANSWER,
    AUTHOR,
    BOT,
    LISTED_BOT,
    MAINTAINER,
    OPENED,
    OTHER,
    OURS,
    OWN,
    TRIAGER,
    activity,
    after,
    comment,
    event,
    issue,
    pull_request,
    thumbs_up,
)

FILE = activity()
ASKED = "awaiting response"
WAITS = "awaiting maintainer"


def judged(item: Item, now: datetime, file: MigrationFile = FILE) -> ActivityVerdict:
    """The verdict at that moment."""
    return judging.judge(item, file, now=now, own=OWN)


def stale(item: Item, now: datetime, file: MigrationFile = FILE) -> bool:
    """Whether the item is stale at that moment."""
    return judged(item, now, file).answer is Activity.STALE


def labelled(label: str, at: datetime | None, **fields: Any) -> Item:
    """An item that carries a label since then; ``None`` if the timeline does not show since
    when."""
    labels = (event(EventKind.LABELED, TRIAGER, at, label=label),) if at else ()
    return issue(labels=(label,), events=(*fields.pop("events", ()), *labels), **fields)


@pytest.mark.parametrize(("seconds", "expected"), [(-1, False), (0, True), (1, True)])
def test_an_item_is_stale_from_the_second_its_term_ends(seconds: int, expected: bool) -> None:
    """One second before it is active."""
    assert stale(issue(), after(180, seconds)) is expected


@pytest.mark.parametrize(("seconds", "expected"), [(-1, False), (0, True), (1, True)])
def test_the_term_runs_from_the_last_act(seconds: int, expected: bool) -> None:
    """A comment starts it anew."""
    assert stale(issue(comments=(comment(OTHER, after(100)),)), after(280, seconds)) is expected


def test_the_term_is_the_files() -> None:
    """As `--set activity.stale_after=30d` has it."""
    file = activity(stale_after="30d")
    assert stale(issue(), after(30), file)
    assert not stale(issue(), after(30, -1), file)


def test_a_term_counts_days_of_twenty_four_hours_over_leap_days() -> None:
    """180 days from 1 January end on 29 June of a leap year, and on 30 June of any other."""
    leap = issue(created_at=datetime(2024, 1, 1, tzinfo=UTC))
    common = issue(created_at=datetime(2023, 1, 1, tzinfo=UTC))
    assert judged(leap, OPENED).stale_at == datetime(2024, 6, 29, tzinfo=UTC)
    assert judged(common, OPENED).stale_at == datetime(2023, 6, 30, tzinfo=UTC)


def test_an_item_of_a_leap_day_gets_stale_like_any_other() -> None:
    """A term of 366 days from 29 February."""
    born = issue(created_at=datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC))
    assert judged(born, OPENED, activity(stale_after="366d")).stale_at == datetime(
        2025, 3, 1, 23, 59, 59, tzinfo=UTC
    )


@pytest.mark.parametrize("hours", [-12, -5, 0, 5.75, 14])
def test_the_zone_in_which_now_is_given_does_not_matter(hours: float) -> None:
    """A moment is a moment."""
    zone = timezone(timedelta(hours=hours))
    assert stale(issue(), after(180).astimezone(zone))
    assert not stale(issue(), after(180, -1).astimezone(zone))


def test_a_change_to_summer_time_adds_no_hour() -> None:
    """Dates with offsets before and after a clock change are 24 hours apart a day all the same."""
    opened = datetime(2022, 3, 26, 12, tzinfo=timezone(timedelta(hours=1)))
    now = datetime(2022, 3, 27, 12, tzinfo=timezone(timedelta(hours=2)))
    assert not stale(issue(created_at=opened), now, activity(stale_after="1d"))
    assert stale(issue(created_at=opened), now + timedelta(hours=1), activity(stale_after="1d"))


def test_a_term_of_a_century_does_not_leave_the_calendar() -> None:
    """The longest term that the file accepts."""
    assert judged(issue(), OPENED, activity(stale_after=36_500)).stale_at == OPENED + timedelta(
        days=36_500
    )


# Whose turn it is


@pytest.mark.parametrize(("seconds", "expected"), [(-1, False), (0, True), (1, True)])
def test_an_item_that_waits_for_its_author_is_stale_sooner(seconds: int, expected: bool) -> None:
    """60 days from when the label asked."""
    assert stale(labelled(ASKED, after(10)), after(70, seconds)) is expected


@pytest.mark.parametrize(
    ("seconds", "awaiting"), [(-1, "author"), (0, "maintainers"), (1, "maintainers")]
)
def test_the_authors_word_passes_the_turn_on(seconds: int, awaiting: str) -> None:
    """From the second of the label on, what the author says is an answer; before, it was the
    reason to ask."""
    item = labelled(ASKED, after(10), comments=(comment(AUTHOR, after(10, seconds)),))
    verdict = judged(item, after(71))
    assert verdict.awaiting == awaiting
    assert (verdict.answer is Activity.STALE) is (awaiting == "author")


def test_asking_never_makes_the_term_longer() -> None:
    """A label added on day 170 leaves the author ten days only because the ordinary term ends
    then."""
    assert judged(labelled(ASKED, after(170)), OPENED).stale_at == after(180)


def test_the_author_has_the_whole_shorter_term_after_being_asked_again() -> None:
    """A routine question after the label starts it anew."""
    asked_again = labelled(
        ASKED, after(10), comments=(comment(TRIAGER, after(50), "Are you still facing this?"),)
    )
    assert judged(asked_again, OPENED).stale_at == after(110)


def test_a_maintainers_words_while_waiting_start_the_shorter_term_anew() -> None:
    """They move the clock."""
    said = labelled(ASKED, after(10), comments=(comment(MAINTAINER, after(40)),))
    assert judged(said, OPENED).stale_at == after(100)


def test_a_label_without_a_date_asks_nobody() -> None:
    """We cannot know whether the author answered, so the shorter term does not run."""
    assert judged(labelled(ASKED, None), OPENED).stale_at == after(180)


def test_an_authors_reaction_is_no_answer() -> None:
    """It moves the clock, but the question stands."""
    item = labelled(ASKED, after(10), reactions=(thumbs_up(AUTHOR, after(20)),))
    verdict = judged(item, OPENED)
    assert (verdict.awaiting, verdict.stale_at) == ("author", after(80))


@pytest.mark.parametrize(
    ("seconds", "awaiting"), [(-1, "author"), (0, "maintainers"), (1, "maintainers")]
)
def test_an_authors_edit_is_an_answer(seconds: int, awaiting: str) -> None:
    """Many add what they were asked for to their own text; the label stays, and nobody looks."""
    item = labelled(ASKED, after(10), edited_at=after(10, seconds), editor=AUTHOR)
    assert judged(item, OPENED).awaiting == awaiting
    assert judged(item, OPENED).stale_at == (
        after(70) if awaiting == "author" else after(190, seconds)
    )


def test_a_maintainers_edit_of_the_authors_text_is_not_the_authors_answer() -> None:
    """They mend the formatting."""
    item = labelled(ASKED, after(10), edited_at=after(20), editor=MAINTAINER)
    assert judged(item, OPENED).stale_at == after(80)


@pytest.mark.parametrize(("seconds", "days"), [(-1, 70), (0, 190), (1, 190)])
def test_who_has_the_same_trouble_may_answer_for_the_author(seconds: int, days: int) -> None:
    """The shorter term is for questions that nobody took up; the label is often forgotten."""
    item = labelled(
        ASKED,
        after(10),
        comments=(comment(OTHER, after(10, seconds), "Here is code that shows it."),),
    )
    assert judged(item, OPENED).stale_at == (after(70) if days == 70 else after(190, seconds))


def test_a_label_from_before_what_we_read_asks_nobody() -> None:
    """Its author may have answered among the comments that we did not read."""
    read = (comment(MAINTAINER, after(20)),)
    assert judged(
        labelled(ASKED, after(10), comments=read, comments_total=2), OPENED
    ).stale_at == after(200)
    assert judged(
        labelled(ASKED, after(20), comments=read, comments_total=2), OPENED
    ).stale_at == after(80)


def test_what_a_deleted_account_says_on_a_deleted_accounts_item_counts_as_the_authors() -> None:
    """They cannot be told apart, and one of them may be waiting for an answer."""
    said = (comment(MAINTAINER, after(5), ANSWER), comment(None, after(6)))
    assert judged(issue(author=None, comments=said), after(200)).unanswered
    assert not judged(issue(author=None, comments=said[:1]), after(200)).unanswered
    assert not judged(issue(comments=said), after(200)).unanswered


def test_a_hidden_comment_answers_nobody() -> None:
    """A maintainer who hides their own answer as outdated has taken it back."""
    assert judged(
        issue(comments=(comment(MAINTAINER, after(5), ANSWER, minimized=True),)), after(200)
    ).unanswered


@pytest.mark.parametrize(
    ("on_item", "in_file"),
    [("Awaiting Response", "awaiting response"), ("awaiting response", "Awaiting*")],
)
def test_labels_are_compared_as_github_compares_them(on_item: str, in_file: str) -> None:
    """In any case; a star matches the rest. A timeline shows the spelling of its time."""
    asked = event(EventKind.LABELED, TRIAGER, after(10), label=on_item.upper())
    file = activity(awaiting_author_labels=(in_file,))
    assert judged(issue(labels=(on_item,), events=(asked,)), OPENED, file).stale_at == after(70)


@pytest.mark.parametrize(
    ("on_item", "protected"),
    [("Keep", True), ("KEEP", True), ("keeper", False), ("up for keep", False)],
)
def test_a_protecting_label_holds_in_any_case(on_item: str, protected: bool) -> None:
    """A protection that is lost to a capital letter closes a thread."""
    assert (judged(issue(labels=(on_item,)), after(200)).stale_at is None) is protected


def test_of_two_opposite_labels_the_newer_one_holds() -> None:
    """Unknown dates are decided for the author."""
    asked, waits = (
        event(EventKind.LABELED, TRIAGER, after(5), label=ASKED),
        event(EventKind.LABELED, TRIAGER, after(6), label=WAITS),
    )
    both = issue(labels=(ASKED, WAITS), events=(asked, waits))
    turned = issue(
        labels=(ASKED, WAITS),
        events=(event(EventKind.LABELED, TRIAGER, after(7), label=ASKED), waits),
    )
    undated = issue(labels=(ASKED, WAITS), events=(asked,))
    assert [judged(each, OPENED).awaiting for each in (both, turned, undated)] == [
        "maintainers",
        "author",
        "maintainers",
    ]


def test_a_maintainers_answer_does_not_bring_an_older_question_back() -> None:
    """Else a person's word would make the term end sooner."""
    asked, waits = (
        event(EventKind.LABELED, TRIAGER, after(5), label=ASKED),
        event(EventKind.LABELED, TRIAGER, after(6), label=WAITS),
    )
    both = issue(
        labels=(ASKED, WAITS), events=(asked, waits), comments=(comment(MAINTAINER, after(7)),)
    )
    assert judged(both, OPENED).stale_at == after(187)


def test_a_label_added_again_asks_from_then_on() -> None:
    """The newest of its dates counts."""
    twice = tuple(event(EventKind.LABELED, TRIAGER, after(day), label=ASKED) for day in (30, 10))
    assert judged(issue(labels=(ASKED,), events=twice), OPENED).stale_at == after(90)


@pytest.mark.parametrize(("seconds", "unanswered"), [(-1, True), (0, True), (1, False)])
def test_only_a_maintainers_later_word_answers_an_author(seconds: int, unanswered: bool) -> None:
    """In the same second we cannot tell who was first, and leave it open."""
    item = issue(
        comments=(comment(AUTHOR, after(5)), comment(MAINTAINER, after(5, seconds), ANSWER))
    )
    assert judged(item, after(200)).unanswered is unanswered


@pytest.mark.parametrize("who", [OTHER, BOT, LISTED_BOT])
def test_nobody_else_answers_for_the_maintainers(who: Actor) -> None:
    """A 'same here' leaves the author waiting."""
    assert judged(issue(comments=(comment(who, after(5)),)), after(200)).unanswered


def test_a_routine_question_is_no_answer() -> None:
    """A triager who asks whether it still happens has not said anything about it."""
    assert judged(
        issue(comments=(comment(TRIAGER, after(5), "Are you still facing this?"),)), after(200)
    ).unanswered


def test_an_author_who_is_a_maintainer_cannot_answer_themself() -> None:
    """Their second comment is their last word, not an answer."""
    item = issue(author=MAINTAINER, comments=(comment(MAINTAINER, after(5), ANSWER),))
    assert judged(item, after(200)).unanswered
    assert judged(item, after(200)).reply is None


def test_our_notice_answers_nobody() -> None:
    """Even though our account is a member."""
    notice = comment(
        OURS,
        after(5),
        "x\n\n<!-- migrator:1 migration=garden decision=redirect generation=1 "
        "nonce=0123456789abcdef0123 -->",
    )
    assert judged(issue(comments=(notice,)), after(200)).unanswered


def test_a_review_answers_the_author_of_a_pull_request() -> None:
    """Anybody may review; the author's own review comments are none."""
    reviewed = pull_request(events=(event(EventKind.REVIEWED, OTHER, after(5)),))
    own = pull_request(events=(event(EventKind.REVIEWED, AUTHOR, after(5)),))
    assert not judged(reviewed, after(200)).unanswered
    assert judged(own, after(200)).unanswered
    assert judged(own, after(200)).reply is None


def test_a_label_that_waits_for_maintainers_keeps_the_author_unanswered() -> None:
    """Until a maintainer speaks after it."""
    answered = (comment(MAINTAINER, after(3), ANSWER),)
    assert judged(labelled(WAITS, after(4), comments=answered), after(200)).unanswered
    spoke_again = (*answered, comment(MAINTAINER, after(5), ANSWER))
    assert not judged(labelled(WAITS, after(4), comments=spoke_again), after(200)).unanswered


def test_nobody_waits_for_an_answer_to_what_a_program_opened() -> None:
    """There is no author to be silent to."""
    verdict = judged(issue(author=BOT), after(200))
    assert (verdict.unanswered, verdict.awaiting) == (False, "nobody")


def test_an_unanswered_item_is_still_called_old() -> None:
    """The verdict says both, the file's policy decides."""
    verdict = judged(issue(), after(200))
    assert (verdict.answer, verdict.unanswered) == (Activity.STALE, True)


# What protects an item

PULL = ItemReference(repository="big/house", number=9, kind=ItemKind.PULL_REQUEST, author=OTHER)
VOTES = tuple(thumbs_up(Actor(login=f"v{n}"), after(1)) for n in range(10))
PEOPLE = tuple(comment(Actor(login=f"p{n}"), after(1)) for n in range(9))

PROTECTED: dict[str, tuple[Item, dict[str, Any]]] = {
    "security": (issue(title="A security hole"), {"protect": {"security_words": ()}}),
    "pinned": (issue(pinned=True), {"protect": {"pinned": False}}),
    "protecting_label": (issue(labels=("keep",)), {"protecting_labels": ()}),
    "assignee": (issue(assignees=(OTHER,)), {"protect": {"assignee": False}}),
    "milestone": (issue(milestone="2.0"), {"protect": {"milestone": False}}),
    "linked_pull": (issue(linked_pulls=(PULL,)), {"protect": {"linked_pull": False}}),
    "open_sub_issues": (issue(open_sub_issues=2), {"protect": {"open_sub_issues": False}}),
    "review": (pull_request({"review_decision": "APPROVED"}), {"protect": {"review": False}}),
    "votes": (issue(reactions=VOTES, reactions_total=10), {"protect": {"votes": 0}}),
    "people": (issue(comments=PEOPLE), {"protect": {"people": 0}}),
}


@pytest.mark.parametrize("name", PROTECTED)
def test_a_protected_item_is_active_whatever_its_age(name: str) -> None:
    """The verdict names what protects it, and has no date on which that ends."""
    verdict = judged(PROTECTED[name][0], after(400))
    assert (verdict.answer, verdict.deciding.signal, verdict.stale_at) == (
        Activity.ACTIVE,
        name,
        None,
    )
    assert verdict.deciding.says is Leaning.PROTECTS


@pytest.mark.parametrize("name", PROTECTED)
def test_every_protection_can_be_switched_off(name: str) -> None:
    """In the migration file."""
    item, off = PROTECTED[name]
    assert stale(item, after(400), activity(**off))


def test_every_protection_is_tested() -> None:
    """A new one needs its line in the table above."""
    from migrator.domain.classification.activity.protections import PROTECTIONS

    assert set(PROTECTED) == set(PROTECTIONS)


def test_a_young_item_is_active_by_its_clock_not_by_its_protection() -> None:
    """The deciding event is the one that decides."""
    verdict = judged(PROTECTED["milestone"][0], after(3))
    assert verdict.deciding.signal == "clock"


@pytest.mark.parametrize("who", [BOT, LISTED_BOT, TRIAGER])
def test_being_assigned_to_bots_and_triagers_protects_nothing(who: Actor) -> None:
    """They are assigned to everything."""
    assert stale(issue(assignees=(who,)), after(400))


@pytest.mark.parametrize(("votes", "protected"), [(9, False), (10, True), (11, True)])
def test_votes_protect_from_their_number_on(votes: int, protected: bool) -> None:
    """Ten by default."""
    item = issue(
        reactions=tuple(thumbs_up(Actor(login=f"v{n}"), after(1)) for n in range(votes)),
        reactions_total=votes,
    )
    assert stale(item, after(400)) is not protected


@pytest.mark.parametrize(("seconds", "protected"), [(-1, True), (0, True), (1, False)])
def test_votes_protect_while_the_newest_is_young_enough(seconds: int, protected: bool) -> None:
    """730 days after the newest vote, to the second."""
    assert stale(issue(reactions=VOTES, reactions_total=10), after(731, seconds)) is not protected


def test_votes_of_any_age_protect_where_the_file_says_so() -> None:
    """`votes_within = "0d"`."""
    assert not stale(
        issue(reactions=VOTES, reactions_total=10),
        after(9999),
        activity(protect={"votes_within": "0d"}),
    )


def test_the_authors_and_programs_votes_do_not_count() -> None:
    """Nine others are not enough."""
    mine = (
        *VOTES[:9],
        thumbs_up(AUTHOR, after(1)),
        thumbs_up(BOT, after(1)),
        Reaction(content="HEART", created_at=after(1)),
    )
    assert stale(issue(reactions=mine, reactions_total=len(mine)), after(400))


def test_reactions_that_we_did_not_read_count_as_votes() -> None:
    """Being wrong here keeps an item open."""
    assert not stale(issue(reactions=VOTES[:2], reactions_total=10), after(400))


@pytest.mark.parametrize(("others", "protected"), [(8, False), (9, True)])
def test_people_are_counted_once_each_and_without_programs(others: int, protected: bool) -> None:
    """With the author ten are needed."""
    several = tuple(comment(Actor(login=f"p{n}"), after(d)) for n in range(others) for d in (1, 2))
    item = issue(
        comments=(*several, comment(BOT, after(1)), comment(LISTED_BOT, after(1))),
        participants=("Ada", "Butler", "mover"),
    )
    assert stale(item, after(400)) is not protected


def test_participants_whose_names_we_did_not_read_count() -> None:
    """GitHub says how many there are."""
    assert not stale(issue(participants=("Ada",), participants_total=10), after(400))


@pytest.mark.parametrize("state", [State.CLOSED, State.MERGED])
def test_a_linked_pull_request_protects_only_while_it_is_open(state: State) -> None:
    """Later it has nothing to say."""
    done = ItemReference(
        repository="big/house", number=9, kind=ItemKind.PULL_REQUEST, state=state, author=OTHER
    )
    assert stale(issue(linked_pulls=(done,)), after(400))


def test_a_programs_pull_request_protects_nothing() -> None:
    """A bot that opens pull requests is not somebody at work."""
    theirs = ItemReference(repository="big/house", number=9, kind=ItemKind.PULL_REQUEST, author=BOT)
    assert stale(issue(linked_pulls=(theirs,)), after(400))


def test_a_pull_request_that_was_linked_by_hand_protects() -> None:
    """GitHub's timeline shows it as connected."""
    assert not stale(
        issue(events=(event(EventKind.CONNECTED, OTHER, OPENED, reference=PULL),)), after(400)
    )


@pytest.mark.parametrize(
    ("title", "body", "protected"),
    [
        ("CVE-2022-1 in the tap", "", True),
        ("Tap", "This is a Vulnerability of the tap.", True),
        ("Insecurity of taps", "", False),
        ("Tap", "```\nsecurity = off\n```", False),
        ("Tap", "> security\n\nno", False),
        ("Tap", "<!-- Report security issues elsewhere -->\nIt drips.", False),
        ("Tap", "I set `security` to 1.", False),
    ],
)
def test_words_of_security_protect_where_the_author_wrote_them(
    title: str, body: str, protected: bool
) -> None:
    """Whole words, in any case, outside code, quotations and a template's comments."""
    assert stale(issue(title=title, body=body), after(400)) is not protected


@pytest.mark.parametrize(
    ("who", "body", "protected"),
    [
        (AUTHOR, "I reported this as CVE-2022-1234.", True),
        (MAINTAINER, "This is a security problem, thank you.", True),
        (TRIAGER, "Forwarded to the security team.", True),
        (OTHER, "For security reasons I cannot show my code.", False),
        (BOT, "No security problem found.", False),
        (MAINTAINER, "> is this a security problem?\n\nNo.", False),
        (AUTHOR, "```\nimport security\n```", False),
    ],
)
def test_words_of_security_protect_where_the_thread_says_them(
    who: Actor, body: str, protected: bool
) -> None:
    """The author and the project know; others use the words in passing."""
    assert (
        judged(issue(comments=(comment(who, after(1), body),)), after(400)).stale_at is None
    ) is protected


@pytest.mark.parametrize(
    ("pull", "protected"),
    [
        ({"review_decision": "APPROVED"}, True),
        ({"reviewers_requested": ("mia",)}, True),
        ({"review_decision": "CHANGES_REQUESTED"}, False),
        ({"draft": True}, False),
    ],
)
def test_a_pull_request_under_review_is_protected(pull: dict[str, Any], protected: bool) -> None:
    """Somebody asked for it, or said yes to it."""
    assert stale(pull_request(pull), after(400)) is not protected


@pytest.mark.parametrize(
    ("pull", "words"),
    [
        (
            {"draft": True, "mergeable": "CONFLICTING", "checks": "FAILURE"},
            "draft, conflicts, checks failed",
        ),
        (
            {"review_decision": "CHANGES_REQUESTED", "mergeable": "MERGEABLE", "checks": "SUCCESS"},
            "changes requested, checks passed",
        ),
        ({"mergeable": "UNKNOWN", "checks": ""}, None),
    ],
)
def test_a_pull_requests_state_is_shown_and_held_against_nobody(
    pull: dict[str, Any], words: str | None
) -> None:
    """Conflicts and failed checks do not make it staler."""
    verdict = judged(pull_request(pull), after(100))
    assert (
        next((each.value for each in verdict.evidence if each.signal == "pull_state"), None)
        == words
    )
    assert verdict.stale_at == after(180)


# How far from the other verdict


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (after(168), "stale in 12 days"),
        (after(179), "stale in 1 day"),
        (after(179, 1), "stale in less than a day"),
        (after(180), "stale since less than a day"),
        (after(181), "stale since 1 day"),
        (after(220, 5), "stale since 40 days"),
    ],
)
def test_the_distance_to_the_other_verdict_is_said_in_days(now: datetime, words: str) -> None:
    """Whole days, rounded down."""
    assert judging.distance(judged(issue(), now), now) == words


def test_a_protected_item_says_what_protects_it() -> None:
    """Instead of a date."""
    item = issue(milestone="2.0", labels=("keep",))
    assert judging.distance(judged(item, after(400)), after(400)) == "protected: protecting label"
