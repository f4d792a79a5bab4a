"""Engines turn requests into generations. All decode greedily; answers depend on the request alone.

`HFEngine` runs a loaded model: equal requests are asked once, each distinct picture is encoded once, and
requests are sorted by length into chunks that depend on the complete list only, so that a resumed run
computes the same chunks. Where a chunk is known in part it is computed again as a whole.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from asru_bench import fingerprint
from asru_bench.encoding import encoded, pictures_of
from asru_bench.features import ImageFeatures
from asru_bench.prefetch import prefetch
from asru_bench.types import AsruBenchError, Generation, Prompt, Request, ScoreRequest

if TYPE_CHECKING:
    from asru_bench.models import VLM

BATCH = {"cpu": 64, "cuda": 32}
#: Log-probabilities are stored to this many decimals, far above the rounding of float32.
DECIMALS = 5


class Engine(Protocol):
    """What answers requests. `known` holds answers by key, from the store."""

    def keys(self, requests: Sequence[Request]) -> list[Generation]:
        """The empty generation of each request: its key, hashes and length of the prompt."""
        ...

    def chunks(
        self, requests: Sequence[Request], known: Mapping[str, Generation] | None = None
    ) -> Iterator[list[Generation]]:
        """The answers as they come, in parts that may be stored; every request is answered once."""
        ...

    def score(self, requests: Sequence[ScoreRequest]) -> list[float]:
        """Mean log-probability per token of each text; nan for what cannot be scored."""
        ...

    def score_key(self, request: ScoreRequest) -> str:
        """Names a likelihood by content; "" for what cannot be scored."""
        ...

    def facts(self) -> dict[str, Any]:
        """What the record should say of this engine beside its name; {} where there is nothing to say."""
        ...


@dataclass
class HFEngine:
    """A loaded model. `checkpoint` is its content hash; `workers` > 1 forks processes of one thread (CPU)."""

    vlm: VLM
    checkpoint: str = ""
    batch_size: int | None = None
    workers: int = 1
    name: str = "hf"
    _keys: dict[Request, Generation] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.batch_size = self.batch_size or BATCH.get(self.vlm.device.type, 16)
        dtype = str(self.vlm.model.dtype).removeprefix("torch.") + (f"+{self.vlm.quant}" if self.vlm.quant else "")
        attn = getattr(self.vlm.model.config, "_attn_implementation", "") or "sdpa"
        self.numerics = fingerprint.numerics(self.name, self.vlm.device.type, dtype, attn, self.batch_size)
        if self.vlm.device.type != "cpu" or sys.platform != "linux":
            self.workers = 1

    def keys(self, requests: Sequence[Request]) -> list[Generation]:
        prefetch(self.vlm, [(request.prompt, None) for request in requests if request not in self._keys])
        return [self._key(request) for request in requests]

    def generate(self, requests: Sequence[Request]) -> Iterator[Generation]:
        """The answers, one for each request, in the order in which they are computed."""
        for chunk in self.chunks(requests):
            yield from chunk

    def chunks(
        self, requests: Sequence[Request], known: Mapping[str, Generation] | None = None
    ) -> Iterator[list[Generation]]:
        known = known or {}
        stubs = self.keys(requests)
        asked, by_key = merged(requests, stubs)
        distinct = list(by_key.values())
        plan = self._plan(distinct)
        open_chunks = [chunk for chunk in plan if not all(stub.key in known for _, stub in chunk)]
        for chunk in plan:
            if all(stub.key in known for _, stub in chunk):
                yield fan_out([known[stub.key] for _, stub in chunk], asked)
        features = ImageFeatures(self.vlm, [ref for request, _ in distinct for ref in pictures_of(request.prompt)])
        for answers in self._each(open_chunks, lambda chunk: self._answer(chunk, features)):
            yield fan_out(answers, asked)

    def score(self, requests: Sequence[ScoreRequest]) -> list[float]:
        found: dict[tuple[Prompt, str], float] = {}
        distinct = list({(r.prompt, r.text.strip()): r for r in requests})
        prefetch(self.vlm, [(prompt, part) for prompt, text in distinct for part in (None, text)])
        lengths = {pair: self._pair_length(pair) for pair in distinct}
        order = sorted((p for p in distinct if lengths[p]), key=lambda p: (-lengths[p], p[0].question, p[1]))
        size = max(1, self.batch_size // 2) if self.batch_size else 1
        parts = [order[i : i + size] for i in range(0, len(order), size)]
        features = ImageFeatures(self.vlm, [ref for prompt, _ in distinct for ref in pictures_of(prompt)])
        for part, values in self._each(parts, lambda part: (part, self._likelihoods(part, features))):
            found |= dict(zip(part, values, strict=True))
        return [found.get((r.prompt, r.text.strip()), float("nan")) for r in requests]

    def score_key(self, request: ScoreRequest) -> str:
        """Names the likelihood by content; "" where the text cannot be encoded."""
        text = request.text.strip()
        if not self._pair_length((request.prompt, text)):
            return ""
        row = encoded(self.vlm, request.prompt, text)
        tokens = fingerprint.token_hash(row.sequences["input_ids"].tolist())
        images = fingerprint.images_hash(row.pictures)
        return fingerprint.score_key(tokens, row.prompt_length, images, self.checkpoint, self.numerics)

    def facts(self) -> dict[str, Any]:
        return {}

    def _key(self, request: Request) -> Generation:
        if (stub := self._keys.get(request)) is None:
            row = encoded(self.vlm, request.prompt)
            ids = row.sequences["input_ids"].tolist()
            tokens, images = fingerprint.token_hash(ids), fingerprint.images_hash(row.pictures)
            key = fingerprint.request_key(request, tokens, images, self.checkpoint, self.numerics)
            stub = Generation(key, request.sample_id, "", "", len(ids), 0, tokens, images)
            self._keys[request] = stub
        return stub

    def _plan(self, items: list[tuple[Request, Generation]]) -> list[list[tuple[Request, Generation]]]:
        """Chunks of requests with one limit of new tokens and similar length, the longest first."""
        assert self.batch_size is not None, "set when the engine was made"
        groups: dict[int, list[tuple[Request, Generation]]] = {}
        for item in sorted(items, key=lambda i: (-i[0].max_new_tokens, -i[1].prompt_tokens, i[1].key)):
            groups.setdefault(item[0].max_new_tokens, []).append(item)
        size = self.batch_size
        return [group[i : i + size] for group in groups.values() for i in range(0, len(group), size)]

    def _each(self, parts: Sequence[Any], compute: Callable[[Any], Any]) -> Iterator[Any]:
        if self.workers > 1 and len(parts) > 1:
            yield from _forked(parts, compute, min(self.workers, len(parts)))
        else:
            yield from map(compute, parts)

    def _answer(self, chunk: list[tuple[Request, Generation]], features: ImageFeatures) -> list[Generation]:
        """One batch; where it fails, each request alone, so that one cannot take others with it."""
        try:
            return self._decode(chunk, features)
        except AsruBenchError:
            raise
        except Exception as error:
            if _out_of_memory(error):
                raise AsruBenchError(
                    f"out of memory with {len(chunk)} questions at once; use a smaller --batch-size."
                ) from error
            if len(chunk) > 1:
                return [answer for item in chunk for answer in self._answer([item], features)]
            return [replace(chunk[0][1], finish="error", error=f"{type(error).__name__}: {error}")]

    def _decode(self, chunk: list[tuple[Request, Generation]], features: ImageFeatures) -> list[Generation]:
        import torch
        from transformers import LogitsProcessorList

        from asru_bench.models import encode_prompts

        prompts = [request.prompt for request, _ in chunk]
        batch = encode_prompts(self.vlm, prompts)
        first = _FirstStep()
        refs = [ref for prompt in prompts for ref in pictures_of(prompt)]
        with torch.inference_mode(), features.serving(refs):
            tokens = self.vlm.model.generate(
                **batch,
                **self._greedy(),
                max_new_tokens=chunk[0][0].max_new_tokens,
                logits_processor=LogitsProcessorList([first]),
            )
        new = tokens[:, batch["input_ids"].shape[1] :].tolist()
        logprobs = first.logits.float().log_softmax(-1)
        return [
            self._finished(request, stub, ids, logprobs[i])
            for i, ((request, stub), ids) in enumerate(zip(chunk, new, strict=True))
        ]

    def _finished(self, request: Request, stub: Generation, ids: list[int], logprobs: Any) -> Generation:
        ends = [i for i, token in enumerate(ids) if token in self._eos]
        answer = ids[: ends[0]] if ends else ids
        letters = [self._first_token(letter) for letter in request.options]
        return replace(
            stub,
            text=self.vlm.tokenizer.decode(answer, skip_special_tokens=True, clean_up_tokenization_spaces=False),
            finish="stop" if ends else "length",
            new_tokens=len(answer),
            option_logprobs=tuple(round(float(logprobs[token]), DECIMALS) for token in letters),
        )

    def _likelihoods(self, pairs: list[tuple[Prompt, str]], features: ImageFeatures) -> list[float]:
        """Mean log-probability of the answers' own tokens; of the end-of-turn token where a text is empty."""
        import torch

        from asru_bench.models import encode_pairs

        batch = encode_pairs(self.vlm, pairs)
        labels = batch.pop("labels")[:, 1:]
        refs = [ref for prompt, _ in pairs for ref in pictures_of(prompt)]
        keep = (labels != -100).any(0).nonzero()[:, 0]
        with torch.inference_mode(), features.serving(refs):
            logits = self.vlm.model(**batch, use_cache=False, logits_to_keep=keep).logits
        labels = labels[:, keep]
        every = labels != -100
        own = every & (every.cumsum(1) < every.sum(1, keepdim=True))
        mask = torch.where(own.any(1, keepdim=True), own, every)
        picked = logits.float().log_softmax(-1).gather(-1, labels.clamp(min=0)[..., None])[..., 0]
        means = (picked * mask).sum(1) / mask.sum(1)
        return [round(float(value), DECIMALS) for value in means]

    def _pair_length(self, pair: tuple[Prompt, str]) -> int:
        try:
            return len(encoded(self.vlm, *pair).sequences["input_ids"])
        except AsruBenchError:
            return 0

    def _greedy(self) -> dict[str, Any]:
        """Plain greedy decoding, whatever sampling the model's own settings ask for."""
        pad = self.vlm.tokenizer.pad_token_id
        neutral = {"temperature": None, "top_p": None, "top_k": None, "repetition_penalty": 1.0}
        ends = sorted(self._eos)
        return {
            "do_sample": False,
            "num_beams": 1,
            "no_repeat_ngram_size": 0,
            "eos_token_id": ends,
            "pad_token_id": ends[0] if pad is None else pad,
            **neutral,
        }

    @property
    def _eos(self) -> set[int]:
        own = getattr(self.vlm.model.generation_config, "eos_token_id", None)
        listed = own if isinstance(own, (list, tuple)) else [own]
        ends = {int(i) for i in (*listed, self.vlm.tokenizer.eos_token_id) if i is not None}
        if not ends:
            raise AsruBenchError(f"{self.vlm.path} names no end-of-sequence token; add it to its tokenizer.")
        return ends

    def _first_token(self, letter: str) -> int:
        return self.vlm.tokenizer.encode(letter, add_special_tokens=False)[0]


@dataclass
class FakeEngine:
    """Answers from a function or a mapping by sample id; for tests and dry runs."""

    answers: Callable[[Request], str] | Mapping[str, str]
    checkpoint: str = "fake"
    size: int = 2
    asked: list[str] = field(default_factory=list)

    def keys(self, requests: Sequence[Request]) -> list[Generation]:
        return [
            Generation(
                fingerprint.request_key(r, fingerprint.digest(r.prompt), "", self.checkpoint, "fake"),
                r.sample_id,
                "",
                "",
            )
            for r in requests
        ]

    def chunks(
        self, requests: Sequence[Request], known: Mapping[str, Generation] | None = None
    ) -> Iterator[list[Generation]]:
        known = known or {}
        for start in range(0, len(requests), self.size):
            part = requests[start : start + self.size]
            stubs = self.keys(part)
            self.asked += [stub.sample_id for stub in stubs if stub.key not in known]
            yield [
                replace(known[stub.key], sample_id=stub.sample_id)
                if stub.key in known
                else replace(stub, text=self._text(request), finish="stop")
                for request, stub in zip(part, stubs, strict=True)
            ]

    def score(self, requests: Sequence[ScoreRequest]) -> list[float]:
        return [-1.0 for _ in requests]

    def score_key(self, request: ScoreRequest) -> str:
        return fingerprint.digest([request.prompt, request.text, self.checkpoint])

    def facts(self) -> dict[str, Any]:
        return {}

    def _text(self, request: Request) -> str:
        return self.answers(request) if callable(self.answers) else self.answers.get(request.sample_id, "")


class _FirstStep:
    """Keeps the logits of the first new token, [B, V]."""

    logits: Any = None

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        if self.logits is None:
            self.logits = scores
        return scores


def merged(
    requests: Sequence[Request], stubs: Sequence[Generation]
) -> tuple[dict[str, list[str]], dict[str, tuple[Request, Generation]]]:
    """Equal requests are computed once: key -> the samples that ask, key -> one request with its stub."""
    asked: dict[str, list[str]] = {}
    for stub in stubs:
        asked.setdefault(stub.key, []).append(stub.sample_id)
    return asked, {stub.key: (request, stub) for request, stub in zip(requests, stubs, strict=True)}


def fan_out(answers: list[Generation], asked: Mapping[str, list[str]]) -> list[Generation]:
    """One generation for each sample that asked."""
    return [replace(answer, sample_id=name) for answer in answers for name in asked[answer.key]]


def _out_of_memory(error: Exception) -> bool:
    return type(error).__name__ == "OutOfMemoryError" or isinstance(error, MemoryError)


def _forked(parts: Sequence[Any], compute: Callable[[Any], Any], count: int) -> Iterator[Any]:
    """Every k-th part in its own forked process, results in the order in which they come."""
    import multiprocessing
    from multiprocessing.connection import wait

    context = multiprocessing.get_context("fork")
    readers: dict[Any, Any] = {}  # pipe -> process
    try:
        for k in range(count):
            reader, writer = context.Pipe(duplex=False)
            process = context.Process(target=_work, args=(parts[k::count], compute, writer, reader), daemon=True)
            process.start()
            writer.close()
            readers[reader] = process
        running = dict(readers)
        while running:
            ready: list[Any] = wait(list(running))
            for reader in ready:
                result = _receive(reader, running[reader])
                if result is None:
                    del running[reader]
                else:
                    yield result[0]
    finally:
        for reader, process in readers.items():
            process.terminate()
            process.join()
            reader.close()


def _receive(reader: Any, process: Any) -> tuple[Any] | None:
    """(result,), or None at the end; a worker's error is raised here."""
    try:
        kind, value = reader.recv()
    except EOFError:
        process.join()
        raise AsruBenchError(
            f"a worker process ended unexpectedly (exit code {process.exitcode}); is memory short? "
            "Run again to go on from here, or with --workers 1."
        ) from None
    if kind == "error":
        raise value
    return (value,) if kind == "result" else None


def _work(parts: Sequence[Any], compute: Callable[[Any], Any], writer: Any, reader: Any) -> None:
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    reader.close()
    try:
        for part in parts:
            writer.send(("result", compute(part)))
        writer.send(("end", None))
    except BrokenPipeError:
        os._exit(1)
    except AsruBenchError as error:
        writer.send(("error", error))
    os._exit(0)
