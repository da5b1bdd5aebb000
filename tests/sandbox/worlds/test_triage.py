from __future__ import annotations

from collections import Counter

import pytest

from migrator.sandbox.worlds.rng import Rng
from migrator.sandbox.worlds.triage import plain, triage


def often(title: str, body: str = "") -> Counter[tuple[str, ...]]:
    """What a thousand triagers would set."""
    return Counter(triage(title, body, Rng("test", number)).labels for number in range(1000))


@pytest.mark.parametrize(
    ("title", "label"),
    [
        ("tf.keras.layers.Dense ignores its mask", "comp:keras"),
        ("TFLiteConverter.from_keras_model fails", "comp:lite"),
        ("Check failed in tf.raw_ops.Conv2D", "comp:ops"),
        ("Build from source stops", "type:build/install"),
        ("EarlyStopping callback restores wrong weights", "comp:keras"),
    ],
)
def test_a_title_is_mostly_labelled_by_its_plain_words(title: str, label: str) -> None:
    """More than two in three get it right."""
    assert often(title)[(label,)] > 700


def test_triagers_forget_err_and_contradict_themselves() -> None:
    """Some set nothing, some something wrong, some two owners."""
    sets = often("Keras model is slow", "with a dataset from tf.data on a gpu")
    assert sets[()] > 50
    assert (
        sum(count for labels, count in sets.items() if "comp:keras" not in labels and labels) > 20
    )
    assert (
        sum(count for labels, count in sets.items() if "comp:keras" in labels and len(labels) > 1)
        > 30
    )


def test_a_symmetric_matrix_is_no_metric() -> None:
    """Words are looked for at their beginning."""
    assert ("comp:keras",) not in {
        labels for labels, count in often("symmetric result").items() if count > 100
    }


def test_the_templates_own_lines_say_nothing() -> None:
    """`Bazel version` stands in every form."""
    body = "### Bazel version\n\n_No response_\n\n**CUDA/cuDNN version**\n- GPU model:\nIt hangs."
    assert plain(body).strip() == "It hangs."


def test_a_text_that_says_nothing_gets_no_owner() -> None:
    """But a type."""
    assert often("It does not work")[()] > 900
    assert triage("How to start?", "", Rng(1)).kind == "type:support"
    assert triage("Feature request: more", "", Rng(1)).kind == "type:feature"
    assert triage("Crash at exit", "", Rng(1)).kind == "type:bug"
