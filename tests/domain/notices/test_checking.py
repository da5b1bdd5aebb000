"""What is wrong with the texts is found before any of them is posted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from migrator.domain.notices import (
    FormField,
    IssueTemplate,
    NoticeChange,
    NoticeEdit,
    TargetFacts,
    check_templates,
)
from migrator.domain.notices.samples import NOW, samples
from migrator.domain.notices.view import NoticeContext, edit_view, notice_view
from migrator.domain.rules import MigrationFile

TARGET = "keras-team/keras"


def with_template(file: MigrationFile, name: str, text: str) -> MigrationFile:
    """The file with one template of its own."""
    return file.model_copy(
        update={"notices": file.notices.model_copy(update={"templates": {name: text}})}
    )


def test_the_preset_has_no_problem(file: MigrationFile) -> None:
    """The built-in texts work for every sample, with commands and without."""
    assert check_templates(file, {TARGET: TargetFacts()}) == []


@pytest.mark.parametrize(
    ("name", "text", "cause"),
    [
        ("farewell", "x", "no notice is named 'farewell'"),
        ("retire", "{% if", "line 1 of the template"),
        ("retire", "\n{{ a b }}", "line 2 of the template"),
        ("retire", "{{ itme.title }} {{ part.new_address }}", "'itme' is undefined"),
        ("retire", "{{ item.body }}", "has no attribute 'body'"),
        (
            "retire",
            "Good bye.",
            "the new address https://github.com/keras-team/keras does not appear",
        ),
        (
            "retire",
            "{{ part.new_address }}\n<!-- open",
            "the hidden marker at the end is swallowed",
        ),
        ("retire", "{{ part.new_address }}\n```", "the hidden marker at the end is swallowed"),
        ("retire", "{{ part.new_address }}<details>", ""),
        ("yielded", "{{ change.nothing }}", "has no attribute 'nothing'"),
        ("port", "{{ part.new_address }}{{ port.moves[3].old }}", "fails"),
        ("port", "{{ part.new_address }}{{ item.title.__init__ }}", "unsafe"),
        ("undone", "Sorry.", ""),
    ],
)
def test_a_template_is_tried_out(file: MigrationFile, name: str, text: str, cause: str) -> None:
    """Each fault is named with its key and cause, once; what is in order is not."""
    problems = check_templates(with_template(file, name, text))
    assert len(problems) == (1 if cause else 0)
    for problem in problems:
        assert problem.key == f"notices.templates.{name}"
        assert cause in problem.cause
        assert problem.cure


FORM = IssueTemplate(
    filename="bug.yml", fields=(FormField(id="story"), FormField(id="version", type="input"))
)


@pytest.mark.parametrize(
    ("template", "field", "facts", "cause"),
    [
        ("", "", TargetFacts(), ""),
        ("bug.yml", "story", TargetFacts(blank_issues=False, templates=(FORM,)), ""),
        ("bug.yml", "", TargetFacts(blank_issues=False, templates=(FORM,)), ""),
        ("bug.yml", "tale", TargetFacts(templates=(FORM,)), "has no field 'tale'"),
        ("bug.yml", "version", TargetFacts(templates=(FORM,)), ""),
        ("old.md", "", TargetFacts(templates=(FORM,)), "has no issue template 'old.md'"),
        ("", "", TargetFacts(blank_issues=False), "takes no text from an address"),
        ("", "", TargetFacts(has_issues=False), "takes no issues"),
        ("", "", TargetFacts(archived=True), "takes no issues"),
    ],
)
def test_the_way_into_the_new_repository_is_checked(
    file: MigrationFile, template: str, field: str, facts: TargetFacts, cause: str
) -> None:
    """A template or field that the target does not have would lose people's texts."""
    refile = file.parts[0].refile.model_copy(update={"template": template, "body_field": field})
    part = file.parts[0].model_copy(update={"refile": refile})
    problems = check_templates(file.model_copy(update={"parts": (part,)}), {TARGET: facts})
    assert [cause in problem.cause for problem in problems] == ([True] if cause else [])


def test_the_documentation_names_every_variable_that_templates_may_use(file: MigrationFile) -> None:
    """``docs/notices.md`` and the context are compared both ways."""
    text = (Path(__file__).parents[3] / "docs/notices.md").read_text(encoding="utf-8")
    table = text.split("| variable | holds |")[1].split("\n\n")[0]
    documented = {name for name in re.findall(r"`([a-z_.]+)`", table) if "." in name} - {
        "notices.contributing"
    }
    scene = NoticeContext(file=file, facts={}, commands_served=True)
    sample = next(samples(file, "port"))
    change = NoticeChange(edit=NoticeEdit.LANDED, at=NOW)
    views = [
        notice_view(scene, sample.item, sample.decided, sample.ownership, sample.activity, now=NOW),
        edit_view(scene, sample.item, file.parts[0], "port", change),
    ]
    real = {
        f"{name}.{key}"
        for view in views
        for name, value in view.items()
        if isinstance(value, Mapping)
        for key in value
    }
    assert documented == real
