"""Explanations are known by their structure, and thanks by what they do not ask for."""

from __future__ import annotations

import pytest

from migrator.domain.classification import activity as judging
from migrator.domain.classification.activity.explanation import GROUPS, WEIGHTS, features
from migrator.domain.classification.activity.sentence import compared
from tests.domain.classification.activity.test_turns import FILE, thread
from tests.domain.classification.activity.test_wordings import (
    ANSWERED,
    ASKED,
    PROMISED,
    REPRODUCED,
    turn_after,
)
from tests.support.threads import OWN, after

EXPLAINED = (
    "M",
    "The washer is softer than the pipe, so the handle moves a little at each turn.",
)


@pytest.mark.parametrize(
    "text",
    [
        EXPLAINED[1],
        "The blue handle is only used for cold water. The drawings always show the red one.",
        "Version 2 taps have two valves, whereas version 1 taps have a single one.",
        "The counter `turns` contains all turns since the start, not those of the last day.",
        "From the photo, your pipe is thicker than the one that this washer fits.",
        "Washers are listed by size in the manual: https://manual.example.org/washers.",
    ],
)
def test_a_comment_that_states_how_something_is_answers_the_author(text: str) -> None:
    """It holds none of the phrases, and its subject is known to nobody here."""
    assert turn_after(("M", text)) == "author"


@pytest.mark.parametrize(
    "text",
    [
        "I am measuring the pipe of our own tap against the drawings.",
        "Hmm, that is strange. The two washers are of slightly different size.",
        "It seems that the blue washer is of another size than the red one.",
        "We should make the drawings of this washer clearer for everybody.",
        "It would be nice to show the size of the washer on the box, too.",
        "Never measured it here. We could measure the next one.",
        "The tap of the kitchen.",
        "Thanks a lot for the photo of the tap!",
    ],
)
def test_work_trouble_and_wishes_of_the_project_answer_nobody(text: str) -> None:
    """A doubt leaves the turn with the project, so the item stays open."""
    assert turn_after(("M", text)) == "maintainers"


def test_an_explanation_leaves_what_was_acknowledged_as_it_is() -> None:
    """Somebody still has to do what was promised."""
    assert turn_after(PROMISED, EXPLAINED) == "maintainers"
    assert turn_after(REPRODUCED, EXPLAINED) == "maintainers"


@pytest.mark.parametrize(
    ("title", "turn"),
    [("How is the flow measured?", "author"), ("The flow is too low", "maintainers")],
)
def test_a_title_that_asks_makes_an_answer_more_likely(title: str, turn: str) -> None:
    """The same comment, and another question."""
    item = thread(("M", "By the number of drips for each day of the week."), title=title)
    assert judging.judge(item, FILE, now=after(400), own=OWN).awaiting == turn


def test_what_is_shown_of_an_explanation_is_no_greeting() -> None:
    """The sentence is evidence on the item's page."""
    item = thread(("M", "Hi @author,\n\n" + EXPLAINED[1]))
    reply = judging.judge(item, FILE, now=after(400), own=OWN).reply
    assert reply is not None
    assert reply.sentence == EXPLAINED[1]


def test_every_feature_has_its_weight() -> None:
    """A feature without a weight would end in an error on some comment."""
    everything = [
        "Hmm, you are busy since we should look into it, but I am looking at https://a.example.",
        "Is that the only way, maybe with a better handle, for example?",
        "The rest of this comment says the same in other words, so that there are many of them.",
    ]
    found = set(features(list(compared(everything)), code=True, after_question=True))
    assert found <= WEIGHTS.keys()
    assert set(GROUPS) <= WEIGHTS.keys()
    few = set(features(list(compared(["It is so."])), code=False, after_question=False))
    assert set(WEIGHTS) - {"bias"} == found | few | set(GROUPS)


@pytest.mark.parametrize(
    "text",
    [
        "I see, thanks!",
        "Thank you for clearing that, appreciate it!",
        "@mia thanks for your help again!",
        "Got it. Thank you. So it should be the red handle.",
        "Ah ok, that explains it. Thanks!",
        "Thanks for the pointer, I'll use that.",
        "Perfect! That is exactly what I needed.",
        "Confirmed. Thank you!",
        "Ah, OK, I expected to find this in the manual, not on the box. Thanks!",
        "Oh, I didn't know that. Thanks a lot.",
        "Thanks, I wasn't paying attention!\n\nCheers :)",
        "I stand corrected, thanks for the explanation!",
        "Fixed with this:\n```\nturn()\n```",
    ],
)
def test_thanks_that_say_a_little_more_end_the_matter_after_an_answer(text: str) -> None:
    """And change nothing where nothing was answered."""
    assert turn_after(ANSWERED, ("A", text)) == "nobody"
    assert turn_after(EXPLAINED, ("A", text)) == "nobody"


@pytest.mark.parametrize(
    "text",
    [
        "Thanks, here is the photo: https://photos.example.org/1",
        "Thank you. Waiting for the washer.",
        "Thanks for the reply. I have added the size to the description.",
        "Thanks for your comment. I meant that the handle moves by itself.",
        "Ok, it does not work. Thanks.",
        "Ah ok, but the tap drips as before. Thanks.",
        "I see it on the blue tap as well.",
        "I see, so the valve is on the left. I believe that this should be in the manual then.",
        "Thanks a lot. Could you please tell me which washer fits?",
    ],
)
def test_thanks_of_an_author_who_wants_more_hand_the_turn_back(text: str) -> None:
    """A link, a wish or a trouble beside the thanks is for the project."""
    assert turn_after(ANSWERED, ("A", text)) == "maintainers"


def test_an_author_who_closes_ends_the_matter_whatever_else_is_said() -> None:
    """Even where the sentence denies something."""
    text = "I haven't really seen this since I changed the washer, so will close it for now."
    assert turn_after(ASKED, ("A", text)) == "nobody"
    assert turn_after(ASKED, ("A", "I will not close this.")) == "maintainers"


def test_thanks_alone_end_nothing_that_was_not_answered() -> None:
    """A question stays with the author, and a promise with the project."""
    assert turn_after(ASKED, ("A", "Ok, thanks for looking!")) == "author"
    assert turn_after(ASKED, ("A", "It is a tap of 2019, thanks!")) == "maintainers"
    assert turn_after(PROMISED, ("A", "Great, thanks for looking!")) == "maintainers"
    assert turn_after(("A", "Great, thanks for looking!")) == "maintainers"


def test_a_matter_that_the_author_ended_stays_ended_by_remarks() -> None:
    """A side note reopens nothing; a question, a trouble or a promise does."""
    over = (ANSWERED, ("A", "I see, thanks!"))
    note = "I suggest a longer handle for everybody. For example the red one."
    assert turn_after(*over, ("M", "Note that you can turn it both ways.")) == "nobody"
    assert turn_after(*over, ("A", "The red one is 20 cm long.")) == "nobody"
    assert turn_after(*over, ("A", note)) == "maintainers"
    assert turn_after(*over, ("A", "Does that hold for the red one?")) == "maintainers"
    assert turn_after(*over, ("A", "It still drips.")) == "maintainers"
    assert turn_after(*over, PROMISED) == "maintainers"
    assert turn_after(*over, ("O", "I have the same problem.")) == "maintainers"


def test_what_a_colleague_is_asked_is_not_asked_of_the_author() -> None:
    """Known by a name that is not the author's, unless only the author can tell."""
    ask = "@tri which washer fits this tap?"
    assert turn_after(("T", "Adding the label."), ("M", ask)) == "maintainers"
    assert turn_after(("M", ask)) == "maintainers"
    assert turn_after(("M", "@tri which version of the tap is it?")) == "author"
    assert turn_after(("M", "@ada which washer fits this tap?")) == "author"


@pytest.mark.parametrize(
    "text",
    [
        "I consider this blocked until the valve of the new house is fixed.",
        "Blocked by the water company.",
        "Great that you found the problem! We will change the washer.",
        "Good that you got this leak to show, thanks for the drawing.",
        "Leaving this issue open until a washer is there.",
        "The red washer will be added to the box.",
        "Both would be pretty simple to add, if you or someone else wants to try it.",
        "There is no drawing of it, but we probably should.",
        "Reduced test case: a single tap. The problem is that the washer is too soft.",
    ],
)
def test_what_waits_for_something_else_is_neither_fixed_nor_answered(text: str) -> None:
    """It stays with the project."""
    assert turn_after(("M", text)) == "maintainers"


@pytest.mark.parametrize(
    "text",
    [
        "This is a dupe of #12.",
        "Closing for the same reason as #12.",
        "There is nothing to do on our side, closing it.",
        "Closing here.",
        "Same drip as #31, this is a duplicate.",
        "I close this because it is obsolete.",
        "The change for this issue has been merged, closing.",
        "Glad you got it to work, closing issue.",
        "Glad you figured it out!",
        "Great to hear that you found a solution.",
        "Thanks for the wish. I am moving the discussion to the pull request that you opened.",
        "Automatically closing this out since it was resolved, but please let me know if not.",
    ],
)
def test_what_was_reported_before_or_is_closed_is_nobodys(text: str) -> None:
    """The matter goes on in another place, or not at all."""
    assert turn_after(("M", text)) == "nobody"


@pytest.mark.parametrize(
    "text",
    [
        "Please report this in the source repository of the tap.",
        "This should be opened in the pipes repo instead.",
        "Please post this kind of question on Stack Overflow.",
        "This repository is archived.",
        "This is as designed.",
        "No need to open an issue for that.",
        "We use issues only for bugs. Please use the forum for questions.",
        "Sorry, the drawings are confidential and cannot be shared.",
        "This looks like a user-land bug. Please post questions at https://forum.example.org.",
        "This is a usage question.",
        "Since this is no bug and no wish, the forum is the better place to ask.",
        "This looks like an issue of the pipes. Please post it in the pipes repository.",
    ],
)
def test_after_a_refusal_only_the_author_can_come_back(text: str) -> None:
    """The project has said its last word, and it did not close the issue."""
    assert turn_after(("M", text)) == "author"
    assert turn_after(("M", text), ("A", "Ok, thanks!")) == "nobody"
    assert turn_after(("M", text), ("A", "It still drips with the new pipe.")) == "maintainers"
    assert turn_after(("M", text), ("O", "I have the same problem.")) == "maintainers"


@pytest.mark.parametrize(
    "text",
    [
        "Could you share the plan in your repository?",
        "Could you post the code in a gist?",
        "Please show the drawing that you use for comparison.",
        "Is this a duplicate of #12?",
    ],
)
def test_a_request_that_names_a_place_is_a_request(text: str) -> None:
    """The author is asked, and not sent away."""
    assert turn_after(("M", text)) == "author"
