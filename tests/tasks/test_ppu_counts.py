"""Counts of the published data of PPU-Bench, on a folder of that size."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import ppu_folders as made
import pytest

from asru_bench import ppu_rows, ppu_splits


def test_the_published_counts(tmp_path: Path) -> None:
    counts = made.published_counts()
    content = made.splits(counts, {"forget5": 25, "forget10": 50, "forget15": 75, "forget30": 150})
    everything = [(p, k) for p, c in enumerate(counts, 1) for k in made.numbers(c)]
    sensitive, others = ([f for f in everything if (f[1] >= 25) is said] for said in (True, False))
    chosen = {*sensitive[:2_675], *others[:451]}  # 1,104 sensitive facts are kept
    content["persona_split.json"] = {
        "delete_ids": [made.entry(*f) for f in everything if f in chosen],
        "keep_ids": [made.entry(*f) for f in everything if f not in chosen],
    }
    made.write_splits(tmp_path, content)
    owners = {made.fact(*f): made.subject(f[0]) for f in everything}
    files, own = ppu_splits.find_files(tmp_path), json.loads((tmp_path / "universe.json").read_text())["digests"]
    found = {s: ppu_splits.read_forgotten(s, files, owners, own) for s in ppu_splits.SETTINGS}
    assert {s: len(gone) for s, gone in found.items()} == {
        "complete_5": 558, "complete_10": 1_196, "complete_15": 1_826, "complete_30": 3_635,
        "selective": 3_779, "personalized": 3_126,
    } == ppu_splits.FORGOTTEN  # fmt: skip
    kept = {s: len(owners) - len(gone) for s, gone in found.items()}
    assert list(kept.values()) == [11_609, 10_971, 10_341, 8_532, 8_388, 9_041]
    assert found["complete_5"] < found["complete_10"] < found["complete_15"] < found["complete_30"]
    assert len(found["selective"] ^ found["personalized"]) == 1_555
    known = {f: ppu_rows.Fact(p, "", "") for f, p in owners.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ppu_rows.check_facts(known, frozenset())
    del known["Ann_Qa_01"]
    with pytest.warns(UserWarning, match="12166 facts of 500 people; the published data have 12167 of 500"):
        ppu_rows.check_facts(known, frozenset())
