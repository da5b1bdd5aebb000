"""What happens to an item: every row of the table of decisions, and everything that holds a
close back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from migrator.domain.classification.activity import subject_of
from migrator.domain.decisions import (
    NOT_PLANNED,
    REASONS,
    Decided,
    Decision,
    ReviewAnswer,
    decide,
    fitting,
    together,
)
from migrator.domain.evidence import (
    Activity,
    ActivityVerdict,
    Evidence,
    Grounds,
    Leaning,
    Ownership,
    OwnershipVerdict,
)
from migrator.domain.items import Item, State
from migrator.domain.rules import MigrationFile
from tests.support.threads import (
    CUTOVER,
    MAINTAINER,
    OPENED,
    TARGET,
    activity,
    after,
    alive,
    issue,
    migration_file,
    pull_request,
    whose,
)

FILE = migration_file()
NOW = after(400)
STALE = alive(Activity.STALE)
ACTIVE = alive(Activity.ACTIVE)
BEFORE = CUTOVER - timedelta(seconds=1)


def decided(
    item: Item,
    ownership: OwnershipVerdict | None = None,
    verdict: ActivityVerdict = STALE,
    file: MigrationFile = FILE,
    now: datetime = NOW,
    **more: Any,
) -> Decided:
    """The decision on an item that is by default ours, by its label, and stale."""
    return decide(item, ownership or whose(), verdict, file, now=now, **more)


def answer(**fields: Any) -> ReviewAnswer:
    """A maintainer's answer."""
    return ReviewAnswer(by="mia", at=after(300), reason="I know it", **fields)


def outcome(found: Decided) -> tuple[str, str, bool]:
    """What the tests look at: decision, reason code, and whether it closes."""
    return found.decision.value, found.code, found.closes


def target_item(created_at: datetime = BEFORE, **fields: Any) -> Item:
    """An item of the target repository."""
    return issue(repository=TARGET, created_at=created_at, **fields)


# The rows of the table


def test_what_is_not_ours_is_left_alone() -> None:
    """Whatever its age."""
    assert outcome(decided(issue(), whose(Ownership.NOT_OURS))) == ("leave", "not_ours", False)


def test_unsure_goes_to_a_person() -> None:
    """Never to a coin."""
    assert outcome(decided(issue(), whose(Ownership.UNSURE))) == ("review", "unsure", False)


@pytest.mark.parametrize("whose_answer", Ownership)
def test_a_contradiction_goes_to_a_person_whatever_the_answer(whose_answer: Ownership) -> None:
    """Two owners, or a pull request half inside."""
    found = decided(issue(), whose(whose_answer, contradiction="labels of two owners"))
    assert outcome(found) == ("review", "contradiction", False)
    assert found.deciding.value == "labels of two owners"


def test_ours_and_active_is_redirected() -> None:
    """One notice, and it stays open."""
    assert outcome(decided(issue(), verdict=ACTIVE)) == ("redirect", "active", False)


def test_ours_and_stale_is_retired() -> None:
    """Closed as not planned, with the file's label."""
    found = decided(issue())
    assert outcome(found) == ("retire", "stale", True)
    assert (found.label, found.close_reason, found.grace_days, found.part) == (
        "migrated",
        NOT_PLANNED,
        0,
        "garden",
    )


ASKING = migration_file(
    decisions={"stale": {"act": "ask"}, "retire": {"label": "old", "grace_days": 14}}
)


def test_ours_and_stale_is_asked_first_where_the_file_says_so() -> None:
    """It is closed after the grace as one that is retired; everything else is as without it."""
    found = decided(issue(), file=ASKING)
    assert outcome(found) == ("ask", "stale", True)
    assert (found.label, found.close_reason, found.grace_days) == ("old", NOT_PLANNED, 14)
    assert outcome(decided(issue(), verdict=ACTIVE, file=ASKING)) == ("redirect", "active", False)
    pull = decided(pull_request(), whose(grounds=Grounds.PATH), file=ASKING)
    assert outcome(pull) == ("port", "pull_request", True)
    weak = decided(issue(), whose(grounds=Grounds.TEXT, probability=0.9), file=ASKING)
    assert outcome(weak) == ("review", "close_needs_grounds", False)


def test_an_account_that_only_comments_asks_nobody() -> None:
    """It could not keep its word to close what nobody needs."""
    rules = {"stale": {"act": "ask"}, "retire": {"grace_days": 14}, "comment_only": True}
    found = decided(issue(), file=migration_file(decisions=rules))
    assert outcome(found) == ("redirect", "comment_only", False)


def test_a_pull_request_inside_is_ported_whatever_its_age() -> None:
    """A pull request has no close reason, and gets its grace."""
    for verdict in (ACTIVE, STALE):
        found = decided(pull_request(), whose(grounds=Grounds.PATH), verdict)
        assert outcome(found) == ("port", "pull_request", True)
        assert (found.close_reason, found.grace_days) == ("", 14)


@pytest.mark.parametrize(
    ("pull", "code"), [({"draft": True}, "draft"), ({"review_decision": "APPROVED"}, "approved")]
)
def test_drafts_and_approved_pull_requests_are_looked_at(pull: dict[str, Any], code: str) -> None:
    """Unless the file says otherwise."""
    key = "drafts" if code == "draft" else code
    assert outcome(decided(pull_request(pull))) == ("review", code, False)
    for choice in ("leave", "port"):
        file = migration_file(decisions={"port": {key: choice}})
        assert decided(pull_request(pull), file=file).decision.value == choice


def test_a_pull_request_that_nobody_could_open_again_is_not_closed_unasked() -> None:
    """Its branch is gone: whoever spoke in the second of the close could not be heeded. A person
    decides, or the file."""
    gone = {"head_exists": False}
    assert outcome(decided(pull_request(gone))) == ("review", "head_gone", False)
    old = decided(pull_request(gone, repository=TARGET, created_at=BEFORE))
    assert outcome(old) == ("review", "head_gone", False)
    assert outcome(
        decided(pull_request(gone), file=migration_file(decisions={"head_gone": "close"}))
    ) == (
        "port",
        "pull_request",
        True,
    )
    assert decided(pull_request(gone), answer=answer(decision=Decision.PORT)).closes
    assert not decided(
        pull_request(gone), whose(grounds=Grounds.REVIEWER), answer=answer(ownership=Ownership.OURS)
    ).closes
    assert not decided(
        pull_request(gone), file=migration_file(decisions={"comment_only": True})
    ).closes


@pytest.mark.parametrize("decision", ["CHANGES_REQUESTED", "REVIEW_REQUIRED", ""])
def test_other_reviews_do_not_hold_a_pull_request_back(decision: str) -> None:
    """They are shown, and ported with the rest."""
    assert decided(pull_request({"review_decision": decision})).decision is Decision.PORT


def test_a_new_issue_is_welcomed() -> None:
    """It stays open unless the file closes new ones."""
    item = issue()
    verdict = alive(clock=OPENED)
    assert outcome(decided(item, verdict=verdict, now=after(0, 5), arrived=True)) == (
        "welcome",
        "arrived",
        False,
    )
    closing = migration_file(decisions={"welcome": {"close": True}})
    assert outcome(decided(item, verdict=verdict, file=closing, now=after(0, 5), arrived=True)) == (
        "welcome",
        "arrived",
        True,
    )


def test_a_new_pull_request_gets_the_recipe_at_once() -> None:
    """A welcome would not tell its author how to port it."""
    assert decided(pull_request(), arrived=True).decision is Decision.PORT


def test_a_welcome_that_may_not_close_still_says_hello() -> None:
    """Text alone is enough for a notice."""
    closing = migration_file(decisions={"welcome": {"close": True}})
    found = decided(
        issue(), whose(grounds=Grounds.TEXT, probability=0.9), file=closing, arrived=True
    )
    assert outcome(found) == ("welcome", "arrived", False)


@pytest.mark.parametrize("state", [State.CLOSED, State.MERGED])
@pytest.mark.parametrize("repository", ["big/house", TARGET])
def test_what_is_not_open_is_left_alone(state: State, repository: str) -> None:
    """In either repository, even if a maintainer answered."""
    found = decided(
        issue(state=state, repository=repository), answer=answer(decision=Decision.RETIRE)
    )
    assert outcome(found) == ("leave", "closed", False)


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("redirect", ("redirect", "unanswered", False)),
        ("retire", ("retire", "unanswered", True)),
        ("review", ("review", "unanswered", False)),
    ],
)
def test_silence_of_maintainers_is_decided_by_the_files_policy(
    policy: str, expected: tuple[str, str, bool]
) -> None:
    """Age alone does not make it stale."""
    unanswered = alive(Activity.STALE, unanswered=True)
    assert (
        outcome(decided(issue(), verdict=unanswered, file=activity(unanswered=policy))) == expected
    )


# The harm of the act sets the bar


@pytest.mark.parametrize(
    "grounds", [Grounds.LABEL, Grounds.PATH, Grounds.MAINTAINER, Grounds.REVIEWER]
)
def test_firm_grounds_carry_a_close(grounds: Grounds) -> None:
    """However low the probability among them."""
    assert decided(issue(), whose(grounds=grounds, probability=0.86)).closes


@pytest.mark.parametrize(
    ("probability", "decision"), [(0.9799, "review"), (0.98, "retire"), (0.99, "retire")]
)
@pytest.mark.parametrize("grounds", [Grounds.TEXT, Grounds.NONE])
def test_text_alone_carries_a_close_only_from_the_higher_bar_on(
    grounds: Grounds, probability: float, decision: str
) -> None:
    """`ownership.close_at`, exactly there included."""
    found = decided(issue(), whose(grounds=grounds, probability=probability))
    assert found.decision.value == decision
    if decision == "review":
        assert (found.code, found.deciding.bar) == (
            "close_needs_grounds",
            "0.98, or a label, path or maintainer",
        )


def test_text_alone_carries_a_notice() -> None:
    """A redirect closes nothing."""
    assert outcome(decided(issue(), whose(grounds=Grounds.TEXT, probability=0.86), ACTIVE)) == (
        "redirect",
        "active",
        False,
    )


def test_a_pull_request_whose_text_alone_is_ours_is_looked_at() -> None:
    """Porting ends with a close."""
    assert outcome(decided(pull_request(), whose(grounds=Grounds.TEXT, probability=0.9)))[:2] == (
        "review",
        "close_needs_grounds",
    )


def test_locked_items_are_looked_at() -> None:
    """Nobody could answer a notice there; what is not ours needs nobody."""
    assert outcome(decided(issue(locked=True))) == ("review", "locked", False)
    assert outcome(decided(target_item(locked=True))) == ("review", "locked", False)
    assert outcome(decided(issue(locked=True), whose(Ownership.NOT_OURS))) == (
        "leave",
        "not_ours",
        False,
    )
    assert outcome(decided(issue(locked=True), answer=answer(ownership=Ownership.OURS))) == (
        "review",
        "locked",
        False,
    )
    assert outcome(decided(issue(locked=True), answer=answer(decision=Decision.LEAVE))) == (
        "leave",
        "reviewer",
        False,
    )


@pytest.mark.parametrize(
    ("policy", "expected"), [("port", "port"), ("review", "review"), ("leave", "leave")]
)
def test_the_file_says_whether_a_protected_pull_request_is_ported(
    policy: str, expected: str
) -> None:
    """By default it is: what it changes has moved, whoever waits for it."""
    shield = Evidence(signal="milestone", says=Leaning.PROTECTS, value="2.0")
    protected = alive(evidence=(shield,))
    file = migration_file(decisions={"port": {"protected": policy}})
    found = decided(pull_request(), verdict=protected, file=file)
    assert found.decision == expected
    assert (found.code, found.deciding) == ("protected", shield) or policy == "port"
    assert decided(pull_request(), file=file).decision is Decision.PORT, "nothing protects this one"


# Quiet days


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-1, ("redirect", "quiet", False)),
        (0, ("retire", "stale", True)),
        (1, ("retire", "stale", True)),
    ],
)
def test_nothing_is_closed_within_the_quiet_days(
    seconds: int, expected: tuple[str, str, bool]
) -> None:
    """Seven days after the act, to the second; until then the notice is posted and the item
    stays open."""
    spoke = alive(Activity.STALE, clock=after(100))
    assert outcome(decided(issue(), verdict=spoke, now=after(107, seconds))) == expected


@pytest.mark.parametrize(("seconds", "closes"), [(-1, False), (0, True)])
def test_a_grace_is_part_of_the_quiet_days(seconds: int, closes: bool) -> None:
    """What counts is how long nobody has spoken when the close is due; the live check before it
    looks again."""
    file = migration_file(decisions={"retire": {"grace_days": "5d"}})
    spoke = alive(Activity.STALE, clock=after(100))
    assert decided(issue(), verdict=spoke, file=file, now=after(102, seconds)).closes is closes


def test_a_pull_request_pushed_today_gets_its_recipe_without_a_date_of_closing() -> None:
    """Where the file gives no grace."""
    file = migration_file(decisions={"port": {"grace_days": "0d"}})
    found = decided(pull_request(), verdict=alive(clock=after(100)), file=file, now=after(101))
    assert outcome(found) == ("port", "quiet", False)
    assert found.grace_days == 0


@pytest.mark.parametrize(("seconds", "closes"), [(-1, True), (0, True), (1, False)])
def test_behind_an_act_of_the_future_nothing_is_closed(seconds: int, closes: bool) -> None:
    """A commit bears the date of its author's machine: who speaks before that date would not move
    the clock.

    Five minutes are two clocks that differ; a grace does not help, as the word would be spoken
    within it.
    """
    ahead = alive(clock=after(100, 300 + seconds))
    found = decided(pull_request(), verdict=ahead, now=after(100))
    assert (found.decision, found.closes) == (Decision.PORT, closes)


def test_an_old_item_of_the_target_on_which_somebody_spoke_is_left_for_a_later_wave() -> None:
    """It would get a notice that announces no close."""
    assert outcome(decided(target_item(), verdict=alive(clock=after(100)), now=after(101))) == (
        "leave",
        "quiet",
        False,
    )


def test_the_quiet_days_name_who_spoke() -> None:
    """The evidence is the act itself."""
    found = decided(
        issue(), verdict=alive(Activity.STALE, clock=after(100)), now=after(101)
    ).deciding
    assert (found.signal, found.actor, found.at, found.bar) == (
        "quiet_days",
        "bob",
        after(100),
        "7 days",
    )


def test_the_opening_of_a_new_item_is_not_held_against_its_close() -> None:
    """But a word after it is."""
    file = migration_file(decisions={"welcome": {"close": True}})
    spoke = alive(clock=after(0, 3))
    assert outcome(decided(issue(), verdict=spoke, file=file, now=after(0, 5), arrived=True)) == (
        "welcome",
        "quiet",
        False,
    )


# Already told, already moved


def test_who_was_told_by_a_person_is_not_told_again() -> None:
    """Unless the file wants it."""
    told = alive(Activity.STALE, already_told="https://x")
    assert outcome(decided(issue(), verdict=told)) == ("leave", "already_told", False)
    assert outcome(
        decided(issue(), verdict=told, file=activity(told={"already_told": "decide"}))
    ) == ("retire", "stale", True)


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("leave", ("leave", "known_landing", False)),
        ("close", ("retire", "known_landing", True)),
        ("decide", ("redirect", "active", False)),
    ],
)
def test_what_lives_on_elsewhere_follows_the_files_policy(
    policy: str, expected: tuple[str, str, bool]
) -> None:
    """Whatever its age: an active thread with a successor may be closed with its link."""
    landed = alive(landing=f"{TARGET}#1")
    assert (
        outcome(decided(issue(), verdict=landed, file=activity(told={"known_landing": policy})))
        == expected
    )


def test_a_known_landing_closes_only_on_firm_grounds_and_in_quiet() -> None:
    """The guards are the same for every close."""
    file = activity(told={"known_landing": "close"})
    landed = alive(landing=f"{TARGET}#1", clock=after(399))
    assert outcome(decided(issue(), verdict=landed, file=file)) == ("redirect", "quiet", False)
    weak = whose(grounds=Grounds.TEXT, probability=0.9)
    assert (
        decided(issue(), weak, alive(landing=f"{TARGET}#1"), file=file).decision is Decision.REVIEW
    )


# The target repository


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-1, ("clear", "before_cutover", True)),
        (0, ("leave", "after_cutover", False)),
        (1, ("leave", "after_cutover", False)),
    ],
)
def test_unfinished_items_of_the_target_from_before_the_cutover_are_cleared(
    seconds: int, expected: tuple[str, str, bool]
) -> None:
    """Active or stale, whosever they seem; from the second of the cutover on they are its own."""
    for verdict in (ACTIVE, STALE):
        item = target_item(CUTOVER + timedelta(seconds=seconds))
        assert (
            outcome(
                decided(
                    item, whose(Ownership.UNSURE, grounds=Grounds.TEXT, probability=0.5), verdict
                )
            )
            == expected
        )


def test_clearing_closes_issues_as_not_planned_and_pull_requests_without_a_reason() -> None:
    """Pull requests have none."""
    assert decided(target_item()).close_reason == NOT_PLANNED
    assert decided(pull_request(repository=TARGET, created_at=BEFORE)).close_reason == ""


def test_the_file_excepts_items_from_clearing() -> None:
    """By label, by number, or all of them."""
    label = migration_file(decisions={"clear": {"except_labels": ("Road*",)}})
    number = migration_file(decisions={"clear": {"except_numbers": (7,)}})
    never = migration_file(decisions={"clear": {"enabled": False}})
    assert outcome(decided(target_item(labels=("roadmap",)), file=label)) == (
        "leave",
        "clear_exception",
        False,
    )
    assert outcome(decided(target_item(), file=number)) == ("leave", "clear_exception", False)
    assert outcome(decided(target_item(), file=never)) == ("leave", "clear_disabled", False)
    assert decided(target_item(number=8), file=number).decision is Decision.CLEAR


def test_the_file_can_except_what_is_protected_from_clearing() -> None:
    """A pinned roadmap, say; by default age is all that counts there."""
    pinned = Evidence(signal="pinned", says=Leaning.PROTECTS)
    verdict = alive(evidence=(pinned,))
    careful = migration_file(decisions={"clear": {"except_protected": True}})
    found = decided(target_item(), verdict=verdict, file=careful)
    assert outcome(found) == ("leave", "clear_exception", False)
    assert found.deciding is pinned
    assert decided(target_item(), verdict=verdict).decision is Decision.CLEAR
    assert decided(target_item(), file=careful).decision is Decision.CLEAR


def test_the_target_is_known_in_any_case() -> None:
    """GitHub compares repository names without regard to case, too."""
    assert decided(target_item(), file=FILE).decision is Decision.CLEAR
    assert (
        decide(
            issue(repository=TARGET.upper(), created_at=BEFORE), whose(), STALE, FILE, now=NOW
        ).decision
        is Decision.CLEAR
    )


def test_a_maintainer_can_keep_an_item_of_the_target() -> None:
    """By saying that it is not concerned, or that it is to be left."""
    for given in (answer(ownership=Ownership.NOT_OURS), answer(decision=Decision.LEAVE)):
        assert outcome(decided(target_item(), answer=given)) == ("leave", "reviewer", False)


# A maintainer's answer


def test_a_maintainers_answer_on_ownership_beats_the_classifier() -> None:
    """Contradictions included, and it is firm ground for a close."""
    unsure = whose(
        Ownership.UNSURE, contradiction="two owners", grounds=Grounds.TEXT, probability=0.5
    )
    assert outcome(decided(issue(), unsure, answer=answer(ownership=Ownership.OURS))) == (
        "retire",
        "stale",
        True,
    )
    assert outcome(decided(issue(), unsure, answer=answer(ownership=Ownership.NOT_OURS))) == (
        "leave",
        "reviewer",
        False,
    )


def test_a_maintainers_answer_names_the_part() -> None:
    """And is the deciding evidence, with who and when."""
    found = decided(issue(), whose(Ownership.OURS), answer=answer(ownership=Ownership.NOT_OURS))
    assert (found.deciding.signal, found.deciding.actor, found.deciding.at) == (
        "reviewer",
        "mia",
        after(300),
    )
    assert decided(issue(), answer=answer(ownership=Ownership.OURS, part="garden")).part == "garden"


def test_a_maintainer_who_says_active_keeps_it_open_for_good() -> None:
    """Whatever the clock says."""
    found = decided(issue(), verdict=STALE, answer=answer(activity=Activity.ACTIVE))
    assert outcome(found) == ("redirect", "reviewer", False)
    assert found.deciding.actor == "mia"


@pytest.mark.parametrize(("seconds", "decision"), [(-1, "retire"), (0, "retire"), (1, "redirect")])
def test_a_maintainer_who_says_stale_is_overtaken_by_who_speaks_later(
    seconds: int, decision: str
) -> None:
    """They could not know; what is spoken after the answer is new."""
    verdict = alive(Activity.ACTIVE, clock=after(300, seconds))
    assert (
        decided(issue(), verdict=verdict, answer=answer(activity=Activity.STALE)).decision.value
        == decision
    )


def test_a_maintainer_who_says_stale_has_answered_the_author() -> None:
    """The policy for unanswered items is for items that no person looked at."""
    unanswered = alive(Activity.STALE, unanswered=True)
    assert outcome(
        decided(issue(), verdict=unanswered, answer=answer(activity=Activity.STALE))
    ) == ("retire", "reviewer", True)


@pytest.mark.parametrize(
    ("item", "named", "expected"),
    [
        (issue(), Decision.REDIRECT, "redirect"),
        (issue(), Decision.RETIRE, "retire"),
        (issue(), Decision.LEAVE, "leave"),
        (pull_request({"draft": True}), Decision.PORT, "port"),
        (target_item(), Decision.CLEAR, "clear"),
    ],
)
def test_a_decision_that_a_maintainer_names_is_taken(
    item: Item, named: Decision, expected: str
) -> None:
    """Even on what the classifier took for somebody else's."""
    for verdict in (Ownership.NOT_OURS, Ownership.UNSURE, Ownership.OURS):
        found = decided(
            item,
            whose(verdict, grounds=Grounds.TEXT, probability=0.5),
            answer=answer(decision=named),
        )
        assert (found.decision.value, found.code) == (expected, "reviewer")


def test_a_named_close_yields_to_who_has_just_spoken() -> None:
    """Nothing stays closed on which a person has just spoken, even if the maintainer knew of it."""
    found = decided(
        issue(), verdict=alive(clock=after(399)), answer=given_at(399.5, decision=Decision.RETIRE)
    )
    assert outcome(found) == ("redirect", "quiet", False)


@pytest.mark.parametrize(("seconds", "expected"), [(-1, "retire"), (0, "retire"), (1, "redirect")])
def test_a_named_close_is_overtaken_by_who_speaks_later(seconds: int, expected: str) -> None:
    """The maintainer could not know; the rules decide, and the thread counts as active."""
    found = decided(
        issue(),
        verdict=alive(clock=after(300, seconds)),
        now=after(320),
        answer=answer(decision=Decision.RETIRE),
    )
    assert found.decision == expected


def test_a_named_decision_that_keeps_it_open_is_overtaken_by_nobody() -> None:
    """Somebody who speaks wants it open all the more."""
    spoke = alive(Activity.STALE, clock=after(310))
    assert outcome(decided(issue(), verdict=spoke, answer=answer(decision=Decision.LEAVE))) == (
        "leave",
        "reviewer",
        False,
    )


def given_at(day: float, **fields: Any) -> ReviewAnswer:
    """An answer of that day."""
    return ReviewAnswer(by=f"day-{day}", at=after(day), **fields)


def test_a_newer_answer_does_not_take_back_what_it_says_nothing_about() -> None:
    """Whose it is was settled for good; that somebody now also says it is alive changes nothing
    about that."""
    said = together(
        [
            given_at(1, ownership=Ownership.NOT_OURS, part="garden", reason="first"),
            given_at(2, activity=Activity.ACTIVE),
            given_at(3, decision=Decision.LEAVE, reason="last"),
        ]
    )
    assert (said.ownership, said.part, said.activity, said.decision) == (
        Ownership.NOT_OURS,
        "garden",
        Activity.ACTIVE,
        Decision.LEAVE,
    )
    assert (said.by, said.at, said.reason) == ("day-3", after(3), "last")


def test_the_newest_answer_to_a_question_counts() -> None:
    """Whoever gave it."""
    whose_it_is = [
        given_at(1, ownership=Ownership.OURS, part="garden"),
        given_at(2, ownership=Ownership.NOT_OURS),
    ]
    assert (together(whose_it_is).ownership, together(whose_it_is).part) == (Ownership.NOT_OURS, "")
    alive_or_not = [given_at(1, activity=Activity.ACTIVE), given_at(2, activity=Activity.STALE)]
    assert together(alive_or_not).activity is Activity.STALE
    to_do = [given_at(1, decision=Decision.LEAVE), given_at(2, decision=Decision.RETIRE)]
    assert together(to_do).decision is Decision.RETIRE


@pytest.mark.parametrize("closing", [{"activity": Activity.STALE}, {"decision": Decision.RETIRE}])
def test_what_would_close_is_not_carried_into_a_newer_answer(closing: dict[str, Any]) -> None:
    """With the newer date, it would outlive a person who spoke between the two."""
    said = together([given_at(1, **closing), given_at(3, ownership=Ownership.OURS)])
    assert (said.activity, said.decision, said.ownership) == (None, None, Ownership.OURS)


def test_a_newer_answer_on_its_age_replaces_an_older_decision() -> None:
    """Who says that a thread is stale means that it is not to be left."""
    said = together([given_at(1, decision=Decision.LEAVE), given_at(2, activity=Activity.STALE)])
    assert (said.activity, said.decision) == (Activity.STALE, None)


@pytest.mark.parametrize(
    ("item", "named"),
    [
        (issue(), Decision.CLEAR),
        (issue(), Decision.PORT),
        (pull_request(), Decision.RETIRE),
        (target_item(), Decision.RETIRE),
    ],
)
def test_a_named_decision_that_does_not_fit_is_not_taken(item: Item, named: Decision) -> None:
    """Its notice would not be true of the item; the rules decide instead."""
    assert named not in fitting(subject_of(item), FILE)
    assert decided(item, answer=answer(decision=named)).decision is not named


# The record


def test_the_deciding_evidence_of_an_old_item_is_its_last_act() -> None:
    """It is shown to the author."""
    last = Evidence(
        signal="clock", says=Leaning.STALE, value="commented", at=after(3), actor=MAINTAINER.login
    )
    assert decided(issue(), verdict=alive(Activity.STALE, deciding=last)).deciding is last


@pytest.mark.parametrize(
    ("answer_given", "signal"),
    [(Ownership.NOT_OURS, "label.other"), (Ownership.UNSURE, "title.ours")],
)
def test_the_heaviest_evidence_on_its_side_carries_an_ownership_verdict(
    answer_given: Ownership, signal: str
) -> None:
    """Whatever the order in which signals spoke; an unsure one shows the heaviest of all."""
    evidence = (
        Evidence(signal="body.other", says=Leaning.NOT_OURS, weight=-0.5),
        Evidence(signal="title.ours", says=Leaning.OURS, weight=2.5),
        Evidence(signal="label.other", says=Leaning.NOT_OURS, weight=-2.0),
    )
    assert decided(issue(), whose(answer_given, evidence=evidence)).deciding.signal == signal


def test_a_ported_pull_request_shows_the_path_that_makes_it_ours() -> None:
    """If there is one among the evidence."""
    label = Evidence(signal="label.ours", says=Leaning.OURS, weight=9.0)
    path = Evidence(signal="path.inside", says=Leaning.OURS, value="garden/tap.py", weight=4.0)
    assert decided(pull_request(), whose(evidence=(label, path))).deciding is path
    assert decided(pull_request(), whose(evidence=(label,))).deciding is label


def test_the_part_of_a_target_item_is_the_one_that_moved_there() -> None:
    """Where ownership names none."""
    assert decided(target_item(), whose(part="")).part == "garden"
    assert decided(issue(), whose(part="")).part == "garden"


def test_only_acting_decisions_have_a_notice() -> None:
    """Leaving and reviewing write nothing."""
    silent = {decision for decision in Decision if not _record(decision).notice}
    assert silent == {Decision.LEAVE, Decision.REVIEW}


def _record(decision: Decision) -> Decided:
    return Decided(
        decision=decision,
        code="stale",
        message="",
        deciding=Evidence(signal="x", says=Leaning.NEUTRAL),
    )


def test_every_reason_is_a_whole_sentence() -> None:
    """It is shown to people as it is."""
    assert all(text[0].isupper() and text.endswith(".") for text in REASONS.values())


TRIAL = migration_file(
    decisions={"comment_only": True, "redirect": {"label": "moved"}, "welcome": {"close": True}}
)


@pytest.mark.parametrize(
    ("item", "more", "expected"),
    [
        (issue(), {}, ("redirect", "comment_only", False)),
        (issue(), {"ownership": whose(grounds=Grounds.TEXT)}, ("redirect", "comment_only", False)),
        (issue(), {"verdict": ACTIVE}, ("redirect", "active", False)),
        (issue(), {"arrived": True}, ("welcome", "comment_only", False)),
        (pull_request(), {}, ("port", "comment_only", False)),
        (target_item(), {}, ("leave", "comment_only", False)),
    ],
)
def test_in_a_trial_nothing_is_closed_or_labelled(
    item: Item, more: dict[str, Any], expected: tuple[str, str, bool]
) -> None:
    """Everybody is told where to go all the same; in the target repository there is nothing to
    tell."""
    found = decided(item, file=TRIAL, **more)
    assert outcome(found) == expected
    assert (found.label, found.close_reason, found.grace_days) == ("", "", 0)
