"""What was learned as TOML: a fragment that a person can read, and the same put into a migration
file."""

from __future__ import annotations

import json
import re
import textwrap
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from migrator.domain.evaluation.proposals import STRUCTURE, TopicProposal
from migrator.domain.evaluation.terms import Term
from migrator.domain.rules.ownership import TemplateRules
from migrator.services.fit import tables_of, written
from migrator.services.learn import LearnedRules

_WIDTH = 100
_SOURCES = {
    "file": "A name that the file has",
    "package": "Names that the package exports",
    "items": "A word of the items",
}
_BY_HAND = "# The file has this table: change or add these lines in it, or let --write do it."


def fragment(learned: LearnedRules, toml: str) -> str:
    """The tables for a migration file whose text is ``toml``; stays valid TOML at its end.

    A table cannot stand twice in a file: what belongs into one that the file has already is in
    comments.
    """
    rules = tomllib.loads(toml).get("ownership", {})
    stands = re.search(r"^\s*\[ownership\]", toml, re.MULTILINE) is not None
    lines = [*_heading(learned), *_table("ownership", _bars(learned), stands=stands)]
    if priors := _missing_priors(rules):
        lines += ["# What code, errors and agreement say in any project, in log-odds."]
        lines += _table("ownership.priors", priors, stands="priors" in rules)
    lines += [*_template(learned.template, rules), *_topics(learned)]
    fitted = tables_of(learned.weights, learned.fitted, learned.measured).splitlines()
    if {"weights", "fitted", "measured"} & rules.keys():
        fitted = [_BY_HAND, *(f"# {line}".rstrip() for line in fitted)]
    return "\n".join([*lines, *fitted]) + "\n"


def merged(learned: LearnedRules, toml: str) -> str:
    """The text of a migration file with everything learned in it; what else it says stays."""
    rules = tomllib.loads(toml).get("ownership", {})
    text = _with_keys(toml, "ownership", _bars(learned))
    text = _with_keys(text, "ownership.priors", _missing_priors(rules))
    fitted = tables_of(learned.weights, learned.fitted, learned.measured)
    return written(
        text, "\n".join([*_template(learned.template, rules), *_topics(learned), fitted])
    )


def _template(template: TemplateRules, rules: Mapping[str, Any]) -> list[str]:
    """The headings and lines that many items share; none where the file states some itself."""
    if rules.get("template") or not (template.sections or template.lines):
        return []
    lines = ["[ownership.template]", "# Headings and lines that many items share."]
    lines += ["lines = [", *(f"  {json.dumps(line)}," for line in template.lines), "]", ""]
    lines += ["  [ownership.template.sections]"]
    lines += [f'  {json.dumps(name)} = "{role}"' for name, role in template.sections.items()]
    return [*lines, ""]


def _topics(learned: LearnedRules) -> list[str]:
    return [line for topic in learned.topics for line in _topic(topic)]


def _heading(learned: LearnedRules) -> list[str]:
    validated, fitted = learned.report["cross_validation"], learned.fitted
    text = (
        f"Learned by `migrator learn` from {fitted.rows} labelled items, {fitted.ours} of them "
        f"ours ({fitted.data}). Cross-validated: precision {validated['precision']:.2f}, recall "
        f"{validated['recall']:.2f}, F1 {validated['f1']['mean']:.2f} (worst "
        f"{validated['f1']['worst']:.2f}); {validated['missed']['mean']:.1f} of ours missed, "
        f"{validated['review_share']['mean']:.0%} for a maintainer. Counts are items, with "
        "near-duplicates counted once. Take out any topic that names nothing, then run "
        "`migrator fit` on the same items."
    )
    return [*(f"# {line}" for line in textwrap.wrap(text, _WIDTH - 2)), ""]


def _bars(learned: LearnedRules) -> dict[str, float]:
    return {
        "ours_at": learned.bars.ours_at,
        "not_ours_at": learned.bars.not_ours_at,
        "split_at": learned.bars.split_at,
    }


def _missing_priors(rules: Mapping[str, Any]) -> dict[str, float]:
    """Priors of what every project has and these rules state none for."""
    stated = rules.get("priors", {})
    return {name: value for name, value in STRUCTURE.items() if name not in stated}


def _table(header: str, values: Mapping[str, float], *, stands: bool) -> list[str]:
    lines = [f"[{header}]", *(f"{_key(name)} = {value}" for name, value in values.items())]
    return [*([_BY_HAND, *(f"# {line}" for line in lines)] if stands else lines), ""]


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name)


def _topic(topic: TopicProposal) -> list[str]:
    lines = [
        f"[ownership.topics.{topic.name}]",
        f"# {_SOURCES[topic.source]}: in {topic.ours} items of ours, {topic.not_ours} of others.",
        f'owner = "{topic.owner}"',
        f"prior = {topic.prior}",
    ]
    for key, exact in (("words", False), ("names", True)):
        if terms := [term for term in topic.terms if term.exact is exact]:
            lines += _listed(key, terms, topic.each)
    return [*lines, ""]


def _listed(key: str, terms: Sequence[Term], each: Mapping[Term, tuple[int, int]]) -> list[str]:
    """One key with its list; first the terms that were seen, with their counts, then the
    others."""
    if len(terms) == 1:
        return [f"{key} = [{json.dumps(terms[0].text)}]"]
    seen = sorted(
        (term for term in terms if any(each.get(term, (0, 0)))),
        key=lambda term: (-sum(each[term]), term),
    )
    rest = ", ".join(json.dumps(term.text) for term in terms if term not in set(seen))
    lines = [f"{key} = ["]
    lines += [
        f"  {json.dumps(term.text)}, # {each[term][0]} ours, {each[term][1]} of others"
        for term in seen
    ]
    if rest:
        lines += ["  # Not seen in these items:"]
        wrapped = textwrap.wrap(f"{rest},", _WIDTH - 2, break_long_words=False)
        lines += [f"  {line}" for line in wrapped]
    return [*lines, "]"]


def _with_keys(toml: str, header: str, values: Mapping[str, float]) -> str:
    """The text with these keys set in a table, which is added if it is not there."""
    if not values:
        return toml
    lines = toml.splitlines()
    start = next((at for at, line in enumerate(lines) if line.strip() == f"[{header}]"), None)
    new = [f"{_key(name)} = {value}" for name, value in values.items()]
    if start is None:
        return "\n".join([*lines, "", f"[{header}]", *new]) + "\n"
    end = next(
        (at for at in range(start + 1, len(lines)) if lines[at].lstrip().startswith("[")),
        len(lines),
    )
    keys = "|".join(re.escape(_key(name)) for name in values)
    kept = [line for line in lines[start + 1 : end] if not re.match(rf"\s*(?:{keys})\s*=", line)]
    return "\n".join([*lines[: start + 1], *new, *kept, *lines[end:]]) + "\n"
