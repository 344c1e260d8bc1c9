"""A suggester that learns while people code, in a thread of its own."""

import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lbc_themes.core.records import Passage, Suggestion
from lbc_themes.encoding import Encoder, load_encoder
from lbc_themes.review.state import StudyState
from lbc_themes.review.trial import LONG_ENOUGH, Trial
from lbc_themes.study import Study
from lbc_themes.study.gold_labels import taught_codes
from lbc_themes.study.study import now
from lbc_themes.suggest import CodeSuggester

AHEAD = 24
BACKGROUND = 120
"""Passages from the whole study that every round is scored among: scores are centred over the texts of a call."""

QUEUE = 20
PAUSE = 0.2
"""Seconds between a decision and learning from it: the next page is drawn first, with the machine to itself."""

STALE_AFTER = 10
"""A suggestion is made anew once the decisions have grown by one in so many since it was made."""


@dataclass(kw_only=True, eq=False)
class Batch:
    """Suggestions made at one time, after ``taught`` passages. They become a run of the study when one is used."""

    name: str
    taught: int
    suggestions: dict[str, Suggestion]
    stored: bool = False


class Learning:
    """Suggestions that follow the decisions. Pages never wait for it: they show what is there.

    What it learned is shown once it has proved as good as the suggestions that were there before, see ``Trial``.
    """

    def __init__(
        self,
        study: Study,
        *,
        suggester: CodeSuggester | None,
        encoder: str,
        cache: Path | None,
        seed: int = 0,
        trial: int = LONG_ENOUGH,
        pause: float = PAUSE,
    ) -> None:
        """Remember the choices; weights are read when the thread starts to work."""
        self._study, self._cache, self._seed = study, cache, seed
        self._suggester = suggester or CodeSuggester(study.codebook, encoder=encoder)
        self._board = StudyState(study)
        self._wake = threading.Condition()
        self._asked, self._done, self._stopped = 0, 0, False
        self._wanted: tuple[str, ...] = ()
        self._learned: dict[str, Batch] = {}
        self._plain: dict[str, Batch] = {}
        self._batches: dict[str, Batch] = {}
        self._taught: dict[str, tuple[str, ...]] = {}
        self._vectors: dict[str, NDArray[np.float32]] = {}
        self._queue: list[str] = []
        self._made: dict[str, int] = {}
        self._trial = Trial(trial)
        self._pause = pause
        self._beginner: CodeSuggester | None = None
        self._encoder: Encoder | None = None
        self._thread: threading.Thread | None = None
        self.fault = ""

    def start(self) -> None:
        """Begin to work in the background."""
        self._thread = threading.Thread(target=self._work, name="lbc-review-learning", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the round at hand and end."""
        with self._wake:
            self._stopped = True
            self._wake.notify_all()
        if self._thread is not None:
            self._thread.join(timeout=30)

    def ask(self, wanted: Sequence[str]) -> None:
        """Ask for suggestions that have seen every decision so far, for these passages first."""
        with self._wake:
            self._wanted = tuple(wanted[:AHEAD])
            self._asked += 1
            self._wake.notify_all()

    def wait(self, timeout: float) -> bool:
        """Wait until everything asked for is done; say whether it is."""
        with self._wake:
            return self._wake.wait_for(lambda: self._done == self._asked or bool(self.fault), timeout)

    def suggestion(self, passage_id: str) -> tuple[Suggestion, str] | None:
        """Return the newest suggestion for a passage and the name of its batch, where there is one."""
        learned = self._learned.get(passage_id)
        batch = learned if learned and self._trial.passed else self._plain.get(passage_id)
        return (batch.suggestions[passage_id], batch.name) if batch else None

    def queue(self) -> list[str]:
        """Return passages whose coding would teach most, the most telling first."""
        return list(self._queue)

    @property
    def taught(self) -> int:
        """How many passages have been learned from."""
        return len(self._taught)

    @property
    def trial(self) -> Trial:
        """How what was learned compares with the suggestions that were there before."""
        return self._trial

    def keep(self, name: str) -> bool:
        """Store the batch of that name as a run of the study, once; say whether there is one."""
        with self._wake:
            batch = self._batches.get(name)
            if batch is not None and not batch.stored:
                options = {"kind": "review", "taught": str(batch.taught)}
                self._study.add_suggestions(list(batch.suggestions.values()), run=batch.name, options=options)
                batch.stored = True
            return batch is not None

    def _work(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._stopped or self._asked != self._done)
                if self._stopped or self._wake.wait_for(lambda: self._stopped, self._pause):
                    return
                asked, wanted = self._asked, self._wanted
            try:
                self._round(wanted)
            except Exception as fault:  # coding goes on without suggestions that learn
                self.fault = f"{type(fault).__name__}: {fault}"
            with self._wake:
                self._done = asked
                self._wake.notify_all()
            if self.fault:
                return

    def _round(self, wanted: Sequence[str]) -> None:
        if self._encoder is None:
            chosen = self._suggester.encoder
            self._encoder = load_encoder(chosen, self._cache) if isinstance(chosen, str) else chosen
            self._suggester.encoder = self._encoder
        self._board.catch_up()
        self._teach()
        self._refresh(wanted)

    def _teach(self) -> None:
        board = self._board
        decided = {
            passage_id for coder in (*board.people(), *board.adjudicators()) for passage_id in board.decided(coder)
        }
        answers = {i: codes for i in decided if (codes := taught_codes(board.decisions_on(i))) is not None}
        new = [i for i in sorted(answers, key=board.place) if i not in self._taught]
        self._trial.decide(answers)
        if answers == self._taught:
            return
        same = all(answers.get(i) == codes for i, codes in self._taught.items())
        learned = new if same else sorted(answers, key=board.place)
        passages = [board.passages[board.place(i)] for i in learned]
        teach = self._suggester.partial_fit if same and self._taught else self._suggester.fit
        teach(
            passages, [answers[p.id] for p in passages],
            [p.transcript_id for p in passages], self._encoded(passages),
        )  # fmt: skip
        self._taught = answers

    def _refresh(self, wanted: Sequence[str]) -> None:
        board, taught = self._board, len(self._taught)
        stale = [i for i in wanted if self._is_stale(i, taught)]
        if not stale:
            return
        chance = random.Random(self._seed)  # noqa: S311 (a sample, no secret)
        others = chance.sample(board.passages, min(BACKGROUND, len(board.passages)))
        asked = {p.id: p for p in [*(board.passages[board.place(i)] for i in wanted), *others]}
        passages = list(asked.values())
        lacking = [i for i in wanted if i not in self._plain and self._study.suggestion_for(i) is None]
        self._put(self._plain, lacking, passages, self._untaught(), 0)
        if not taught:
            self._learned.clear()
        else:
            self._put(self._learned, wanted, passages, self._suggester, taught)
            self._guess(wanted)
        self._made |= dict.fromkeys(wanted, taught)
        open_ones = [p for p in passages if p.id not in self._taught]
        rows = self._encoded(open_ones)
        self._queue = [p.id for p in self._suggester.next_to_code(open_ones, QUEUE, rows)] if open_ones else []

    def _untaught(self) -> CodeSuggester:
        """Return a suggester that knows the codebook alone."""
        if not self._taught:
            return self._suggester
        if self._beginner is None:
            self._beginner = CodeSuggester(self._study.codebook, encoder=self._suggester.encoder)
        return self._beginner

    def _put(
        self, held: dict[str, Batch], wanted: Sequence[str], passages: Sequence[Passage], suggester: CodeSuggester,
        taught: int,
    ) -> None:  # fmt: skip
        """Make suggestions among ``passages``, and put those that are wanted into ``held``."""
        if not wanted:
            return
        vectors = self._encoded(passages)
        found = {s.passage_id: s for s in suggester.suggest(passages, top=3, vectors=vectors)}
        name = f"review {now()} {taught}"
        batch = Batch(name=name, taught=taught, suggestions={i: found[i] for i in wanted})
        with self._wake:
            self._batches[name] = batch
            held |= dict.fromkeys(wanted, batch)
            used = {b.name for b in (*self._plain.values(), *self._learned.values())}
            self._batches = {n: b for n, b in self._batches.items() if n in used or b.taught + 50 > taught}

    def _guess(self, wanted: Sequence[str]) -> None:
        for i in wanted:
            if i not in self._taught:
                plain = self._plain.get(i)
                before = self._study.suggestion_for(i) or (plain.suggestions[i] if plain else None)
                self._trial.guess(i, before, self._learned[i].suggestions[i])

    def _is_stale(self, passage_id: str, taught: int) -> bool:
        made = self._made.get(passage_id)
        if made is None:
            return taught > 0 or self._study.suggestion_for(passage_id) is None
        return taught != made and abs(taught - made) >= max(1, made // STALE_AFTER)

    def _encoded(self, passages: Sequence[Passage]) -> NDArray[np.float64]:
        assert self._encoder is not None
        missing = [p for p in passages if p.id not in self._vectors]
        if missing:
            made = self._encoder.encode([p.text for p in missing])
            self._vectors |= {p.id: row for p, row in zip(missing, made, strict=True)}
        if not passages:
            return np.zeros((0, self._encoder.dimensions))
        return np.stack([self._vectors[p.id] for p in passages]).astype(np.float64)
