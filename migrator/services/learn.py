"""``learn``: topics, weights and bars from items whose owner is known, and an honest estimate of
how good they are on others.

The same fit as `migrator fit`, on topics that are proposed anew from each training part: what is
reported of an item comes from topics, weights and bars that never saw it or a near-duplicate of it.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any

import msgspec

from migrator.domain.calibration import ShareSource, at_share
from migrator.domain.classification.signals.labels import by_side
from migrator.domain.classification.text.document import DocumentReader
from migrator.domain.evaluation import proposals, training
from migrator.domain.evaluation.bars import ChosenBars, choose_bars
from migrator.domain.evaluation.precision_recall import Evaluation, LabelledVerdict, combined
from migrator.domain.evaluation.precision_recall import evaluate as count
from migrator.domain.evaluation.proposals import LearningItems, TopicProposal, with_topics
from migrator.domain.evaluation.template_lines import find_template, with_template
from migrator.domain.evaluation.terms import terms_of
from migrator.domain.items import Item
from migrator.domain.rules import MigrationFile
from migrator.domain.rules.ownership import Fitted, MeasuredVerdicts, TemplateRules
from migrator.errors import InputFileError
from migrator.services.evaluate import LEAST_CONFIDENCE, counts, positive_of
from migrator.services.fit import FOLDS, Bench, groups_of, measured_of, summary
from migrator.services.labelled_data import SURE, LabelledItem, read_labelled

LEAST_OURS = 20
"""Items of ours below which nothing is learned: a figure on fewer says nothing."""
LEAST_NOT_OURS = 20
"""The same for items of others."""
REPEATS = 5
OURS, NOT_OURS = "ours", "not_ours"

LearnProgress = Callable[[str, int, int], None]
"""Called with what is done, how much of it, and of how much."""


@dataclass(frozen=True, slots=True)
class LearnPlan:
    """What is learned with: the label that means ours, further names, and for which stream.

    ``exported`` are names that the moved package exports; ``labels`` further labels of other owners
    that the source has. ``mix`` is the share of ours in the stream, by default the file's.
    """

    positive: str = ""
    exported: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    repeats: int = REPEATS
    mix: float | None = None


@dataclass(frozen=True, slots=True)
class TrainingData:
    """Labelled items, where they come from in words, and the SHA-256 of that."""

    rows: Sequence[LabelledItem]
    positive: str
    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class LearnedRules:
    """What was learned, ready to be written, and the report, ready for JSON. ``judged`` are
    verdicts on the items, each by what was learned without it."""

    template: TemplateRules
    topics: tuple[TopicProposal, ...]
    bars: ChosenBars
    weights: dict[str, float]
    fitted: Fitted
    measured: MeasuredVerdicts
    judged: tuple[LabelledVerdict, ...]
    report: dict[str, Any]


def from_csv(path: Path, file: MigrationFile, positive: str = "") -> TrainingData:
    """The rows of a labelled CSV file that were surely labelled. Raises ``InputFileError``."""
    labelled = read_labelled(path, file.migration.source)
    rows = [row for row in labelled.rows if counts(row, LEAST_CONFIDENCE)]
    return TrainingData(rows, positive_of(path, rows, file, positive), path.name, labelled.digest)


def from_closed(items: Iterable[Item], file: MigrationFile) -> TrainingData:
    """Closed issues with the owner that their labels tell, judged by their text alone.

    Issues without a label that the file lists, or with labels of both sides, are left out.
    """
    of_sides = by_side(file.ownership.labels)
    rows = []
    for item in items:
        ours, others = of_sides(item.labels)
        if bool(ours) != bool(others):
            rows.append(_by_label(item, OURS if ours else NOT_OURS))
    digest = hashlib.sha256()
    for row in rows:
        digest.update(f"{row.id} {row.owner} {row.item.title}\n{row.item.body}\0".encode())
    name = f"closed, labelled issues of {file.migration.source}"
    return TrainingData(rows, OURS, name, digest.hexdigest())


def _by_label(item: Item, owner: str) -> LabelledItem:
    """The text of an item with its owner: neither labels nor comments may tell it again."""
    bare = Item(
        repository=item.repository,
        number=item.number,
        title=item.title,
        body=item.body,
        created_at=item.created_at,
        updated_at=item.created_at,
    )
    return LabelledItem(id=item.key, item=bare, owner=owner, confidence=SURE)


def learn(
    data: TrainingData, file: MigrationFile, plan: LearnPlan, progress: LearnProgress
) -> LearnedRules:
    """Learn from labelled items. Deterministic; raises ``InputFileError`` for too few items."""
    ours = [row.owner == data.positive for row in data.rows]
    _refuse_too_few(data, sum(ours))
    learner = _Learner(file, data, ours, plan)
    share, source = _mix(plan.mix, file, ours)
    everything = list(range(len(data.rows)))
    repeats = []
    for seed in range(plan.repeats):
        progress("cross-validation", seed, plan.repeats)
        repeats.append(learner.out_of_fold(seed))
    progress("cross-validation", plan.repeats, plan.repeats)
    bars = choose_bars([one for fold in repeats for one, _ in fold], share)
    judged = tuple(one for one, _ in repeats[0])
    topics = learner.proposed(everything)
    weights = learner.fitted(topics, everything)
    return LearnedRules(
        template=learner.template,
        topics=tuple(topics),
        bars=bars,
        weights=weights,
        fitted=Fitted(data=data.name, digest=data.digest, rows=len(everything), ours=sum(ours)),
        measured=measured_of(judged, bars.ours_at),
        judged=judged,
        report=_report(repeats, topics, bars, share, source),
    )


def _refuse_too_few(data: TrainingData, ours: int) -> None:
    """Raise ``InputFileError`` where a figure would rest on too few items."""
    for count_of, least, side in (
        (ours, LEAST_OURS, "ours"),
        (len(data.rows) - ours, LEAST_NOT_OURS, "of others"),
    ):
        if count_of < least:
            raise InputFileError(
                f"{data.name}: {count_of} of {len(data.rows)} labelled items are {side}; "
                f"learning needs {least}",
                cure="raise --items, list more labels in [ownership.labels], or label some "
                "by hand and give them as a CSV file",
            )


def _mix(
    given: float | None, file: MigrationFile, ours: Sequence[bool]
) -> tuple[float, ShareSource]:
    """The share of ours in the stream, and where it comes from."""
    if given is not None:
        return given, ShareSource.OPTION
    if file.ownership.share:
        return file.ownership.share, ShareSource.FILE
    return sum(ours) / len(ours), ShareSource.ANSWERS


class _Learner:
    """Items read once into terms, so that proposing again and again is cheap."""

    def __init__(
        self, file: MigrationFile, data: TrainingData, ours: Sequence[bool], plan: LearnPlan
    ) -> None:
        self._data = data
        self._plan = plan
        self._ours = ours
        self._groups = groups_of(data.rows)
        self.template = find_template([row.item.body for row in data.rows], self._groups)
        self._file = with_template(file, self.template)
        reader = DocumentReader(self._file.ownership.template)
        self._terms = [terms_of(reader.read(row.item.title, row.item.body)) for row in data.rows]

    def proposed(self, at: Sequence[int]) -> list[TopicProposal]:
        """Topics from the items at these places alone: first names, then words for what names,
        code and errors leave unexplained."""
        items = LearningItems(
            terms={i: self._terms[i] for i in at},
            ours={i: self._ours[i] for i in at},
            groups={i: self._groups[i] for i in at},
        )
        named = proposals.from_names(
            self._file, items, exported=self._plan.exported, labels=self._plan.labels
        )
        named = self._named_once(named)
        bench = self._bench(named, as_sampled=True)
        log_odds = bench.log_odds(at, bench.fitted(at))
        topics = with_topics(self._file, named).ownership.topics
        known = proposals.listed_terms(topics.values())
        return self._named_once([*named, *proposals.from_words(items, log_odds, known)])

    def _named_once(self, topics: Sequence[TopicProposal]) -> list[TopicProposal]:
        """The topics under names that neither the file nor another of them has."""
        taken = set(self._file.ownership.topics)
        renamed = []
        for topic in topics:
            name = next(
                name
                for name in itertools.chain(
                    [topic.name], (f"{topic.name}-{at}" for at in itertools.count(2))
                )
                if name not in taken
            )
            taken.add(name)
            renamed.append(replace(topic, name=name))
        return renamed

    def fitted(self, topics: Sequence[TopicProposal], at: Sequence[int]) -> dict[str, float]:
        """Weights with these topics from the items at these places."""
        return self._bench(topics).fitted(at)

    def out_of_fold(self, seed: int) -> list[tuple[LabelledVerdict, int]]:
        """A verdict on each item with its fold, by topics and weights from the other folds."""
        fold = training.folds(self._groups, FOLDS, seed)
        judged: list[tuple[LabelledVerdict, int]] = []
        for number in range(FOLDS):
            known = [at for at, place in enumerate(fold) if place != number]
            asked = [at for at, place in enumerate(fold) if place == number]
            bench = self._bench(self.proposed(known))
            judged += [(one, number) for one in bench.judged(asked, bench.fitted(known))]
        return judged

    def _bench(self, topics: Sequence[TopicProposal], *, as_sampled: bool = False) -> Bench:
        """The items under the file with these topics; ``as_sampled`` for the items' own share
        of ours."""
        file = with_topics(self._file, topics)
        if as_sampled:
            rules = file.ownership.model_copy(update={"share": 0.0})
            file = file.model_copy(update={"ownership": rules})
        return Bench(file, self._data.rows, self._data.positive, groups=self._groups)


def _crossed(judged: Sequence[tuple[LabelledVerdict, int]], share: float) -> Evaluation:
    """Counts with bars that were chosen on the other folds."""
    parts = []
    for number in range(FOLDS):
        bars = choose_bars([one for one, fold in judged if fold != number], share)
        here = [bars.answered(one) for one, fold in judged if fold == number]
        parts.append(count(here, bars.split_at))
    return combined(parts)


def _report(
    repeats: Sequence[Sequence[tuple[LabelledVerdict, int]]],
    topics: Sequence[TopicProposal],
    bars: ChosenBars,
    share: float,
    source: ShareSource,
) -> dict[str, Any]:
    """The report, ready for JSON."""
    results = [_crossed(judged, share) for judged in repeats]
    return {
        "cross_validation": summary(results),
        "repeats": [_one(result) for result in results],
        **_in_stream(results, share, source),
        "bars": {
            "not_ours_at": bars.not_ours_at,
            "ours_at": bars.ours_at,
            "split_at": bars.split_at,
        },
        "topics": [_topic(topic) for topic in topics],
    }


def _one(result: Evaluation) -> dict[str, Any]:
    """What one repeat came to: its spread over the repeats is how far to trust a figure."""
    return {
        "f1": result.at_split.f1,
        "precision": result.at_split.precision,
        "recall": result.at_split.recall,
        "missed": result.missed,
        "wrong_ours": result.automatic.false_ours,
        "review_share": result.review_share,
    }


def _in_stream(results: Sequence[Evaluation], share: float, source: ShareSource) -> dict[str, Any]:
    """What the automatic answers are worth in a stream with this share of ours."""
    ours, others = results[0].ours, results[0].n - results[0].ours
    right = round(fmean(result.automatic.true_ours for result in results))
    wrong = round(fmean(result.automatic.false_ours for result in results))
    waiting = [
        fmean(part)
        for part in (
            [result.review_ours / ours for result in results],
            [(result.review - result.review_ours) / others for result in results],
        )
    ]
    return {
        "mix": share,
        "mix_source": str(source),
        "expected_precision": msgspec.to_builtins(at_share(share, (right, ours), (wrong, others))),
        "expected_recall": fmean(result.automatic_recall for result in results),
        "expected_review_share": share * waiting[0] + (1.0 - share) * waiting[1],
    }


def _topic(topic: TopicProposal) -> dict[str, Any]:
    rule = topic.topic()
    return {
        "name": topic.name,
        "owner": topic.owner,
        "prior": topic.prior,
        "source": topic.source,
        "words": list(rule.words),
        "names": list(rule.names),
        "ours": topic.ours,
        "not_ours": topic.not_ours,
    }
