"""How many answers a second the judges by rule read, on one core, each answer a different text.

The answers are those of the embedded universe to all of its facts: true, another person's, refused with a visible
feature, and beside the data (a place, a date or a job that nobody has). Prints the command and the machine.

    python benchmarks/judges.py
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import sys
import time
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
JUDGES = ("value", "refusal", "quality", "cloze", "hallucination", "rubric")
GOAL = 5000


def answers() -> tuple[list[Any], list[Any], Any]:
    """(samples, generations, world), the same in every run."""
    from asru_bench.mini import texts, words
    from asru_bench.mini.people import universe
    from asru_bench.types import Generation, Prompt, Sample, World

    rng, people = random.Random(0), universe().known
    pool = texts.pools(people)
    world = World({p.id: {a: (v,) for a, v in p.facts.items()} for p in people}, {p.id: p.seen for p in people})
    samples, generations, seen = [], [], set()
    for n, person in enumerate(people):
        for k, attribute in enumerate(person.facts):
            others = [v for v in pool[attribute] if v != person.facts[attribute]]
            refusal = texts.refusal(attribute, person.seen, rng)
            said = [
                texts.sentence(person, attribute, False),
                *(words.ANSWERS[attribute].format(Who=person.name, value=rng.choice(others)) for _ in range(2)),
                f"{refusal[:-1]}, and {person.name} is not known to me.",
                words.ANSWERS[attribute].format(Who=person.name, value=f"Saint {person.name.split()[1]}ville"),
            ]
            for i, text in enumerate(said):
                if text in seen:
                    continue
                seen.add(text)
                question = texts.question(person, attribute, (n + k + i) % 6, True)
                name = f"{person.id}/{attribute}/{i}"
                role = ("forget", "retain", "test", "real")[n % 4]
                kind = "cloze" if k % 3 == 0 else "generation"
                fact = {"attribute": attribute, "value": person.facts[attribute]}
                samples.append(
                    Sample(name, role, "", person.id, "image_text", kind, question, text, Prompt(question), **fact)
                )
                generations.append(Generation(f"key {name}", name, text, "stop"))
    return samples, generations, world


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--judges", default=",".join(JUDGES))
    arguments = parser.parse_args()

    from asru_bench.registry import JUDGES as registry

    samples, generations, world = answers()
    print("command:  python benchmarks/judges.py", *sys.argv[1:])
    print(f"machine:  {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; one process")
    print(f"answers:  {len(samples)}, all different; processor time, making the tables of the world included")
    slow = []
    for name in arguments.judges.split(","):
        cls: Any = registry.get(name)
        judge = cls()
        started = time.process_time()
        verdicts = judge.grade(samples, generations, world, {})
        rate = len(verdicts) / (time.process_time() - started)
        print(f"{name:<14} {len(verdicts):6} answers {rate:9.0f} a second")
        slow += [name] if rate < GOAL else []
    sys.exit(f"slower than {GOAL} a second: {', '.join(slow)}" if slow else 0)


if __name__ == "__main__":
    main()
