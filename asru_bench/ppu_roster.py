"""The facts of one run on a PPU-Bench folder: which are forgotten, kept and read, kept and withheld, and probed."""

from __future__ import annotations

import random
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from . import ppu_rows, ppu_splits
from .cohorts import UNIVERSE_FILE, Universe, pick, read_universe
from .data import DataSet, combined_hash
from .ppu_rows import EVAL, Fact, Item, Pair
from .ppu_splits import COMPLETE
from .seeds import seed_for
from .types import AsruBenchError, ImageRef

#: Setting -> the end of its stored configs; complete sets are nested, and the data have none of 10 per cent.
PHOTO_SETS = {
    "complete_5": "complete_r5", "complete_10": "complete_r15", "complete_15": "complete_r15",
    "complete_30": "complete_r30", "selective": "selective", "personalized": "persona",
}  # fmt: skip
ATTACK_SETS = {**dict.fromkeys(COMPLETE, "complete30"), "selective": "selective", "personalized": "persona"}
BACKBONE = "qwen3"
PAIRS, BY_NAME = "train_pair_", "_qa"


@dataclass(frozen=True)
class Wrapper:
    """What an attack puts around a question, which may go on in lower case behind it ("Say, where …")."""

    before: str
    after: str
    lower: bool

    @classmethod
    def of(cls, attacked: str, plain: str) -> Wrapper | None:
        """None where the plain question does not stand in the attacked one, or nothing stands around it."""
        for lower, asked in ((False, plain), (True, plain[:1].lower() + plain[1:])):
            before, found, after = attacked.partition(asked)
            if found and (before or after):
                return cls(before, after, lower)
        return None

    def around(self, question: str) -> str:
        asked = question[:1].lower() + question[1:] if self.lower else question
        return f"{self.before}{asked}{self.after}"


@dataclass
class FactRoster:
    """`config` is the task's. Rows are read when they are first asked for, without their pictures."""

    tables: DataSet
    config: Any

    @cached_property
    def universe(self) -> Universe:
        return read_universe(self.tables.root)

    @cached_property
    def split_files(self) -> dict[str, Path]:
        return ppu_splits.find_files(self.tables.root, self.config.splits)

    @cached_property
    def items(self) -> dict[str, list[Item]]:
        """The questions of each kind."""
        return {kind: ppu_rows.read_items(self.tables, kind) for kind in EVAL}

    @cached_property
    def facts(self) -> dict[str, Fact]:
        found = ppu_rows.read_facts(self.items)
        ppu_rows.check_facts(found, self._forgotten("selective", found))
        return found

    @cached_property
    def forget(self) -> frozenset[str]:
        found = self._forgotten(self.config.setting, self.facts)
        if words := ppu_splits.odd_count(self.config.setting, len(found), len(self.facts)):
            warnings.warn(words, stacklevel=2)
        return found

    @cached_property
    def sensitive(self) -> frozenset[str]:
        """What `selective` forgets."""
        return self._forgotten("selective", self.facts)

    @cached_property
    def forget_people(self) -> tuple[str, ...]:
        return tuple(sorted({self.facts[fact].person for fact in self.forget}))

    @cached_property
    def kept(self) -> dict[str, list[str]]:
        """Person -> facts to keep, sorted."""
        return _by_person((f for f in self.facts if f not in self.forget), self.facts)

    @cached_property
    def withheld(self) -> frozenset[str]:
        """Kept facts that no stage of unlearning reads: of some people, or some of everybody."""
        share = self.config.unseen
        if self.config.setting in COMPLETE:
            people = pick(self.kept, round(share * len(self.kept)), 0, "unseen")
            return frozenset(fact for person in people for fact in self.kept[person])
        drawn = (pick(own, round(share * len(own)), 0, f"unseen {person}") for person, own in self.kept.items())
        return frozenset(fact for facts in drawn for fact in facts)

    @cached_property
    def taught(self) -> tuple[DataSet, str]:
        """Where the training pairs lie, and whose they are: a config of the data, or a folder of `data pairs`."""
        asked = self.config.backbone
        folder = Path(asked).expanduser()
        if not asked or f"{PAIRS}{asked}" in self.tables.configs() or not (folder.is_dir() or "/" in asked):
            return self.tables, asked or self.universe.backbone or BACKBONE
        own = DataSet(folder.resolve())
        found = own.configs() if folder.is_dir() else ()
        names = [config for config in found if config.startswith(PAIRS) and not config.endswith(BY_NAME)]
        if len(names) != 1:
            raise AsruBenchError(
                f"-t backbone={asked}: expected a folder with the pairs of one model, found "
                f"{', '.join(names) or 'none'}. Make it: asru-bench data pairs ppu_bench --model MODEL --out {asked}"
            )
        return own, names[0].removeprefix(PAIRS)

    @property
    def backbone(self) -> str:
        return self.taught[1]

    @property
    def pair_configs(self) -> list[str]:
        """Pairs with pictures and, where `train` says so, by name."""
        own = f"{PAIRS}{self.backbone}"
        return [own, f"{own}{BY_NAME}"] if self.config.train == "both" else [own]

    @cached_property
    def pairs(self) -> list[Pair]:
        """The training pairs of the backbone."""
        configs = self.pair_configs
        found = [pair for config in configs for pair in ppu_rows.read_pairs(self.taught[0], config)]
        unknown = sorted({pair.fact for pair in found} - set(self.facts))
        if unknown:
            raise AsruBenchError(
                f"{configs[0]} names {len(unknown)} facts that no question asks ({', '.join(unknown[:3])}); download "
                "it and the ppu_eval configs of one revision."
            )
        return found

    @cached_property
    def trained(self) -> frozenset[str]:
        return frozenset(pair.fact for pair in self.pairs)

    def role(self, fact: str) -> str:
        """`retain_unseen`: withheld, or without a training pair; the released protocol knows no such facts."""
        if fact in self.forget:
            return "forget"
        if self.config.variant != "paper" and (fact in self.withheld or fact not in self.trained):
            return "retain_unseen"
        return "retain"

    @cached_property
    def shown(self) -> frozenset[str]:
        """The facts that are evaluated: all to forget, and of those to keep as many a person as asked for."""
        most = self.config.kept_facts
        kept = (pick(own, most, 0, f"shown {person}") for person, own in self.kept.items())
        return self.forget.union(*kept)

    @cached_property
    def probed(self) -> frozenset[str]:
        """The facts that probes ask: all to forget, a few of each person to keep."""
        kept = (
            pick([f for f in own if f in self.shown], self.config.probe_kept, 0, f"probed {person}")
            for person, own in self.kept.items()
        )
        return self.forget.union(*kept)

    @cached_property
    def photos(self) -> dict[str, tuple[ImageRef, ...]]:
        """Fact to forget -> other photos of its person."""
        config = f"cross_image_{PHOTO_SETS[self.config.setting]}"
        if not self._has(config):
            return {}
        return {f: refs for f, refs in ppu_rows.read_photos(self.tables, config).items() if f in self.forget}

    def attacked(self, attack: str) -> Iterator[Item]:
        """The stored questions of an attack, then kept facts under the same prefix or wrapper.

        The benchmark stores none about kept facts; without them, what the attack does to any question would count as
        recovery. A paraphrase is no wrapper: kept facts have one only where the config brings it.
        """
        config = f"{attack}_{ATTACK_SETS[self.config.setting]}"
        if not self._has(config):
            return
        stored = [item for item in ppu_rows.read_attack(self.tables, config) if item.fact in self.probed]
        yield from stored
        known = {(item.fact, item.modality) for item in stored}
        plain = {(item.fact, item.modality): item for item in self.items["generation"]}
        around: dict[str, list[Wrapper]] = {}
        for item in stored:
            asked = plain.get((item.fact, item.modality))
            if asked and (found := Wrapper.of(item.question, asked.question)):
                around.setdefault(item.person, []).append(found)
        everybody = [wrapper for person in sorted(around) for wrapper in around[person]]
        for key, item in plain.items():
            if everybody and key not in known and item.fact in self.probed:
                chosen = random.Random(seed_for(0, attack, *key)).choice(around.get(item.person) or everybody)
                yield replace(item, question=chosen.around(item.question))

    def configs(self) -> set[str]:
        """The configs of the data folder that this run reads."""
        pairs = self.pair_configs if self.taught[0] is self.tables else []
        return {*EVAL.values(), *pairs, *filter(self._has, self.sets()), *filter(None, [self.universe.strangers])}

    def sets(self) -> list[str]:
        """The configs of other photos and of attacks that belong to the setting, whether they are there or not."""
        attacks = (f"{attack}_{ATTACK_SETS[self.config.setting]}" for attack in ppu_rows.ATTACKS)
        return [f"cross_image_{PHOTO_SETS[self.config.setting]}", *attacks]

    def hashes(self) -> list[str]:
        """What the data are by content: tables, split files and, where they lie elsewhere, the pairs."""
        found = [self.tables.content_hash(self.configs(), (UNIVERSE_FILE,)), combined_hash(self.split_files)]
        own = self.taught[0]
        return found if own is self.tables else [*found, own.content_hash(self.pair_configs)]

    def _has(self, config: str) -> bool:
        return config in self.tables.configs()

    def _forgotten(self, setting: str, facts: Mapping[str, Fact]) -> frozenset[str]:
        owners = {name: fact.person for name, fact in facts.items()}
        return ppu_splits.read_forgotten(setting, self.split_files, owners, self.universe.digests)


def _by_person(names: Iterable[str], facts: Mapping[str, Fact]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in sorted(names):
        found.setdefault(facts[name].person, []).append(name)
    return found
