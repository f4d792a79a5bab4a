"""Processes that `accelerate launch` or `torchrun` started: the first runs the command, the others help to train.

Only the first process reads the command line, asks, judges and writes. What trains is a *job*: each process starts
a child for it, and these train together (`ranks.py`). So a job's library state and GPU memory end with it, and an
error in any child ends all children with one message, printed by the first process.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from asru_bench import shown

#: Says to a child which part of a job it is.
MEMBER = "ASRU_BENCH_MEMBER"
#: Says to the process that trains which one waits for it.
PARENT = "ASRU_BENCH_PARENT"
#: Exit code of a child that ended because another one failed.
STOPPED = 3
#: Commands that are one job.
JOBS = ("memorise", "unlearn")
#: Seconds between looks at the others, and how long a child that should end by itself may take.
LOOK, GRACE, LAST_WORDS = 0.2, 5.0, 20.0
#: How a process fares, as it tells the others: well, out of memory, failed.
FINE, FULL, FAILED = 0, 1, 2
LAUNCHER = ("RANK", "LOCAL_RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
#: What launchers leave for the libraries, which would then spread over processes what is not theirs.
PREFIXES = ("GROUP_", "ROLE_", "TORCHELASTIC_", "ACCELERATE_")


class Elsewhere(RuntimeError):
    """Another process ran `out of memory` (FULL) or failed."""

    def __init__(self, status: int) -> None:
        super().__init__("out of memory in another process" if status == FULL else "another process failed")
        self.status = status


@dataclass(frozen=True)
class Member:
    """One child of a job: its number among `world`, `beside` of them on this machine; `parent` is a process id."""

    rank: int
    world: int
    beside: int
    host: str
    port: int
    job: int
    parent: int


def member() -> Member | None:
    """Which part of a job this process is; None where it trains alone."""
    text = os.environ.get(MEMBER)
    return Member(**json.loads(text)) if text else None


def follows() -> bool:
    """Whether this process only helps: another one writes."""
    found = member()
    return found is not None and found.rank > 0


def for_child() -> dict[str, str]:
    """What the environment of a child says that does this process's part of a job."""
    own = member()
    return {PARENT: str(os.getpid())} | ({MEMBER: json.dumps(asdict(replace(own, parent=os.getpid())))} if own else {})


def end_with_parent(parent: int) -> None:
    """Ends this process when the one that started it is gone, however it went."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


class Crew:
    """The processes of one launch; `rank` 0 runs the command."""

    def __init__(self, rank: int, world: int, local: int, beside: int, address: tuple[str, int], hosted: bool) -> None:
        from torch.distributed import PrefixStore, TCPStore

        self.rank, self.world, self.local, self.beside, self.address = rank, world, local, beside, address
        own = rank == 0 and not hosted  # torchrun keeps a store itself
        store = TCPStore(*address, is_master=own, wait_for_workers=False)
        self.store: Any = PrefixStore("asru-bench", store)
        self.jobs = 0

    def environment(self, job: int) -> dict[str, str]:
        """The environment of this process's child: its part, and the one GPU that is its own."""
        own = Member(self.rank, self.world, self.beside, *self.address, job, os.getpid())
        visible = os.environ.get("CUDA_VISIBLE_DEVICES", "")
        cards = [card for card in visible.split(",") if card] or [str(n) for n in range(self.beside)]
        card = cards[self.local] if self.local < len(cards) else ""
        return os.environ | {MEMBER: json.dumps(asdict(own)), "CUDA_VISIBLE_DEVICES": card}

    def failure(self, job: int) -> str:
        """What the first helper that failed said; empty where none did."""
        key = f"failed/{job}"
        return self.store.get(key).decode() if self.store.check([key]) else ""

    def follow(self) -> int:
        """Works at job after job until the first process ends; the exit code."""
        for job in range(1 << 30):
            if not self._comes(f"job/{job}"):
                return 0
            self._help(job)
        return 0

    def over(self, job: int) -> bool:
        """Whether the first process is done with a job."""
        return self.store.check([f"over/{job}"]) or self.store.check(["end"])

    def _comes(self, key: str) -> bool:
        while not self.store.check([key]):
            if self.store.check(["end"]):
                return False
            time.sleep(LOOK)
        return True

    def _help(self, job: int) -> None:
        words = json.loads(self.store.get(f"job/{job}"))
        with tempfile.TemporaryFile() as said:
            child = subprocess.Popen(
                [sys.executable, "-m", "asru_bench", *words],
                env=self.environment(job),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
            try:
                while (code := child.poll()) is None and not self.over(job):
                    time.sleep(LOOK)
            finally:
                _end(child)
            if code not in (0, None, STOPPED):
                said.seek(0)
                text = _last_error(said.read().decode(errors="replace"), code)
                self.store.set(f"failed/{job}", f"process {self.rank} of {self.world}: {text}")
        while not self.over(job):
            time.sleep(LOOK)


class Together:
    """The first process's child of a job, and those of the others, as one `subprocess.Popen`.

    Where any fails, all end, the code is not 0, and `tell` gets the message of the one that failed, unless that
    is the child here, which speaks for itself.
    """

    def __init__(self, crew: Crew, words: Sequence[str], tell: Callable[[str], None], **streams: Any) -> None:
        self.crew, self.tell, self.job = crew, tell, crew.jobs
        crew.jobs += 1
        crew.store.set(f"job/{self.job}", json.dumps(list(words)))
        environment = crew.environment(self.job) | streams.pop("env", {})
        self.child = subprocess.Popen([sys.executable, "-m", "asru_bench", *words], env=environment, **streams)
        self.code: int | None = None

    def poll(self) -> int | None:
        """The exit code, None where the job goes on."""
        if self.code is None:
            code, said = self.child.poll(), self.crew.failure(self.job)
            if code is not None or said:
                self._close(code, said)
        return self.code

    def wait(self, timeout: float | None = None) -> int:
        """Waits for the end; raises `subprocess.TimeoutExpired` after `timeout` seconds."""
        end = time.monotonic() + timeout if timeout is not None else float("inf")
        while (code := self.poll()) is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired(self.child.args, timeout or 0.0)
            time.sleep(LOOK)
        return code

    def terminate(self) -> None:
        self.child.terminate()

    def kill(self) -> None:
        self.child.kill()

    def _close(self, code: int | None, said: str) -> None:
        if code is None:  # a helper failed: the child here notices, or waits for it in vain
            try:
                code = self.child.wait(GRACE)
            except subprocess.TimeoutExpired:
                _end(self.child)
                code = STOPPED
        end = time.monotonic() + LAST_WORDS
        while code == STOPPED and not said and time.monotonic() < end:
            time.sleep(LOOK)
            said = self.crew.failure(self.job)
        if code == STOPPED:
            self.tell(said or "training stopped: a process beside this one ended without a word (memory?).")
            code = 1
        self.crew.store.set(f"over/{self.job}", "")
        self.code = code


#: The crew that this process belongs to, if it was launched with others.
_crew: Crew | None = None


def crew() -> Crew | None:
    """The crew whose first process this is, None in a plain process."""
    return _crew


def main(app: Callable[[], None]) -> None:
    """Runs the command `app`: alone, as a child of a job, as the first of a crew, or as its helper."""
    global _crew
    if (part := member()) is not None:
        end_with_parent(part.parent)
        app()
        return
    _crew = join()
    if _crew is None:
        app()
    elif _crew.rank:
        raise SystemExit(_follow(_crew))
    else:
        try:
            _lead(_crew, app)
        finally:
            _crew.store.set("end", "")


def join() -> Crew | None:
    """The crew that a launcher's variables speak of; they are taken away, so that no library acts on them."""
    if not all(name in os.environ for name in ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")):
        return None
    world = int(os.environ["WORLD_SIZE"])
    sharded = [name for name in ("FSDP", "DEEPSPEED", "MEGATRON_LM") if _on(f"ACCELERATE_USE_{name}")]
    values = {name: os.environ.pop(name, "") for name in LAUNCHER}
    hosted = _on("TORCHELASTIC_USE_AGENT_STORE")
    for name in [name for name in os.environ if name.startswith(PREFIXES)]:
        del os.environ[name]
    if world < 2:
        return None
    if sharded and values["RANK"] == "0":
        print(
            f"error: accelerate is set up for {sharded[0]}, which divides a model over GPUs; here every process holds "
            "the whole model. Type: accelerate launch --multi_gpu --num_processes N -m asru_bench …",
            file=sys.stderr,
        )
    if sharded:
        raise SystemExit(1)
    address = (values["MASTER_ADDR"], int(values["MASTER_PORT"]))
    local, beside = int(values["LOCAL_RANK"] or 0), int(values["LOCAL_WORLD_SIZE"] or 1)
    return Crew(int(values["RANK"]), world, local, beside, address, hosted)


def _lead(crew: Crew, app: Callable[[], None]) -> None:
    words = sys.argv[1:]
    if not words or words[0] not in JOBS or {"-h", "--help"} & set(words):
        app()
        return

    def tell(message: str) -> None:
        shown.say(f"error: {message}")

    work = Together(crew, words, tell)
    try:
        code = work.wait()
    except BaseException:
        _end(work.child)
        raise
    raise SystemExit(code if code >= 0 else 1)


def _follow(crew: Crew) -> int:
    try:
        return crew.follow()
    except KeyboardInterrupt:
        return 130
    except RuntimeError:  # the store is gone, and with it the first process
        return 1


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(GRACE)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _last_error(text: str, code: int) -> str:
    errors = [line for line in text.splitlines() if line.startswith("error: ")]
    if errors:
        return errors[-1].removeprefix("error: ")
    how = f"killed by {signal_name(-code)}" if code < 0 else f"exit code {code}"
    last = next((line for line in reversed(text.splitlines()) if line.strip()), "it said nothing")
    return f"{how}; its last words: {last.strip()}"


def signal_name(number: int) -> str:
    """A signal that ended a process, with its name; systems kill what takes too much memory by SIGKILL alone."""
    try:
        name = signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"signal {number}"
    hints = {"SIGKILL": "; out of memory?", "SIGSEGV": "; a crash in compiled code"}
    return f"signal {number} ({name}{hints.get(name, '')})"


def _on(name: str) -> bool:
    return os.environ.get(name, "").lower() in ("1", "true", "yes")
