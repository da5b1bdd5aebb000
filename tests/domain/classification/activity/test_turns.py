"""Whose turn it is, read from what was said: every kind of a maintainer's comment, and what
authors and others do to it."""

from __future__ import annotations

import pytest

from migrator.domain.classification import activity as judging
from migrator.domain.evidence import ActivityVerdict, ReplyKind
from migrator.domain.items import Actor, Comment, EventKind, Item
from tests.support.threads import (
    AUTHOR,
    MAINTAINER,
    OTHER,
    OWN,
    TRIAGER,
    activity,
    after,
    comment,
    event,
    issue,
    pull_request,
)

FILE = activity()
PEOPLE = {"A": AUTHOR, "M": MAINTAINER, "O": OTHER, "T": TRIAGER}


def thread(*said: tuple[str, str], **fields: object) -> Item:
    """An issue on which one thing was said a day: by the author ``A``, a maintainer ``M``, a
    triager ``T`` or another ``O``."""
    comments = tuple(
        comment(PEOPLE[who], after(day), text) for day, (who, text) in enumerate(said, 1)
    )
    return issue(comments=comments, **fields)


def judged(item: Item) -> ActivityVerdict:
    """The verdict long after the last word."""
    return judging.judge(item, FILE, now=after(400), own=OWN)


KINDS = [
    (
        "Was able to reproduce the leak with the new tap. Please find the photo here.",
        "acknowledged",
    ),
    ("I can also replicate this.", "acknowledged"),
    ("Will take a look today.", "acknowledged"),
    ("Someone is actively working on this.", "acknowledged"),
    ("I think this is a bug. Thanks for finding this.", "acknowledged"),
    ("Good catch, the documentation is wrong.", "acknowledged"),
    ("Adding Mara, who owns the pipes.", "acknowledged"),
    ("This is not a bug, but we'll update the manual.", "acknowledged"),
    ("Pull requests: contributions are welcome.", "acknowledged"),
    ("Could you please share a photo of the tap?", "asked"),
    ("Please provide the size of the pipe. Thanks!", "asked"),
    ("Which version of the tap is it?", "asked"),
    ("Did you try the blue handle?", "asked"),
    ("Could you please try the latest tap and let us know if the issue persists?", "asked"),
    ("I could reproduce the leak. Could you tell us more about your sink?", "asked"),
    ("You should close the valve first.", "answered"),
    ("Please refer to [the manual](https://manual.example.org).", "answered"),
    ("It drips because the washer is worn.", "answered"),
    ("I could not reproduce it with the new tap.", "answered"),
    ("I could reproduce it with 1.0, but it was fixed in 2.0.", "answered"),
    ("The leak should now be fixed.", "answered"),
    ("Fixed in https://github.com/acme/taps/commit/1f2e3d", "answered"),
    ("I am closing this issue as it was resolved, but please tell us if I am wrong.", "answered"),
    ("This is intended behaviour.", "refused"),
    ("We have no plans to add this.", "refused"),
    ("This question is better asked on the forum, it is not a bug.", "refused"),
    ("Closing this issue due to lack of recent activity.", "canned"),
    ("Thank you for opening this issue!", "canned"),
]


@pytest.mark.parametrize(("text", "kind"), KINDS)
def test_a_maintainers_comment_has_a_kind_and_the_sentence_that_shows_it(
    text: str, kind: str
) -> None:
    """The sentence is one of the comment's, for the item's page and the notice."""
    reply = judged(thread(("M", text))).reply
    assert reply is not None
    assert reply.kind == kind
    assert reply.sentence
    assert reply.sentence in text
    assert (reply.actor, reply.at, reply.url) == (
        "mia",
        after(1),
        comment(MAINTAINER, after(1)).url,
    )


@pytest.mark.parametrize(
    "text",
    [
        "@someone",
        "I could run it.",
        "> You should close the valve.",
        "```\nplease provide a photo\n```",
        "",
        "It is blue.",
    ],
)
def test_a_comment_that_fits_no_kind_leaves_the_turn(text: str) -> None:
    """A doubt keeps the item open. Quotations and code are not what a maintainer said."""
    verdict = judged(thread(("M", text)))
    assert (verdict.reply, verdict.awaiting, verdict.unanswered) == (None, "maintainers", True)


ASK, ANSWER, REPRODUCED, PROMISE = (
    "Could you please share a photo?",
    "You should close the valve first.",
    "I was able to reproduce this.",
    "We will fix it in the next release.",
)
REFUSED, FIXED, CANNED = (
    "This is working as intended.",
    "This was fixed in version 2.",
    "Is this still an issue?",
)

TURNS = [
    ([], "maintainers"),
    ([("M", REPRODUCED)], "maintainers"),
    ([("M", ASK)], "author"),
    ([("M", ANSWER)], "author"),
    ([("M", REFUSED)], "author"),
    ([("M", ASK), ("A", "Here it is: photo.png")], "maintainers"),
    ([("M", ANSWER), ("A", "That did not help, it still drips.")], "maintainers"),
    ([("M", ANSWER), ("A", "Thanks a lot!")], "nobody"),
    ([("M", ANSWER), ("A", "Great, that works now.")], "nobody"),
    ([("M", ANSWER), ("A", "It works when I turn it off.")], "maintainers"),
    ([("M", ANSWER), ("A", "Thanks, I will try.")], "author"),
    ([("M", ASK), ("A", "Thanks!")], "author"),
    ([("M", REFUSED), ("A", "But the manual says otherwise.")], "maintainers"),
    ([("M", REFUSED), ("O", "Same problem here.")], "maintainers"),
    ([("M", ASK), ("O", "I have a photo: photo.png")], "maintainers"),
    ([("M", ASK), ("O", "You can use tape instead.")], "author"),
    ([("M", ANSWER), ("O", "It still happens to me.")], "maintainers"),
    ([("M", ANSWER), ("O", "Nice tap.")], "author"),
    ([("M", REPRODUCED), ("M", ANSWER)], "maintainers"),
    ([("M", REPRODUCED), ("M", FIXED)], "nobody"),
    ([("M", REPRODUCED), ("M", ASK)], "author"),
    ([("M", PROMISE), ("M", ANSWER), ("A", "I will try, thanks")], "maintainers"),
    ([("M", PROMISE), ("M", FIXED), ("A", "I will try, thanks")], "author"),
    ([("M", PROMISE), ("M", ASK)], "author"),
    (
        [
            ("M", PROMISE),
            ("M", "Can you please send a pull request?"),
            ("A", "I am working on it right now."),
        ],
        "author",
    ),
    ([("M", REPRODUCED), ("M", "Could you please try the latest version?")], "maintainers"),
    ([("M", REPRODUCED), ("T", "Are you still facing this?")], "maintainers"),
    ([("M", CANNED), ("A", "No, we moved to another house.")], "nobody"),
    ([("M", CANNED), ("A", "Yes, it is.")], "maintainers"),
    ([("A", "Never mind, figured it out.")], "nobody"),
    ([("O", "You can use tape instead."), ("A", "That worked, thank you!")], "nobody"),
    (
        [
            ("O", "You can use tape instead."),
            ("A", "It works with tape, but it should not be needed."),
        ],
        "maintainers",
    ),
    ([("T", "Please share code to reproduce.")], "author"),
    ([("T", "Are you still facing this?")], "maintainers"),
]


@pytest.mark.parametrize(
    ("said", "turn"),
    TURNS,
    ids=lambda value: (
        value if isinstance(value, str) else " / ".join(w + ":" + t[:18] for w, t in value)
    ),
)
def test_the_turn_follows_from_what_was_said_in_order(
    said: list[tuple[str, str]], turn: str
) -> None:
    """An item whose turn is the maintainers' is never closed for its age."""
    verdict = judged(thread(*said))
    assert verdict.awaiting == turn
    assert verdict.unanswered is (turn == "maintainers")


def test_what_another_copied_without_quotation_marks_is_not_said_again() -> None:
    """A maintainer who repeats the author's question asks nothing."""
    question = "Could you please share the plan of the whole house?"
    verdict = judged(thread(("O", question), ("M", f"{question}\n\nI was able to reproduce this.")))
    assert verdict.reply is not None
    assert verdict.reply.kind is ReplyKind.ACKNOWLEDGED


def test_a_folded_mail_is_not_said_again() -> None:
    """Answers by mail carry the whole thread below them."""
    text = (
        "Will take a look.\n\nOn Thu, Jun 13, 2019 at 1:18 AM ada wrote:\nCould you please "
        "help?\n\n"
        "You are receiving this because you were assigned."
    )
    reply = judged(thread(("M", text))).reply
    assert reply is not None
    assert reply.kind is ReplyKind.ACKNOWLEDGED


def test_comments_of_others_that_show_a_way_out_are_evidence_and_no_answer() -> None:
    """A reviewer sees them; the project has still not spoken."""
    verdict = judged(
        thread(
            ("O", "You can use tape instead."),
            ("O", "It is blue."),
            ("O", "I solved it with glue."),
        )
    )
    shown = [each for each in verdict.evidence if each.signal == "way_out"]
    assert [each.value for each in shown] == [
        "commented You can use tape instead.",
        "commented I solved it with glue.",
    ]
    assert verdict.awaiting == "maintainers"


def test_who_reproduced_it_stays_known_after_later_words() -> None:
    """A refiled issue carries it."""
    verdict = judged(thread(("M", REPRODUCED), ("A", "Thanks, any news?"), ("M", ASK)))
    assert verdict.reproduced is not None
    assert (verdict.reproduced.actor, verdict.reproduced.at) == ("mia", after(1))
    assert {"reply", "reproduced"} <= {each.signal for each in verdict.evidence}


@pytest.mark.parametrize(
    ("offset", "awaiting"), [(-1, "author"), (0, "author"), (1, "maintainers")]
)
def test_a_label_that_asks_gives_way_to_a_later_acknowledgement(
    offset: float, awaiting: str
) -> None:
    """It is often forgotten on the item."""
    labels = (event(EventKind.LABELED, TRIAGER, after(10), label="awaiting response"),)
    item = issue(
        labels=("awaiting response",),
        events=labels,
        comments=(comment(MAINTAINER, after(10 + offset), REPRODUCED),),
    )
    assert judged(item).awaiting == awaiting


def test_a_comment_that_a_label_goes_with_is_the_question() -> None:
    """Even where its words alone would not be read as one."""
    labels = (event(EventKind.LABELED, TRIAGER, after(1, 60), label="awaiting response"),)
    item = thread(
        ("M", "Adding Mara, who owns the pipes."), labels=("awaiting response",), events=labels
    )
    reply = judged(item).reply
    assert reply is not None
    assert (reply.kind, judged(item).awaiting) == (ReplyKind.ASKED, "author")


def test_requested_changes_are_a_question_to_the_author_of_a_pull_request() -> None:
    """And a push hands the turn back."""
    asked = event(EventKind.REVIEWED, OTHER, after(5), detail="CHANGES_REQUESTED", url="r")
    pushed = event(EventKind.COMMITTED, AUTHOR, after(6))
    assert judged(pull_request(events=(asked,))).awaiting == "author"
    assert judged(pull_request(events=(asked, pushed))).awaiting == "maintainers"


def test_an_edited_last_word_is_still_that_word() -> None:
    """Who corrects a spelling has not asked anything."""
    solved = comment(AUTHOR, after(2), "That worked, thank you!", edited_at=after(3), editor=AUTHOR)
    assert (
        judged(issue(comments=(comment(MAINTAINER, after(1), ANSWER), solved))).awaiting == "nobody"
    )


HOSTILE = {
    "quotations": ">" * 65_536,
    "nested lists": "- " * 32_768,
    "sentences": "Can you? " * 7_000,
    "brackets": "[" * 65_536,
    "links": "[a](" * 16_000,
    "one word": "x" * 65_536,
    "spaces": " " * 65_536,
    "questions": "could you please " * 3_800,
    "negations": "not " * 16_000,
    "mentions": "@a " * 21_000,
    "copies": "could you please share a photo of it\n" * 1_700,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_texts_of_the_greatest_length_are_read_in_one_pass(name: str) -> None:
    """By everybody; a quadratic step would take minutes, and the test's time limit would end it."""
    comments: tuple[Comment, ...] = tuple(
        comment(who, after(day), HOSTILE[name])
        for day, who in enumerate((MAINTAINER, AUTHOR, OTHER, TRIAGER))
    )
    assert judged(
        issue(comments=comments, title=HOSTILE[name][:256], body=HOSTILE[name])
    ).awaiting in (
        "maintainers",
        "author",
        "nobody",
    )


def test_nobody_is_asked_by_a_program() -> None:
    """Its words are not a maintainer's."""
    bot: Actor = PEOPLE["M"]
    assert judged(issue(comments=(comment(bot, after(1), ASK, minimized=True),))).reply is None
