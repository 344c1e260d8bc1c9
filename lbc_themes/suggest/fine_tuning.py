"""The encoder tuned on the coder's texts: one more view, with answers to texts whose participants were left out."""

import io
import json
import math
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lbc_themes.core.errors import InputError, MissingExtraError
from lbc_themes.core.messages import Bilingual, message, spoken_language
from lbc_themes.core.untrusted import read_arrays
from lbc_themes.encoding import Advance, Encoder
from lbc_themes.encoding.e5_parts import E5Parts, split_encoder
from lbc_themes.suggest.features import Floats, Ints
from lbc_themes.text.words import simplified

if TYPE_CHECKING:
    from torch import Tensor


# --- The trained part of the encoder as functions of its weights: layers, pooling and one output a code.

Weights = dict[str, "Tensor"]

HEAD = ("pool.weight", "pool.bias", "head.weight", "head.bias")
"""The weights that begin at random, not from the encoder."""

BLOCKED = -1e4


@dataclass(frozen=True, kw_only=True)
class NetShape:
    """What the weights alone do not say."""

    layers: int
    heads: int
    epsilon: float


def shape_of(parts: E5Parts) -> NetShape:
    """Return the shape of the upper layers of ``parts``."""
    return NetShape(layers=parts.layers, heads=parts.heads, epsilon=parts.epsilon)


def first_weights(parts: E5Parts, codes: int, seed: int) -> Weights:
    """Return the encoder's upper weights and a new head for ``codes``; the same seed gives the same head."""
    import torch

    weights = {name: torch.from_numpy(values.copy()) for name, values in parts.upper.items()}
    chance = np.random.default_rng(seed)
    head = chance.normal(0, 0.02, (codes, 2 * parts.hidden)).astype(np.float32)
    weights["head.weight"], weights["head.bias"] = torch.from_numpy(head), torch.zeros(codes)
    weights["pool.weight"], weights["pool.bias"] = torch.zeros(1, parts.hidden), torch.zeros(1)
    for values in weights.values():
        values.requires_grad_()
    return weights


def logits(weights: Weights, shape: NetShape, states: "Tensor", mask: "Tensor", drop: float = 0.0) -> "Tensor":
    """Return log-odds of shape ``(n, codes)`` for lower layers' ``states`` of shape ``(n, tokens, hidden)``.

    ``mask`` is 1 for a token and 0 for padding. Tokens are pooled twice, by their mean and by learned attention, side
    by side. ``drop`` is the share that dropout takes while training.
    """
    import torch
    from torch.nn.functional import dropout, linear

    blocked = (1 - mask)[:, None, None, :] * BLOCKED
    for number in range(shape.layers):
        states = _layer(weights, f"{number}.", shape, states, blocked, drop)
    states = states.float()
    mean = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
    looks = linear(states, weights["pool.weight"], weights["pool.bias"])[..., 0].float() + (1 - mask) * BLOCKED
    looked = (states * looks.softmax(1)[..., None]).sum(1)
    both = dropout(torch.cat([mean, looked], 1), drop, training=drop > 0)
    return linear(both, weights["head.weight"], weights["head.bias"]).float()


def _layer(
    weights: Weights, prefix: str, shape: NetShape, states: "Tensor", blocked: "Tensor", drop: float
) -> "Tensor":
    from torch.nn.functional import dropout, gelu, layer_norm, linear, scaled_dot_product_attention

    def dense(name: str, values: "Tensor") -> "Tensor":
        return linear(values, weights[f"{prefix}{name}.weight"], weights[f"{prefix}{name}.bias"])

    def normal(name: str, values: "Tensor") -> "Tensor":
        gain, offset = weights[f"{prefix}{name}.weight"], weights[f"{prefix}{name}.bias"]
        return layer_norm(values.float(), gain.shape, gain, offset, shape.epsilon)

    n, tokens, hidden = states.shape
    query, key, value = (
        dense(name, states).view(n, tokens, shape.heads, -1).transpose(1, 2) for name in ("query", "key", "value")
    )
    seen = scaled_dot_product_attention(query, key, value, attn_mask=blocked.to(query.dtype))
    mixed = dense("mix", seen.transpose(1, 2).reshape(n, tokens, hidden))
    middle = normal("mixed", dropout(mixed, drop, training=drop > 0) + states)
    narrow = dense("narrow", gelu(dense("wide", middle)))
    return normal("done", dropout(narrow, drop, training=drop > 0) + middle)


def padded(states: "list[NDArray[np.float16]]") -> "tuple[Tensor, Tensor]":
    """Return the states of some texts side by side, shape ``(n, tokens, hidden)``, and their mask."""
    import torch

    longest = max(len(rows) for rows in states)
    filled = np.zeros((len(states), longest, states[0].shape[1]), np.float32)
    mask = np.zeros((len(states), longest), np.float32)
    for row, values in enumerate(states):
        filled[row, : len(values)], mask[row, : len(values)] = values, 1
    return torch.from_numpy(filled), torch.from_numpy(mask)


# --- One course of training: the encoder's upper layers and a new head learn from some of the coded texts.

States = list[NDArray[np.float16]]
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


# --- What is said while the encoder is tuned, on standard error, in the language that is spoken.


def announced(seconds: float, texts: int, folds: int, epochs: int) -> None:
    """Say how long it will take."""
    minutes = max(1, round(seconds / 60))
    _say(message("suggest.tuning", texts=texts, folds=folds, epochs=epochs, minutes=minutes))


def say_interrupted(done: int, epochs: int) -> None:
    """Say what was kept."""
    if done:
        _say(message("suggest.tuning_interrupted", done=done, epochs=epochs))
    else:
        _say(message("suggest.tuning_not_begun"))


def _say(line: Bilingual) -> None:
    from rich.console import Console

    Console(stderr=True, highlight=False, soft_wrap=True).print(line.said(spoken_language()))


@contextmanager
def bar(steps: int) -> Iterator[Advance]:
    """Show a bar of ``steps`` where standard error is a terminal or a notebook, and nothing elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    shown = console.is_terminal or console.is_jupyter
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not shown) as progress:
        task = progress.add_task(message("suggest.tuning_bar").said(spoken_language()), total=steps)
        yield lambda done: progress.advance(task, done)


FEWEST_TEXTS = 30
TIMED_TEXTS = 64
REMEMBERED = 20_000
"""For how many texts the tuned answers are kept, so that a page does not wait for them after each decision."""


class TunedView:
    """The upper layers of the encoder, tuned once for each fold of participants left out.

    A text that was tuned on is answered by the course that left its participant out (``left_out_``), any other text by
    the mean of all courses. The lower layers stay as they are and run once a text.
    """

    def __init__(self, choices: Choices | None = None) -> None:
        """Remember the choices."""
        self.choices = choices or Choices()

    @property
    def fitted(self) -> bool:
        """Whether there is anything to answer from."""
        return bool(getattr(self, "models_", ()))

    def fit(self, encoder: Encoder, texts: Sequence[str], targets: Floats, groups: Sequence[object] | None) -> bool:
        """Tune on ``texts`` with 0/1 ``targets`` of shape ``(n, codes)``; return whether anything was learned.

        Says beforehand how long it will take. Ctrl-C ends it with the last epoch that all folds have finished; before
        the first one nothing is learned and the answer is False. Refuses fewer than 30 texts.
        """
        need_torch()
        import torch

        if len(texts) < FEWEST_TEXTS:
            raise InputError(message("suggest.too_few_to_tune", least=FEWEST_TEXTS, count=len(texts)))
        parts = split_encoder(encoder, self.choices.layers)
        folds = folds_of(groups if groups is not None else texts, self.choices.folds, self.choices.seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.choices.seed)
            return self._fit(parts, list(texts), targets, folds)

    def _fit(self, parts: E5Parts, texts: list[str], targets: Floats, folds: Ints) -> bool:
        begin = time.perf_counter()
        at = np.linspace(0, len(texts) - 1, min(TIMED_TEXTS, len(texts))).astype(int)
        some = _states(parts, [texts[row] for row in at], self.choices)
        lower = (time.perf_counter() - begin) / len(some) * len(texts)
        each = _seconds(Course(parts, some, targets[at], np.arange(len(some)), self.choices, self.choices.seed))
        rounds = [np.flatnonzero(folds != fold) for fold in range(self.choices.folds)]
        steps = self.choices.epochs * sum(-(-len(rows) // self.choices.batch) for rows in rounds)
        announced(lower + steps * each, len(texts), self.choices.folds, self.choices.epochs)
        states = _states(parts, texts, self.choices)
        courses = [
            Course(parts, states, targets, rows, self.choices, self.choices.seed + fold)
            for fold, rows in enumerate(rounds)
        ]
        self.models_: list[Kept] = []
        self._learn(courses, steps)
        if not self.fitted:
            return False
        self._parts_used, self._answered = parts, dict[str, Floats]()
        self.left_out_ = np.zeros(targets.shape)
        for fold, model in enumerate(self.models_):
            rows = np.flatnonzero(folds == fold)
            self.left_out_[rows] = answers(model, shape_of(parts), [states[row] for row in rows])
        return True

    def _learn(self, courses: list[Course], steps: int) -> None:
        done = 0
        try:
            with bar(steps) as advance:
                for _ in range(self.choices.epochs):
                    for course in courses:
                        for rows in course.epoch():
                            course.step(rows)
                            advance(1)
                    self.models_ = [course.kept() for course in courses]
                    done += 1
        except KeyboardInterrupt:
            say_interrupted(done, self.choices.epochs)

    def unseen(self, encoder: Encoder, texts: Sequence[str]) -> Floats:
        """Return log-odds for the texts that were tuned on, each from its fold, and for any ``texts`` after them."""
        known = len(self.left_out_)
        return np.vstack([self.left_out_, self.scores(encoder, texts[known:])])

    def scores(self, encoder: Encoder, texts: Sequence[str]) -> Floats:
        """Return log-odds of shape ``(len(texts), codes)``, the mean of all courses."""
        need_torch()
        if not len(texts):
            return np.zeros((0, self.models_[0]["head.bias"].size))
        if not hasattr(self, "_parts_used"):
            self._parts_used, self._answered = split_encoder(encoder, self.choices.layers), dict[str, Floats]()
        new = list(dict.fromkeys(text for text in texts if text not in self._answered))
        if len(self._answered) + len(new) > REMEMBERED:
            self._answered, new = {}, list(dict.fromkeys(texts))
        if new:
            states = _states(self._parts_used, new, self.choices)
            shape = shape_of(self._parts_used)
            made = np.mean([answers(model, shape, states) for model in self.models_], axis=0)
            self._answered |= dict(zip(new, made, strict=True))
        return np.stack([self._answered[text] for text in texts])

    def to_bytes(self) -> bytes:
        """Return the weights, the left-out answers and the choices as an .npz file."""
        arrays: dict[str, Any] = {
            f"{fold}/{name}": values for fold, model in enumerate(self.models_) for name, values in model.items()
        }
        kept = io.BytesIO()
        np.savez(kept, left_out=self.left_out_, choices=np.array(json.dumps(asdict(self.choices))), **arrays)
        return kept.getvalue()

    @classmethod
    def from_bytes(cls, kept: bytes) -> "TunedView":
        """Return the view that ``to_bytes`` wrote."""
        arrays = read_arrays(kept)
        view = cls(Choices(**json.loads(str(arrays["choices"]))))
        view.left_out_ = arrays["left_out"]
        models: dict[str, Kept] = {}
        for name in (name for name in arrays if "/" in name):
            fold, _, weight = name.partition("/")
            models.setdefault(fold, {})[weight] = arrays[name]
        view.models_ = list(models.values())
        return view


def need_torch() -> None:
    """Refuse with the install command where PyTorch is not installed."""
    try:
        import torch  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(package="torch", extra="tune", purpose='tune="encoder"') from error


def _states(parts: E5Parts, texts: Sequence[str], choices: Choices) -> States:
    return parts.lower([simplified(text) for text in texts], choices.longest)


def _seconds(trial: Course) -> float:
    """Return the seconds of one step, from batches that nothing is kept of; the first is not counted."""
    first, *batches = trial.epoch()
    trial.step(first)
    begin = time.perf_counter()
    for rows in batches:
        trial.step(rows)
    return (time.perf_counter() - begin) / len(batches)


def folds_of(groups: Sequence[object], folds: int, seed: int) -> Ints:
    """Return the fold of each text; the texts of a group are in one fold, and folds are about equal in texts.

    With fewer groups than folds, some folds stay empty and their course learns from every text.
    """
    members: dict[object, list[int]] = {}
    for row, group in enumerate(groups):
        members.setdefault(group, []).append(row)
    mixed = [list(members.values())[i] for i in np.random.default_rng(seed).permutation(len(members))]
    found, sizes = np.zeros(len(groups), np.intp), np.zeros(folds, np.intp)
    for rows in sorted(mixed, key=len, reverse=True):
        fold = int(sizes.argmin())
        found[rows], sizes[fold] = fold, sizes[fold] + len(rows)
    return found
