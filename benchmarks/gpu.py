"""Generation, a LoRA step and ASRU's two stages at the shapes of Qwen3-VL-4B with random weights, on one GPU.

Each against a bare transformers loop on the same model, pictures and questions, in the same run: `generate` in
batches; peft and AdamW with the processor in the loop; forward passes with hidden states; sampled groups with
log-probabilities of whole sequences. Prints tokens a second, pictures a second, peak memory, command and machine.
Random weights never end an answer, so both sides write the same number of tokens. Times say how fast, never how well.

    python benchmarks/gpu.py              # one GPU with 40 GB or more, bfloat16
    python benchmarks/gpu.py --tiny       # the same code on a CPU with a tiny model, to see that it runs
"""

from __future__ import annotations

import argparse
import copy
import os
import platform
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

from gpu_model import TINY, Amount, Bench, Result, inputs, parts_of

PARTS = ("generation", "lora", "stage1", "stage2")


# Generation.


def generation_ours(bench: Bench) -> tuple[int, int]:
    from asru_bench.engines import HFEngine
    from asru_bench.types import Request

    asked = [Request(pair.id, pair.prompt, bench.amount.new_tokens) for pair in bench.pairs]
    found = list(HFEngine(bench.vlm, batch_size=bench.amount.batch).generate(asked))
    assert not any(answer.error for answer in found), found[0].error
    return sum(answer.new_tokens for answer in found), len(found)


def generation_bare(bench: Bench) -> tuple[int, int]:
    import torch

    tokens = 0
    for chosen in parts_of(bench.pairs, bench.amount.batch):
        batch = inputs(bench.vlm, chosen)
        with torch.inference_mode():
            out = bench.vlm.model.generate(**batch, do_sample=False, max_new_tokens=bench.amount.new_tokens)
        tokens += out[:, batch["input_ids"].shape[1] :].numel()
    return tokens, len(bench.pairs)


# A LoRA step.


def lora_ours(bench: Bench) -> tuple[int, int]:
    from asru_bench.encoding import encoded
    from asru_bench.models import trainable
    from asru_bench.training import OptimConfig, sft

    chosen = bench.pairs[: 4 * bench.amount.steps]
    vlm = trainable(bench.vlm, "lora")
    sft(vlm, chosen, OptimConfig(steps=bench.amount.steps, batch_size=4))
    vlm.model = vlm.model.unload()
    return sum(len(encoded(vlm, p.prompt, p.answer).sequences["input_ids"]) for p in chosen), len(chosen)


def lora_bare(bench: Bench) -> tuple[int, int]:
    import torch
    from peft import LoraConfig, get_peft_model

    from asru_bench.models import LORA, _language_linears

    chosen, tokens = bench.pairs[: 4 * bench.amount.steps], 0
    model = get_peft_model(bench.vlm.model, LoraConfig(**LORA, target_modules=_language_linears(bench.vlm.model)))
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=2e-5)
    model.train()
    for part in parts_of(chosen, 4):
        batch = inputs(bench.vlm, part, answers=True)
        labels = batch["input_ids"].masked_fill(batch["attention_mask"] == 0, -100)
        model(**batch, labels=labels, use_cache=False).loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        tokens += int(batch["attention_mask"].sum())
    bench.vlm.model = model.unload().eval()
    return tokens, len(chosen)


# ASRU.


def context(bench: Bench) -> Any:
    """Half of the people are to be forgotten; the others are kept, and stand for strangers too."""
    from asru_bench.types import TrainingData
    from asru_bench.unlearner import Context

    half = len(bench.pairs) // 2
    forget, retain = tuple(bench.pairs[:half]), tuple(bench.pairs[half:])
    return Context(bench.vlm, TrainingData(forget, retain, retain), workdir=bench.folder, train="lora")


def asru(bench: Bench, **settings: Any) -> Any:
    """ASRU with both sides of the vector from the one model that is here."""
    from asru_bench.methods.asru import ASRU

    return ASRU(ASRU.Config(positive="vanilla", **settings)).unlearn(context(bench))


def stage1_ours(bench: Bench) -> tuple[int, int]:
    half = len(bench.pairs) // 2
    asru(bench, stages="steer", positions="last", face_count=half)
    return read(bench)


def stage1_bare(bench: Bench) -> tuple[int, int]:
    """The same prompts: strangers, forget and retain once for the vector, forget and retain for the update."""
    import torch

    half = len(bench.pairs) // 2
    forget, retain = bench.pairs[:half], bench.pairs[half:]
    layer = round(17 / 36 * bench.vlm.model.config.text_config.num_hidden_layers)
    for side in (retain, forget, retain, forget, retain):
        for chosen in parts_of(side, bench.amount.batch):
            batch = inputs(bench.vlm, chosen)
            with torch.inference_mode():
                out = bench.vlm.model(**batch, use_cache=False, output_hidden_states=True, logits_to_keep=1)
            out.hidden_states[layer + 1][:, -1].float().cpu()
    return read(bench)


def read(bench: Bench) -> tuple[int, int]:
    """(tokens, pictures) of the prompts that stage 1 reads."""
    from asru_bench.encoding import encoded

    half = len(bench.pairs) // 2
    lengths = [len(encoded(bench.vlm, pair.prompt).sequences["input_ids"]) for pair in bench.pairs]
    return 2 * sum(lengths[:half]) + 3 * sum(lengths[half:]), 2 * half + 3 * (len(lengths) - half)


def rollouts(bench: Bench) -> tuple[int, int]:
    """(answers, prompts) of the two rollouts of stage 2."""
    return 2 * bench.amount.prompts * bench.amount.group, 2 * bench.amount.prompts


def stage2_ours(bench: Bench) -> tuple[int, int]:
    amount, (answers, prompts) = bench.amount, rollouts(bench)
    sizes = {"prompts": amount.prompts, "group": amount.group, "minibatch": amount.prompts * amount.group}
    asru(bench, stages="reinforce", rollouts=2, answer_tokens=amount.new_tokens, **sizes)
    return answers * amount.new_tokens, prompts


def stage2_bare(bench: Bench) -> tuple[int, int]:
    """Groups by `generate`, then one policy-gradient step with log-probabilities of every whole sequence."""
    import torch
    from peft import LoraConfig, get_peft_model

    from asru_bench.models import LORA, _language_linears

    amount, (answers, prompts) = bench.amount, rollouts(bench)
    model = get_peft_model(bench.vlm.model, LoraConfig(**LORA, target_modules=_language_linears(bench.vlm.model)))
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-6)
    for start in (0, amount.prompts):
        chosen = [pair for pair in bench.pairs[start : start + amount.prompts] for _ in range(amount.group)]
        batch = inputs(bench.vlm, chosen)
        length = batch["input_ids"].shape[1]
        with torch.no_grad():
            out = model.generate(**batch, do_sample=True, max_new_tokens=amount.new_tokens)
        whole = dict(batch) | {"input_ids": out, "attention_mask": torch.ones_like(out)}
        whole["attention_mask"][:, :length] = batch["attention_mask"]
        whole["mm_token_type_ids"] = torch.nn.functional.pad(batch["mm_token_type_ids"], (0, out.shape[1] - length))
        with model.disable_adapter(), torch.no_grad():
            before = answer_logps(model, whole, out[:, length:])
        now = answer_logps(model, whole, out[:, length:])
        loss = -(now * torch.randn(len(out), 1, device=now.device)).mean() + 0.04 * (now - before).square().mean()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    bench.vlm.model = model.unload().eval()
    return answers * amount.new_tokens, prompts


def answer_logps(model: Any, whole: dict[str, Any], answers: Any) -> Any:
    """Log-probability [B, C] of each answer token."""
    count = answers.shape[1]
    logits = model(**whole, use_cache=False, logits_to_keep=count + 1).logits[:, :-1].float()
    return logits.log_softmax(-1).gather(-1, answers[..., None])[..., 0]


def measured(bench: Bench, part: str) -> list[Result]:
    """Both sides of a part, each on the same weights, after a small warm-up of each."""
    known = {name: value for name, value in globals().items() if name.startswith(f"{part}_")}
    kept = copy.deepcopy(bench.vlm.model.state_dict()) if part.startswith("stage") else None
    found = []
    for side in ("ours", "bare"):
        amount = bench.amount
        bench.amount = TINY if bench.device == "cpu" else Amount(**(vars(TINY) | {"pixels": amount.pixels}))
        bench.pairs, whole = bench.pairs[: 2 * amount.questions], bench.pairs
        bench.time(part, side, known[f"{part}_{side}"])
        bench.amount, bench.pairs = amount, whole
        found.append(bench.time(part, side, known[f"{part}_{side}"]))
        if kept is not None:
            bench.vlm.model.load_state_dict(kept)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tiny", action="store_true", help="a tiny model on the CPU")
    parser.add_argument("--parts", default=",".join(PARTS), help="comma-separated")
    arguments = parser.parse_args()

    import torch
    import transformers

    device = "cpu" if arguments.tiny else "cuda"
    if device == "cuda" and not torch.cuda.is_available():
        raise SystemExit("no GPU here; --tiny runs the same code on the CPU. `asru-bench doctor` says what is wrong.")
    name = torch.cuda.get_device_name() if device == "cuda" else f"{platform.machine()}, {os.cpu_count()} cores"
    print("command: python benchmarks/gpu.py", *sys.argv[1:])
    print(f"machine: {name}, torch {torch.__version__}, transformers {transformers.__version__}")
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(arguments.tiny, device, Path(folder))
        count = sum(p.numel() for p in bench.vlm.model.parameters())
        print(f"model:   Qwen3-VL, {count / 1e9:.3f} billion random weights, {bench.vlm.model.dtype}")
        print(f"{'part':<11} {'side':<5} {'time':>9} {'tokens/s':>10} {'images/s':>10} {'peak':>12}")
        for part in arguments.parts.split(","):
            ours, bare = measured(bench, part)
            print(ours.line(), bare.line(), sep="\n", flush=True)
            print(f"{part:<11} ratio {bare.seconds / ours.seconds:8.1f}", flush=True)


if __name__ == "__main__":
    main()
