"""One course of training: the encoder's upper layers and a new head learn from some of the coded texts."""

import math
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lbc_themes.encoding.e5_parts import E5Parts
from lbc_themes.suggest.stacking import Floats
from lbc_themes.suggest.tuning_net import HEAD, NetShape, Weights, first_weights, logits, padded, shape_of

if TYPE_CHECKING:
    from torch import Tensor

States = list[NDArray[np.float16]]
Ints = NDArray[np.intp]
Kept = dict[str, NDArray[np.float16]]

TOGETHER = 16
"""How many batches are drawn at once and sorted by length, so that little of a batch is padding."""


@dataclass(frozen=True, kw_only=True)
class Choices:
    """How the encoder is tuned; set by cross-validation on part of socialcd-3k (docs/benchmarks.md).

    ``rate`` and ``head_rate`` are AdamW's for the layers and the head, risen over the first ``warm`` share of the steps
    and lowered in a line to zero. ``memory`` is the decay of the running average of weights that answers are given
    from. A text of more than ``longest`` tokens is cut there.
    """

    layers: int = 4
    folds: int = 3
    epochs: int = 4
    batch: int = 16
    rate: float = 2e-4
    head_rate: float = 1e-3
    warm: float = 0.1
    decay: float = 0.01
    drop: float = 0.1
    memory: float = 0.99
    longest: int = 256
    seed: int = 0


class Course:
    """Weights that learn from the texts at ``rows``, epoch by epoch."""

    def __init__(
        self, parts: E5Parts, states: States, targets: Floats, rows: Ints, choices: Choices, seed: int
    ) -> None:
        """Begin with the encoder's weights; ``states`` are what the lower layers made of each text."""
        import torch

        self.states, self.targets, self.rows, self.choices = states, targets.astype(np.float32), rows, choices
        self.shape = shape_of(parts)
        self.weights = first_weights(parts, targets.shape[1], seed)
        self.averaged = {name: values.detach().clone() for name, values in self.weights.items()}
        self.chance, self.steps = np.random.default_rng(seed), 0
        self.batches = math.ceil(len(rows) / choices.batch)
        self.optimiser = torch.optim.AdamW(_groups(self.weights, choices))

    def epoch(self) -> list[Ints]:
        """Return the batches of the next epoch: texts of like length together, in an order drawn by lot."""
        drawn, size = self.chance.permutation(self.rows), self.choices.batch
        lengths = np.array([len(values) for values in self.states])
        found: list[Ints] = []
        for at in range(0, len(drawn), size * TOGETHER):
            some = drawn[at : at + size * TOGETHER]
            some = some[np.argsort(lengths[some], kind="stable")]
            found += [some[i : i + size] for i in range(0, len(some), size)]
        return [found[i] for i in self.chance.permutation(len(found))]

    def loss(self, rows: Ints) -> "Tensor":
        """Return the binary cross-entropy of the texts at ``rows``, with dropout."""
        import torch
        from torch.nn.functional import binary_cross_entropy_with_logits

        states, mask = padded([self.states[row] for row in rows])
        with quick():
            said = logits(self.weights, self.shape, states, mask, self.choices.drop)
        return binary_cross_entropy_with_logits(said.float(), torch.from_numpy(self.targets[rows]))

    def step(self, rows: Ints) -> None:
        """Learn from one batch."""
        import torch

        self.loss(rows).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.weights.values(), 1.0)
        share = _rise_and_fall(self.steps, self.batches * self.choices.epochs, self.choices.warm)
        for group in self.optimiser.param_groups:
            group["lr"] = share * group["highest"]
        self.optimiser.step()
        self.optimiser.zero_grad()
        self.steps += 1
        memory = min(self.choices.memory, self.steps / (self.steps + 10))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.averaged.values()), list(self.weights.values()), 1 - memory)

    def kept(self) -> Kept:
        """Return a copy of the averaged weights in float16, as they are stored."""
        return {name: values.numpy().astype(np.float16) for name, values in self.averaged.items()}


def _groups(weights: Weights, choices: Choices) -> list[dict[str, object]]:
    body = [values for name, values in weights.items() if name not in HEAD]
    return [
        {"params": body, "lr": 0.0, "highest": choices.rate, "weight_decay": choices.decay},
        {"params": [weights[name] for name in HEAD], "lr": 0.0, "highest": choices.head_rate, "weight_decay": 0.0},
    ]


def _rise_and_fall(step: int, steps: int, warm: float) -> float:
    return min(1.0, (step + 1) / max(warm * steps, 1)) * (steps - step) / steps


def quick() -> "AbstractContextManager[object]":
    """Return a context in which products are made in bfloat16 where the processor has them, in float32 elsewhere."""
    import torch

    able = getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)()
    return torch.autocast("cpu", torch.bfloat16, enabled=able)


def answers(kept: Kept, shape: NetShape, states: States, batch: int = 32) -> Floats:
    """Return log-odds of shape ``(n, codes)`` from weights that were kept."""
    import torch

    weights = {name: torch.from_numpy(values.astype(np.float32)) for name, values in kept.items()}
    said = np.zeros((len(states), len(kept["head.bias"])))
    order = np.argsort([len(values) for values in states], kind="stable")
    with torch.inference_mode(), quick():
        for at in range(0, len(order), batch):
            rows = order[at : at + batch]
            said[rows] = logits(weights, shape, *padded([states[row] for row in rows])).float().numpy()
    return said
