"""The prefilled address: valid and short whatever people wrote, and it keeps as much of it as
fits."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from migrator.domain.clean_text import clean
from migrator.domain.evidence import MaintainerReply, ReplyKind
from migrator.domain.items import Item
from migrator.domain.marker import find_origins
from migrator.domain.notices.facts import FormField, IssueTemplate, TargetFacts
from migrator.domain.notices.quoting import ZERO_WIDTH_SPACE, block
from migrator.domain.notices.refile import preface, refile
from migrator.domain.rules import MigrationFile, Part

BLANK = TargetFacts()
FORM = IssueTemplate(
    filename="bug.yml",
    fields=(
        FormField(id="version", type="input", required=True),
        FormField(id="more", type="textarea"),
        FormField(id="what-happened", type="textarea", required=True),
    ),
)
MARKDOWN = IssueTemplate(filename="bug.md")


@pytest.fixture
def part(file: MigrationFile) -> Part:
    """The moved part."""
    return file.parts[0].model_copy(
        update={
            "refile": file.parts[0].refile.model_copy(update={"template": "", "body_field": ""})
        }
    )


def item(title: str = "A title", body: str = "A text") -> Item:
    """An issue with this title and text."""
    return Item(
        repository="tensorflow/tensorflow",
        number=4711,
        url="https://github.com/tensorflow/tensorflow/issues/4711",
        title=title,
        body=body,
        created_at=datetime(2019, 5, 1, tzinfo=UTC),
        updated_at=datetime(2019, 5, 1, tzinfo=UTC),
    )


def parameters(url: str) -> dict[str, str]:
    """Decoded parameters of an address; fails if one is broken or given twice."""
    found = parse_qs(
        urlsplit(url).query, keep_blank_values=True, strict_parsing=True, errors="strict"
    )
    return {name: value for name, (value,) in found.items()}


PART = Part.model_validate(
    {
        "name": "keras",
        "title": "Keras",
        "target": "keras-team/keras",
        "old_address": "https://example.com/old",
        "new_address": "https://example.com/new",
        "paths": ({"old": "a", "new": "b"},),
    }
)
ANY_TEXT = st.text(max_size=400).map(lambda text: text * 40) | st.text(max_size=3000)


@settings(max_examples=150, deadline=None)
@given(title=st.text(max_size=400), body=ANY_TEXT)
@example(title="", body="")
@example(title="😀" * 300, body="😀" * 3000)
@example(title="t", body="```python\n" + "@tf.function\n" * 900)
@example(title="t", body="\x00" * 9000)
@example(title="\ud800", body="\udfff" * 10)
@example(title="t", body="`" * 9000)
def test_any_text_gives_a_short_valid_address_that_carries_its_beginning(
    title: str, body: str
) -> None:
    """Under 8,000 bytes, decodable, and what it decodes to is a prefix of the text."""
    found = refile(item(title, body), PART, BLANK)
    assert len(found.url.encode("ascii")) < 8000
    sent = parameters(found.url)
    assert set(sent) <= {"title", "body"}
    head = preface(item(title, body), cut=found.cut)
    assert sent.get("body", "").startswith(head)
    carried = sent["body"][len(head) :]
    whole = block(body)
    if not found.cut:
        assert carried == whole
    else:
        kept = carried.removesuffix("\n\n…").removesuffix(" -->")
        fence = kept.rstrip("`~")
        assert whole.startswith((kept, fence.removesuffix("\n")))


@given(title=st.text(max_size=400))
def test_the_title_is_kept(title: str) -> None:
    """On one line, up to the length that GitHub takes."""
    sent = parameters(refile(item(title), PART, BLANK).url)
    assert sent.get("title", "") == " ".join(clean(title).split())[:256]


def test_a_cut_text_says_so_and_keeps_most_of_the_room(part: Part) -> None:
    """What does not fit is named at the top, where nobody overlooks it."""
    found = refile(item(body="word " * 5000), part, BLANK)
    sent = parameters(found.url)
    assert found.cut
    assert "please read the rest there" in sent["body"].split("\n")[0]
    assert sent["body"].endswith("…")
    assert len(found.url) > 7500


def test_code_that_is_cut_is_ended(part: Part) -> None:
    """The sign of the cut stands outside of the code."""
    sent = parameters(refile(item(body="```\n" + "x = 1\n" * 5000), part, BLANK).url)
    assert sent["body"].endswith("\n```\n\n…")


def test_a_hidden_comment_that_is_cut_is_ended(part: Part) -> None:
    """The sign of the cut is not hidden in somebody's template."""
    sent = parameters(refile(item(body="<!-- " + "x " * 5000), part, BLANK).url)
    assert sent["body"].endswith(" -->\n\n…")


def test_the_new_issue_links_back_without_a_backlink(part: Part) -> None:
    """The old item is named with its redirecting address, and hidden for machines."""
    sent = parameters(refile(item(), part, BLANK).url)
    assert "https://redirect.github.com/tensorflow/tensorflow/issues/4711" in sent["body"]
    assert "//github.com" not in sent["body"]
    assert find_origins(sent["body"]) == (("tensorflow/tensorflow", 4711),)


def test_the_new_issue_mails_nobody(part: Part) -> None:
    """Mentions of the old text are quiet in the new one."""
    sent = parameters(refile(item(body="cc @octocat, see #12"), part, BLANK).url)
    assert f"@{ZERO_WIDTH_SPACE}octocat" in sent["body"]
    assert f"#{ZERO_WIDTH_SPACE}12" in sent["body"]


def test_labels_are_never_asked_for(part: Part) -> None:
    """GitHub answers 404 to outsiders whose address sets labels."""
    assert "labels=" not in refile(item(), part, BLANK).url


def test_a_blank_issue_needs_no_template(part: Part) -> None:
    """Where blank issues are on, the text goes into one, whatever templates there are."""
    assert set(parameters(refile(item(), part, TargetFacts(templates=(FORM, MARKDOWN))).url)) == {
        "title",
        "body",
    }


@pytest.mark.parametrize(
    ("templates", "expected"),
    [
        pytest.param(
            (FORM, MARKDOWN), {"template": "bug.md", "field": "body"}, id="Markdown before forms"
        ),
        pytest.param(
            (FORM,),
            {"template": "bug.yml", "field": "what-happened"},
            id="required text area of a form",
        ),
    ],
)
def test_where_blank_issues_are_off_a_template_takes_the_text(
    part: Part, templates: tuple[IssueTemplate, ...], expected: dict[str, str]
) -> None:
    """Without ``template=`` GitHub shows its chooser, and the text would be lost."""
    sent = parameters(
        refile(item(), part, TargetFacts(blank_issues=False, templates=templates)).url
    )
    assert sent["template"] == expected["template"]
    assert sent[expected["field"]].endswith("A text")


def test_where_nothing_takes_a_text_the_chooser_is_named(part: Part) -> None:
    """An address that would lose the text is not offered as prefilled."""
    form = msgspec.structs.replace(FORM, fields=(FormField(id="version", type="input"),))
    found = refile(item(), part, TargetFacts(blank_issues=False, templates=(form,)))
    assert not found.prefilled
    assert found.url == "https://github.com/keras-team/keras/issues/new/choose"


def test_the_migration_file_has_the_last_word(part: Part) -> None:
    """A template and field that the file names are used, whatever the repository shows."""
    chosen = part.refile.model_copy(update={"template": "other.yml", "body_field": "story"})
    sent = parameters(refile(item(), part.model_copy(update={"refile": chosen}), BLANK).url)
    assert sent["template"] == "other.yml"
    assert sent["story"].endswith("A text")


def test_an_enterprise_server_keeps_its_host(part: Part) -> None:
    """The address is on the server where the item is, and the way back is shown as code there."""
    there = msgspec.structs.replace(item(), url="https://github.example.com/a/b/issues/1")
    found = refile(there, part, BLANK, base="https://github.example.com")
    assert found.url.startswith("https://github.example.com/keras-team/keras/issues/new?")
    assert "`https://github.example.com/a/b/issues/1`" in parameters(found.url)["body"]


def test_a_refiled_issue_says_who_reproduced_it_when_and_where(part: Part) -> None:
    """The new repository's maintainers need not do it again; the link leaves no backlink."""
    url = "https://github.com/tensorflow/tensorflow/issues/4711#issuecomment-1"
    seen = MaintainerReply(
        kind=ReplyKind.ACKNOWLEDGED,
        at=datetime(2020, 2, 12, tzinfo=UTC),
        actor="mia",
        url=url,
        sentence="I could.",
    )
    body = parameters(refile(item(), part, BLANK, reproduced=seen).url)["body"]
    link = "https://redirect.github.com/tensorflow/tensorflow/issues/4711#issuecomment-1"
    assert f"\n\nReproduced by mia on 12 February 2020: {link}\n\n" in body
    assert "Reproduced" not in parameters(refile(item(), part, BLANK).url)["body"]


@pytest.mark.parametrize(
    ("fields", "template"),
    [
        ({"title": "Feature request: a faster LSTM"}, "20_feature_request.md"),
        ({"labels": ("type:feature",)}, "20_feature_request.md"),
        ({"labels": ("enhancement",)}, "20_feature_request.md"),
        ({"title": "LSTM returns NaN"}, ""),
    ],
)
def test_a_feature_request_uses_the_template_for_these(
    part: Part, fields: dict[str, object], template: str
) -> None:
    """Also where blank issues are allowed; a report of a problem does not."""
    facts = TargetFacts(templates=(MARKDOWN, IssueTemplate(filename="20_feature_request.md")))
    found = parameters(refile(msgspec.structs.replace(item(), **fields), part, facts).url)
    assert found.get("template", "") == template
