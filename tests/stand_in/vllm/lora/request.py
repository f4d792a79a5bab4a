"""Part of the stand-in for vLLM."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class LoRARequest:
    name: str
    number: int
    path: str
