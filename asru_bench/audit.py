"""What a record says about how its answers came about: the engine, what it could not give, and whether
answers depend on what else was in the batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from asru_bench import fingerprint, plan
from asru_bench.types import Generation, Request

if TYPE_CHECKING:
    from asru_bench.engines import Engine, HFEngine
    from asru_bench.folder import RunFolder
    from asru_bench.store import Store

#: So many questions are asked again alone, in runs that are large enough for it to be a small part.
SAMPLE, LEAST = 32, 64


def note(
    folder: RunFolder,
    engine: Engine,
    asked: Sequence[Request],
    answers: Sequence[Generation],
    store: Store,
    fresh: int,
) -> None:
    """Keeps the facts for the record; `answers` belong to `asked`, in its order.

    Without fresh answers the server was not asked: what is noted stays.
    """
    from asru_bench.engines import HFEngine

    earlier = folder.state.get("engine", {})
    facts = engine.facts() if fresh or not earlier else dict(earlier)
    facts |= option_logprobs(asked, answers)
    if isinstance(engine, HFEngine) and folder.spec.method not in plan.REFERENCES:
        facts |= batch_invariance(engine, asked, answers, store)
    if facts != earlier:
        folder.note("engine", **facts)


def option_logprobs(asked: Sequence[Request], answers: Sequence[Generation]) -> dict[str, Any]:
    """How often the options' log-probabilities were wanted and not given; {} where nothing is missing."""
    wanted = [a for r, a in zip(asked, answers, strict=True) if r.options and a.finish != "error"]
    missing = sum(len(a.option_logprobs) == 0 for a in wanted)
    if not missing:
        return {}
    return {"option_logprobs": {"status": "unavailable", "missing": missing, "asked": len(wanted)}}


def batch_invariance(
    engine: HFEngine, asked: Sequence[Request], answers: Sequence[Generation], store: Store
) -> dict[str, Any]:
    """Share of `SAMPLE` questions whose text differs when asked alone, nothing shared; {} for runs under `LEAST`.

    The questions are drawn by the hash of their id, so that every method on a task is tested on the same ones; sampled
    answers are left out.
    """
    given = {a.sample_id: a for a in answers if a.finish != "error"}
    able = sorted(
        (r for r in asked if r.sample_id in given and not r.draw), key=lambda r: fingerprint.digest(r.sample_id)
    )
    if len(able) < LEAST:
        return {}
    sample = able[:SAMPLE]
    key = "alone:" + fingerprint.digest([[given[r.sample_id].key, given[r.sample_id].text] for r in sample])
    if not (found := store.get("notes", [key])):
        alone = list(replace(engine, batch_size=1, share=False, _keys={}).generate(sample))
        differ = sum(a.text != given[a.sample_id].text for a in alone if a.finish != "error")
        failed = sum(a.finish == "error" for a in alone)
        compared = len(alone) - failed
        found = {key: {"asked": len(alone), "failed": failed, "differ": differ}}
        found[key] |= {"share": round(differ / compared, 4) if compared else None}
        store.put("notes", found)
    return {"batch_audit": found[key]}
