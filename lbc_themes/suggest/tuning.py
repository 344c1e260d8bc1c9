"""The encoder tuned on the coder's texts: one more view, with answers to texts whose participants were left out."""

import io
import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from lbc_themes.core.errors import InputError, MissingExtraError
from lbc_themes.encoding import Encoder
from lbc_themes.encoding.e5_parts import E5Parts, split_encoder
from lbc_themes.suggest.stacking import Floats
from lbc_themes.suggest.tuning_course import Choices, Course, Ints, Kept, States, answers
from lbc_themes.suggest.tuning_net import shape_of
from lbc_themes.suggest.tuning_progress import announced, bar, say_interrupted
from lbc_themes.text.simplify import simplified

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
            raise InputError(
                f'tune="encoder" needs at least {FEWEST_TEXTS} coded texts, not {len(texts)}; leave it out until then'
            )
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
        with np.load(io.BytesIO(kept), allow_pickle=False) as file:
            view = cls(Choices(**json.loads(str(file["choices"]))))
            view.left_out_ = file["left_out"]
            models: dict[str, Kept] = {}
            for name in (name for name in file.files if "/" in name):
                fold, _, weight = name.partition("/")
                models.setdefault(fold, {})[weight] = file[name]
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
