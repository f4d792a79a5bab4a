"""A whole run through a server: the same record as with the model loaded here, apart from engine and cost."""

from __future__ import annotations

import base64
import hashlib
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from inline import Inline
from loopback import Loopback, completion, question, says
from test_run import result
from tiny_world import keyed, place, spec

from asru_bench import models, openai_engine, plan, retries, stages, trainer
from asru_bench.cli_options import StageOptions
from asru_bench.engines import HFEngine
from asru_bench.folder import RunFolder
from asru_bench.plan import Place
from asru_bench.record import RunRecord, read_record
from asru_bench.run import run, stage
from asru_bench.types import AsruBenchError, ImageRef, Prompt, Request, RunSpec

pytest.importorskip("openai", reason="the extra llm is not installed")


class Serving:
    """Chat completions from checkpoints on disk, one question at a time."""

    def __init__(self, folders: dict[str, Path], work: Path) -> None:
        self.engines = {name: HFEngine(models.load(str(f), device="cpu")) for name, f in folders.items()}
        self.work, self.lock = work, threading.Lock()

    def __call__(self, body: Any) -> Any:
        content = body["messages"][-1]["content"]
        image = None
        if not isinstance(content, str):
            data = base64.b64decode(content[0]["image_url"]["url"].split(",")[1])
            image = ImageRef(str(self.work / f"{hashlib.sha256(data).hexdigest()}.png"))
            Path(image.path).write_bytes(data)
        letters = tuple("ABCD") if body.get("logprobs") else ()
        with self.lock:
            request = Request("s", Prompt(question(body), image), body["max_tokens"], letters)
            (said,) = self.engines[body["model"]].generate([request])
        assert said.finish in ("stop", "length"), said.error
        top = [{"token": t, "logprob": v} for t, v in zip(letters, said.option_logprobs, strict=True)]
        logprobs = {"content": [{"token": "", "logprob": 0.0, "top_logprobs": top}]} if letters else None
        return 200, {}, completion(said.text, body, finish_reason=said.finish, logprobs=logprobs)


@pytest.fixture(autouse=True)
def _own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASRU_BENCH_HOME", str(keyed(tmp_path / "home")))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(trainer, "start", Inline)
    monkeypatch.setattr(retries, "FIRST_PAUSE", 0.01)


@pytest.fixture(scope="module")
def wanted(tiny_dir: Path) -> RunSpec:
    return spec(tiny_dir)


@pytest.fixture(scope="module")
def made_here(wanted: RunSpec, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the run in this process."""
    folder = tmp_path_factory.mktemp("here")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASRU_BENCH_HOME", str(keyed(folder / "home")))
        patch.setattr(trainer, "start", Inline)
        run(wanted, place(folder))
    return folder


@pytest.fixture(scope="module")
def serving(wanted: RunSpec, made_here: Path) -> Serving:
    made = [f.checkpoint for f in folders(wanted, place(made_here)).values()]
    return Serving({openai_engine.served_name(c): Path(c.path) for c in made if c}, made_here)


@pytest.fixture
def local(wanted: RunSpec, made_here: Path, tmp_path: Path) -> RunRecord:
    """The record of the run in this process, whose folders, and so its checkpoint, are here too."""
    shutil.copytree(made_here / "runs", tmp_path / "runs")
    return read_record(folders(wanted, place(tmp_path))["ga"].record_file)


@pytest.fixture
def server(local: RunRecord, serving: Serving) -> Iterator[Loopback]:
    with Loopback(tuple(serving.engines), serving) as running:
        yield running


def folders(wanted: RunSpec, where: Place) -> dict[str, RunFolder]:
    return {cell.spec.method: RunFolder.create(cell) for cell in plan.make([wanted], where).cells}


def served(wanted: RunSpec, tmp_path: Path, server: Loopback, **more: Any) -> tuple[RunSpec, Place]:
    return replace(wanted, engine="openai"), place(tmp_path, engine_url=server.url, **more)


def test_a_served_run_gives_an_equal_record(
    wanted: RunSpec, local: RunRecord, server: Loopback, tmp_path: Path
) -> None:
    other, where = served(wanted, tmp_path, server)
    (record,) = run(other, where)
    ours, theirs = ({k: v for k, v in result(r).items() if k != "spec_hash"} for r in (local, record))
    ours.pop("curves"), theirs.pop("curves")  # they lie with the run that trained
    assert ours.pop("spec") | {"engine": "openai"} == theirs.pop("spec")
    assert ours == theirs
    made = folders(other, where)["ga"]
    name = openai_engine.served_name(made.checkpoint)  # type: ignore[arg-type]
    facts = {"name": "openai", "model": name, "named_by": "content", "server": "loopback"}
    assert record.provenance["engine"] == facts
    assert "engine" not in local.provenance
    assert "127.0.0.1" not in made.record_file.read_text()
    count = len(server.bodies)
    assert run(other, where) == [record]
    assert len(server.bodies) == count


def test_a_server_that_falls_over_is_gone_on_with_later(
    wanted: RunSpec, server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, where = served(wanted, tmp_path, server, batch_size=1)
    monkeypatch.setattr(openai_engine, "GIVE_UP", 2)
    monkeypatch.setattr(retries, "ATTEMPTS", 2)
    serving, count = server.answer, 0

    def falls(body: Any) -> Any:
        nonlocal count
        count += 1
        return serving(body) if count <= 5 else says(503)(body)

    server.answer = falls
    with pytest.raises(AsruBenchError, match="no answer to 2 questions in a row"):
        run(other, where)
    server.answer, server.bodies[:] = serving, []
    (record,) = run(other, where)
    assert record.status == "ok"
    vanilla, _, row = folders(other, where).values()
    assert sum(b["model"] == openai_engine.served_name(row.checkpoint) for b in server.bodies) == 27  # type: ignore[arg-type]
    assert sum(b["model"] == openai_engine.served_name(vanilla.checkpoint) for b in server.bodies) == 27 - 5  # type: ignore[arg-type]


def test_a_failed_question_is_counted_and_asked_again_next_time(
    wanted: RunSpec, server: Loopback, tmp_path: Path
) -> None:
    other, where = served(wanted, tmp_path, server)
    server.script["Ada was born in [Blank]."] = [says(400, "no")] * 3
    (record,) = run(other, where)
    assert record.categories["forget"]["failed"] == 1
    assert not any(cells.get("failed") for role, cells in record.categories.items() if role != "forget")


def test_one_folder_may_be_asked_under_a_name_of_the_servers(wanted: RunSpec, server: Loopback, tmp_path: Path) -> None:
    other, where = served(wanted, tmp_path, server)
    where = replace(where, engine_url="")
    with pytest.raises(AsruBenchError, match="add --engine-url"):
        folders(other, where)
    made = folders(other, replace(where, engine_url="http://127.0.0.1:9/v1"))["vanilla"]
    stages.unlearn(made)
    options = StageOptions([made.path], engine_url=server.url, engine_model=server.models[0])
    folder = options.folder_with_place()
    for name in ("generate", "judge", "score"):
        stage(name, folder)
    assert read_record(made.record_file).provenance["engine"]["named_by"] == "user"


def test_an_address_without_the_engine_is_an_error(wanted: RunSpec, tmp_path: Path) -> None:
    with pytest.raises(AsruBenchError, match="add --engine openai"):
        plan.make([wanted], place(tmp_path, engine_url="http://localhost:8000/v1"))
