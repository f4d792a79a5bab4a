"""Replies of graders: those kept from before, those asked now, and what they cost. What failed is not kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from asru_bench import shown
from asru_bench.grader import Call, Grader, Reply
from asru_bench.judge import Desk

TABLE = "replies"
#: Replies written at once: the most that a crash loses.
CHUNK = 32


class Tally:
    """Counts over all graders of one judge; `facts` are the same however many runs the replies took."""

    def __init__(self, desk: Desk, judge: str) -> None:
        self.desk, self.judge = desk, judge
        self.tokens: Counter[str] = Counter()
        self.names: dict[str, set[str]] = {}
        self.refused: dict[str, list[str]] = {}

    def replies(self, grader: Grader, calls: Sequence[Call]) -> dict[str, Reply]:
        """Key -> reply. Each new reply is kept when it comes, so that nothing is asked twice."""
        distinct = {call.key: call for call in calls}
        found = {key: Reply(key, **kept) for key, kept in self._kept(list(distinct)).items()}
        before, fresh = len(found), []
        missing = [call for key, call in distinct.items() if key not in found]
        try:
            for reply in grader.ask_all(missing, self.desk.concurrency) if missing else ():
                found[reply.key] = reply
                fresh += [] if reply.error else [reply]
                if len(fresh) >= CHUNK:
                    fresh = self._keep(fresh)
                self.desk.say(f"{grader.model}: {len(found)} of {len(distinct)} verdicts{self._cost(grader)}")
        finally:
            self._keep(fresh)
        self.tokens[grader.model] += sum(reply.tokens for reply in found.values() if not reply.error)
        self.names.setdefault(grader.model, set()).update(r.answered_as for r in found.values() if not r.error)
        self.refused[grader.model] = grader.refused
        self._report(grader, found, before)
        return found

    def facts(self, names: Mapping[str, str]) -> dict[str, Any]:
        """By judge name: the model asked, the names that answered, tokens, settings that the server refused."""
        models = {}
        for model, judge in names.items():
            models[judge] = {"model": model, "answered_as": sorted(self.names.get(model, ()))}
            models[judge] |= {"refused_settings": self.refused[model]} if self.refused.get(model) else {}
        return {"models": models, "tokens": sum(self.tokens.values())}

    def _kept(self, keys: Sequence[str]) -> dict[str, Any]:
        return self.desk.cache.get(TABLE, keys) if self.desk.cache else {}

    def _keep(self, replies: Sequence[Reply]) -> list[Reply]:
        if self.desk.cache and replies:
            self.desk.cache.put(TABLE, {reply.key: reply.to_json() for reply in replies})
        return []

    def _report(self, grader: Grader, found: Mapping[str, Reply], before: int) -> None:
        """One line a grader, and why verdicts failed, the most frequent reason first."""
        failed = Counter(reply.error for reply in found.values() if reply.error)
        line = f"{self.judge} ({grader.model}): {len(found)} verdicts, {before} kept from before"
        line += f", {failed.total()} failed" if failed else ""
        shown.say(line + self._cost(grader))
        for reason, count in failed.most_common(3):
            shown.say(f"  {count} × {reason}")

    def _cost(self, grader: Grader) -> str:
        budget = grader.budget
        money = f", {budget.spent:.2f} US dollars" if any(budget.prices) else ""
        return f"; {budget.made} calls{money}"
