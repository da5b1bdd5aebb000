"""What a topic could list of an item's text."""

from __future__ import annotations

import pytest

from migrator.domain.classification.text.document import DocumentReader
from migrator.domain.evaluation.template_lines import find_template
from migrator.domain.evaluation.terms import Term, terms_of
from migrator.domain.rules.ownership import TemplateRules

READER = DocumentReader(TemplateRules())
BODY = """The rose_bed of house.garden.beds wilts.

```
File "house/garden/beds/rose.py", line 3, in water
RoseError: dry
```
"""


@pytest.mark.parametrize(
    "term",
    [
        Term("wilts"),
        Term("dry roses"),
        Term("house garden beds"),
        Term("rose_bed", exact=True),
        Term("RoseError", exact=True),
    ],
)
def test_words_pairs_module_paths_file_prefixes_and_identifiers_are_terms(term: Term) -> None:
    """Each in the form in which a topic would list it."""
    assert term in terms_of(READER.read("Dry roses", BODY))


def test_words_of_every_sentence_are_no_terms() -> None:
    """They name nothing."""
    assert Term("the") not in terms_of(READER.read("The end", "This is the end."))


def test_an_endless_word_costs_nothing() -> None:
    """Text of any length is read, and nothing that long is proposed."""
    found = terms_of(READER.read("x", "a." * 30_000 + "/b" * 30_000 + " " + "A_b" * 20_000))
    assert all(len(term.text) <= 60 for term in found)


def test_what_many_items_share_is_their_template() -> None:
    """A heading with a word below it asks for the machine, one with a log for prose."""
    log = "line of the log " * 20
    bodies = [
        f"- Version of the house: {at}\n\n## Device\n\np{at}\n\n## Log\n\n{log}" for at in range(20)
    ]
    found = find_template(bodies, range(20))
    assert found.sections == {"device": "environment", "log": "prose"}
    assert "version of the house" in found.lines


def test_what_one_report_sent_often_brings_along_is_no_template() -> None:
    """Near-duplicates count once."""
    assert find_template(["## Roses\n\nwilt"] * 20, [0] * 20) == TemplateRules()
