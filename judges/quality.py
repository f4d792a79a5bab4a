"""Broken text, without a language model: flags "degenerate" for nothing, circles, non-words, cut circles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from asru_bench.garble import distinct_2, is_no_word, longest_run, repeats, stuck, symbol_share, words_of
from asru_bench.judge import Judge, Scores
from asru_bench.marks import unmark
from asru_bench.types import Generation, Sample, ScoreRequest, Verdict, World


class Quality(Judge):
    """Label "degenerate", with the reason as evidence. Measures: `words`, `distinct_2`, `no_words` (shares).

    With `low` or `high` set, the mean log-probability per token under base counts too (measure `likelihood`):
    below `low` an answer is noise; above `high` it is degenerate only if it also repeats itself a little,
    since a short correct answer is likely as well.
    """

    version = "2"

    @dataclass(frozen=True)
    class Config:
        least_distinct: float = field(
            default=0.5, metadata={"help": "share of different pairs of words, below: circles", "low": 0.1, "high": 0.9}
        )
        most_no_words: float = field(
            default=0.3, metadata={"help": "share of words that look like none", "low": 0.05, "high": 1.0}
        )
        low: float | None = field(
            default=None,
            metadata={"help": "least mean log-probability under base, in nats", "low": -1000.0, "high": 0.0},
        )
        high: float | None = field(
            default=None, metadata={"help": "most, where an answer also repeats itself", "low": -1000.0, "high": 0.0}
        )

    def requests(self, samples: Sequence[Sample], generations: Sequence[Generation]) -> list[ScoreRequest]:
        if self.config.low is None and self.config.high is None:
            return []
        texts = {g.sample_id: g.text for g in generations if g.finish != "error" and g.text.strip()}
        open_ones = [s for s in samples if s.id in texts and s.kind != "classification"]
        return [ScoreRequest(s.id, s.prompt, texts[s.id]) for s in open_ones]

    def prepare(self, pairs: Sequence[tuple[Sample, Generation]], world: World) -> None:
        """Collects the words that the task itself uses; none of them is a non-word."""
        texts = [value for facts in world.facts.values() for values in facts.values() for value in values]
        texts += [value for seen in world.visible.values() for value in seen.values()]
        texts += [text for sample, _ in pairs for text in (sample.question, sample.answer, sample.value)]
        texts += [text for sample, _ in pairs for _, text in sample.options]
        self.known = frozenset(word.lower() for text in set(texts) for word in words_of(text))

    def verdict(self, sample: Sample, generation: Generation, world: World, scores: Scores) -> Verdict:
        text = unmark(generation.text)
        words = words_of(text)
        low = [word.lower() for word in words]
        odd = [word for word in words if is_no_word(word, self.known)]
        share = len(odd) / len(words) if words else 0.0
        likelihood = scores.get((sample.id, generation.text))
        measures = {"words": len(words), "distinct_2": distinct_2(low), "no_words": share}
        if likelihood is not None:
            measures["likelihood"] = likelihood
        reason = (
            self._broken(generation, text, low)
            or (f"no words: {' '.join(odd[:5])}" if self._nonsense(odd, share) else "")
            or self._unlikely(low, likelihood)
        )
        return self.said(generation, "degenerate" if reason else "", reason, None, **measures)

    def _broken(self, generation: Generation, text: str, words: Sequence[str]) -> str:
        """`text` is the answer without marks of Markdown."""
        if not words:
            return "empty"
        if found := stuck(generation.text):
            return f"stuck: {found}"
        if symbol_share(text) > 0.3:
            return "symbols"
        if found := repeats(words, self.config.least_distinct):
            return found
        times, n = longest_run(words)
        if generation.finish == "length" and (times * n >= 6 or (len(words) >= 8 and distinct_2(words) < 0.8)):
            return "cut while repeating itself"
        return ""

    def _nonsense(self, odd: Sequence[str], share: float) -> bool:
        """Several non-words; a single one may be a name."""
        return len(odd) > 1 and share >= self.config.most_no_words

    def _unlikely(self, words: Sequence[str], likelihood: float | None) -> str:
        if likelihood is None:
            return ""
        if self.config.low is not None and likelihood < self.config.low:
            return f"unlikely under base: {likelihood:.2f}"
        if self.config.high is not None and likelihood > self.config.high and distinct_2(words) < 0.8:
            return f"too likely under base for a text that repeats itself: {likelihood:.2f}"
        return ""
