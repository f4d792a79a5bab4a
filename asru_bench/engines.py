"""Engines turn requests into generations: greedy, or sampled where asked (`draws.py`), by the request alone.

`HFEngine` runs a loaded model: equal requests are asked once, each distinct picture is encoded once, what several
requests begin with is read once (`decoding.py`), and requests are sorted by length into chunks that depend on the
complete list only, so that a resumed run computes the same chunks. Where a chunk is known in part it is computed
again as a whole.
"""

from __future__ import annotations

import functools
import sys
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from asru_bench import blocks, control_tokens, fingerprint, released_mask, scoring
from asru_bench import devices as processes
from asru_bench.blocks import Block, Item
from asru_bench.encoding import encoded, pictures_of
from asru_bench.features import ImageFeatures
from asru_bench.forking import forked
from asru_bench.inputs import Refused
from asru_bench.merging import fan_out, merged, refused, refused_stub
from asru_bench.prefetch import prefetch
from asru_bench.types import AsruBenchError, Generation, ImageRef, Prompt, Request, ScoreRequest

if TYPE_CHECKING:
    from asru_bench.decoding import Reader
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
        """What each request asks of its text; nan for what cannot be scored."""
        ...

    def score_key(self, request: ScoreRequest) -> str:
        """Names a likelihood by content; "" for what cannot be scored."""
        ...

    def facts(self) -> dict[str, Any]:
        """What the record should say of this engine beside its name; {} where there is nothing to say."""
        ...


@dataclass
class HFEngine:
    """A loaded model. `checkpoint` is its content hash; `workers` > 1 forks processes of one thread (CPU).

    `devices` > 1 starts a process for each further GPU (on a CPU: for each further copy of the model). Without
    `share` every prompt is read as a whole, by the model's own `generate`.
    """

    vlm: VLM
    checkpoint: str = ""
    batch_size: int | None = None
    workers: int = 1
    share: bool = True
    devices: int = 1
    name: str = "hf"
    _keys: dict[Request, tuple[Generation, array[int]]] = field(default_factory=dict, repr=False)
    _checked: set[str] = field(default_factory=set, repr=False)

    def __post_init__(self) -> None:
        self.batch_size = self.batch_size or BATCH.get(self.vlm.device.type, 16)
        dtype = str(self.vlm.model.dtype).removeprefix("torch.") + (f"+{self.vlm.quant}" if self.vlm.quant else "")
        self._attn = getattr(self.vlm.model.config, "_attn_implementation", "") or "sdpa"
        self.numerics = fingerprint.numerics(self.name, self.vlm.device.type, dtype, self._attn, self.batch_size)
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
        if bad := refused(stubs):
            yield bad
        asked, by_key = merged(requests, stubs)
        todo = []
        for block in (planned := self._plan(list(by_key.values()))):
            done = [chunk for chunk in block.chunks if all(stub.key in known for _, stub in chunk)]
            for chunk in done:
                yield fan_out([known[stub.key] for _, stub in chunk], asked)
            if len(done) < len(block.chunks):
                todo.append(replace(block, chunks=[chunk for chunk in block.chunks if chunk not in done]))
        shown = [[ref for c in block.chunks for r, _ in c for ref in pictures_of(r.prompt)] for block in planned]
        for answers in self._each(todo, "_block", shown):
            yield fan_out(answers, asked)

    def score(self, requests: Sequence[ScoreRequest]) -> list[float]:
        by_measure = {what: self._scored(what, requests) for what in dict.fromkeys(r.what for r in requests)}
        return [by_measure[r.what].get((r.prompt, r.text.strip()), float("nan")) for r in requests]

    def _scored(self, what: str, requests: Sequence[ScoreRequest]) -> dict[tuple[Prompt, str], float]:
        """One measure of every (prompt, text) that asks for it and can be encoded."""
        found: dict[tuple[Prompt, str], float] = {}
        distinct = list({(r.prompt, r.text.strip()): r for r in requests if r.what == what})
        prefetch(self.vlm, [(prompt, part) for prompt, text in distinct for part in (None, text)])
        lengths = {pair: self._pair_length(pair) for pair in distinct}
        size = max(1, self.batch_size // 2) if self.batch_size else 1
        parts = [(what, part) for part in scoring.parts({p: n for p, n in lengths.items() if n}, size)]
        shown = [[ref for prompt, _ in part for ref in pictures_of(prompt)] for _, part in parts]
        for part, values in self._each(parts, "_scores", shown):
            found |= dict(zip(part, values, strict=True))
        return found

    def score_keys(self, requests: Sequence[ScoreRequest]) -> list[str]:
        prefetch(self.vlm, [(r.prompt, part) for r in requests for part in (None, r.text.strip())])
        return [self.score_key(request) for request in requests]

    def score_key(self, request: ScoreRequest) -> str:
        """Names the likelihood by content; "" where the text cannot be encoded."""
        text = request.text.strip()
        if not self._pair_length((request.prompt, text)):
            return ""
        read = released_mask.row_of if request.what == released_mask.RELEASED else encoded
        row = read(self.vlm, request.prompt, text)
        tokens = fingerprint.token_hash(row.sequences["input_ids"].tolist())
        images = fingerprint.images_hash(row.pictures)
        return fingerprint.score_key(tokens, row.prompt_length, images, self.checkpoint, self.numerics, request.what)

    def facts(self) -> dict[str, Any]:
        return {}

    def _key(self, request: Request) -> Generation:
        if (known := self._keys.get(request)) is not None:
            return known[0]
        try:
            row = encoded(self.vlm, request.prompt)
        except Refused as error:
            stub = refused_stub(request, str(error), self.checkpoint, self.numerics)
            self._keys[request] = (stub, array("i"))
            return stub
        ids = row.sequences["input_ids"].tolist()
        tokens, images = fingerprint.token_hash(ids), fingerprint.images_hash(row.pictures)
        key = fingerprint.request_key(request, tokens, images, self.checkpoint, self.numerics)
        stub = Generation(key, request.sample_id, "", "", len(ids), 0, tokens, images)
        self._keys[request] = (stub, array("i", ids))
        return stub

    def _tokens(self, request: Request) -> array[int]:
        self._key(request)
        return self._keys[request][1]

    def _plan(self, items: list[Item]) -> list[Block]:
        assert self.batch_size is not None, "set when the engine was made"
        return blocks.make(items, self._tokens, self.batch_size, self._picture, share=self.share)

    def _each(self, parts: Sequence[Any], work: str, shown: Sequence[Sequence[ImageRef]]) -> Iterator[Any]:
        """The results of a method of this engine on all parts, of each in order."""
        features = ImageFeatures(self.vlm, shown)
        compute = functools.partial(getattr(self, work), features=features)
        if self.devices > 1 and len(parts) > 1:
            yield from processes.spread(parts, compute, self._jobs(min(self.devices, len(parts)), work, shown))
        elif self.workers > 1 and len(parts) > 1:
            yield from forked(parts, compute, min(self.workers, len(parts)))
        else:
            for part in parts:
                yield from compute(part)

    def _jobs(self, count: int, work: str, shown: Sequence[Sequence[ImageRef]]) -> list[processes.Job]:
        """What each process beside this one has to know."""
        settings = {"checkpoint": self.checkpoint, "batch_size": self.batch_size, "share": self.share}
        dtype = str(self.vlm.model.dtype).removeprefix("torch.")
        others = processes.names(str(self.vlm.device), count)[1:]
        return [processes.Job(self.vlm.path, name, dtype, self._attn, settings, work, shown) for name in others]

    def _block(self, block: Block, features: ImageFeatures) -> Iterator[list[Generation]]:
        """The answers of a block, chunk by chunk; what they share lives as long."""
        from asru_bench.decoding import Reader

        reader = Reader(self.vlm, features, block, self._tokens)
        for chunk in block.chunks:
            yield self._answer(chunk, reader)

    def _answer(self, chunk: list[Item], reader: Reader) -> list[Generation]:
        """One batch; where it fails, each request alone, so that one cannot take others with it."""
        try:
            return self._decode(chunk, reader)
        except AsruBenchError:
            raise
        except Exception as error:
            if _out_of_memory(error):
                raise AsruBenchError(
                    f"out of memory with {len(chunk)} questions at once; use a smaller --batch-size."
                ) from error
            if len(chunk) > 1:
                return [answer for item in chunk for answer in self._answer([item], reader)]
            return [replace(chunk[0][1], finish="error", error=f"{type(error).__name__}: {error}")]

    def _decode(self, chunk: list[Item], reader: Reader) -> list[Generation]:
        import torch

        from asru_bench.decoding import Unfit

        with torch.inference_mode():
            if not self.share:
                new, logits = self._plainly(chunk, reader)
            else:
                try:
                    new, logits = reader.answers(chunk, self._eos, self._checked)
                except Unfit:
                    self.share = False
                    new, logits = self._plainly(chunk, reader)
        logprobs = logits.float().log_softmax(-1)
        return [
            self._finished(request, stub, ids, logprobs[i])
            for i, ((request, stub), ids) in enumerate(zip(chunk, new, strict=True))
        ]

    def _plainly(self, chunk: list[Item], reader: Reader) -> tuple[list[list[int]], Any]:
        """(new tokens, logits [B, V] of the first) by the model's own `generate`."""
        from transformers import LogitsProcessorList

        from asru_bench import draws
        from asru_bench.models import encode_prompts

        prompts = [request.prompt for request, _ in chunk]
        batch = encode_prompts(self.vlm, prompts)
        width, first = batch["input_ids"].shape[1], _FirstStep()
        noise = draws.Noise([draws.seed_of(*item) for item in chunk], width)
        with reader.features.serving([ref for prompt in prompts for ref in pictures_of(prompt)]):
            tokens = self.vlm.model.generate(
                **batch,
                **self._greedy(),
                max_new_tokens=max(request.max_new_tokens for request, _ in chunk),
                logits_processor=LogitsProcessorList([first, noise]),
            )
        new = tokens[:, width:].tolist()
        return [own[: request.max_new_tokens] for own, (request, _) in zip(new, chunk, strict=True)], first.logits

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

    def _scores(self, part: tuple[str, list[tuple[Prompt, str]]], features: ImageFeatures) -> Iterator[Any]:
        """The pairs of one part with their values, once."""
        what, pairs = part
        yield pairs, self._measure(what, pairs, features)

    def _measure(self, what: str, pairs: list[tuple[Prompt, str]], features: ImageFeatures) -> list[float]:
        """One measure of the answers; prompts with several answers are read once while that is known to be exact."""
        import torch

        from asru_bench.likelihoods import MEASURES

        with torch.inference_mode():
            logits, labels = scoring.logits_of(self.vlm, features, pairs, what, self._checked, self.share)
        return [round(float(value), DECIMALS) for value in MEASURES[what](logits, labels)]

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
    def _picture(self) -> int | None:
        """The token that stands for a picture, where the family says it."""
        config = self.vlm.model.config
        found = getattr(config, "image_token_id", None)
        return getattr(config, "image_token_index", None) if found is None else found

    @property
    def _eos(self) -> set[int]:
        ends = control_tokens.ends(self.vlm)
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


def _out_of_memory(error: Exception) -> bool:
    return type(error).__name__ == "OutOfMemoryError" or isinstance(error, MemoryError)
