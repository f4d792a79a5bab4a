"""Sampled answers of PPU-Bench: what is asked; their scores are in `test_ppu_scores.py`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import ppu_folders as made
from asru_bench.tasks.ppu_bench import Config, PPUBench

from asru_bench.types import Decoding


def test_draws_ask_every_open_question_many_times(tmp_path: Path) -> None:
    hub, decoding = str(made.write_ppu(tmp_path)), Decoding()
    built = PPUBench(Config(draws=3), data=hub)
    samples = built.samples()
    plain = [s for s in samples if s.split == "ppu_eval_generation"]
    drawn = [s for s in samples if s.split == "drawn"]
    assert len(drawn) == 3 * len(plain)
    assert {s.role for s in drawn} == {"probe"}
    same = next(s for s in plain if (s.tags, s.modality) == (drawn[0].tags[:-1], drawn[0].modality))
    greedy, first = built.request(same, decoding), [built.request(s, decoding) for s in drawn[:3]]
    assert [r.draw for r in first] == [1, 2, 3]
    assert {replace(r, draw=0, sample_id=greedy.sample_id) for r in first} == {greedy}
    assert {built.request(s, decoding).draw for s in samples if s.split != "drawn"} == {0}
    limited = PPUBench(Config(setting="complete_30", draws=1), data=hub, limit=2).samples()
    asked = [{s.tags[0] for s in limited if s.split == name} for name in ("ppu_eval_generation", "drawn")]
    assert asked[0] == asked[1] != set()
    paper = PPUBench(Config(variant="paper", draws=1), data=hub)
    assert {paper.request(s, decoding).max_new_tokens for s in paper.samples()} == {50}
    assert not [s for s in PPUBench(Config(), data=hub).samples() if s.split == "drawn"]
