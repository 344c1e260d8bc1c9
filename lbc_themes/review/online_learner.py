"""Active learning on the review page: a challenger learns from decisions while people code, a frozen champion does not.

The champion is what a person would be shown had nothing been learned: the newest suggestion of a run that the page did
not make itself or, where there is none, what the codebook alone leads to. It is made once and then stays. The
challenger is fitted to the decisions. Both predict each passage before it is decided (test-then-train, Dawid 1984,
doi:10.2307/2981683), the decision scores both, and the scores say, passage by passage, which of the two is shown.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from lbc_themes.core.records import Codebook, Passage, Suggestion
from lbc_themes.encoding import Encoder, load_encoder
from lbc_themes.review.state import StudyState
from lbc_themes.safeguards.distress import distress_cues, without_small_talk
from lbc_themes.study import Study
from lbc_themes.study.gold_labels import taught_codes
from lbc_themes.study.store import now
from lbc_themes.suggest import CodeSuggester
from lbc_themes.suggest.codebook_fit import CodebookFit, codebook_fit, without_misfits

AHEAD = 24
MOST_WANTED = 5 * AHEAD
"""Passages that one round makes suggestions for, where several people code at once."""

BACKGROUND = 120
"""Passages from the whole study that every round is scored among: scores are centred over the texts of a call."""

QUEUE = 20
PAUSE = 0.2
"""Seconds between a decision and learning from it: the next page is drawn first, with the machine to itself."""

STALE_AFTER = 10
"""A suggestion is made anew once the decisions have grown by one in so many since it was made."""

REMEMBERED_BATCHES = 50
"""Batches that a page may still show though newer ones were made."""

TOP = 3
REVIEW_RUN = "review"
"""The kind of the runs that the page makes itself, in their ``options``."""

MOST_TAUGHT = 1_000
"""Passages that are learned from: of more, so many are drawn. Learning takes their number squared in memory."""

FEWEST_OF_A_CODE = 5
"""So many passages of each code are drawn before any others."""

REVISED_AFTER = 20
"""Answers that changed are learned once they are one in so many; what is new is learned at once."""

LONGEST_PAUSE = 2.0
"""Seconds at most for which learning rests after a round, as long as the round took: pages come first."""

EARLIER_FOLDS = 5
MOST_EARLIER = 500
"""Passages decided before the page was opened on which both are compared."""

FEW_INTERVIEWS = 6
"""Below so many interviews the interval takes passages as independent: a variance over fewer clusters is unreliable."""


# --- What is learned from where more is decided than can be learned from after each decision.


def drawn(answers: Mapping[str, Collection[str]], most: int) -> list[str]:
    """Return up to ``most`` ids of ``answers``, which are code ids by passage id.

    Up to `FEWEST_OF_A_CODE` passages of each code come first, the rest is drawn at random, so that how often a code is
    used is kept. The order hangs on the ids alone: what was drawn is drawn again when there are more answers.

    >>> drawn({"a": ("x",), "b": ()}, 5) == sorted({"a", "b"}, key=lambda i: sha256(i.encode()).digest())
    True
    """
    ids = sorted(answers, key=lambda passage_id: sha256(passage_id.encode()).digest())
    if len(ids) <= most:
        return ids
    seen = Counter[str]()
    first: list[str] = []
    rest: list[str] = []
    for passage_id in ids:
        rare = any(seen[code_id] < FEWEST_OF_A_CODE for code_id in answers[passage_id])
        seen.update(answers[passage_id])
        (first if rare else rest).append(passage_id)
    return [*first, *rest][:most]


# --- Champion and challenger.


def right_among_first(suggestion: Suggestion | None, codes: Collection[str], top: int = TOP) -> float:
    """Return the share of ``codes`` among the first ``top`` suggested; with no code, 1 where rightly none is suggested.

    >>> right_among_first(None, ())
    1.0
    """
    suggested = {code.code_id for code in suggestion.codes[:top]} if suggestion else set()
    return float(not suggested) if not codes else len(suggested & set(codes)) / len(set(codes))


@dataclass(frozen=True, kw_only=True, slots=True)
class Prediction:
    """What champion and challenger suggest for a passage before it is decided, and which of the two is shown."""

    interview: str
    champion: Suggestion | None
    challenger: Suggestion
    shown_challenger: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """Mean scores over the passages on which both were compared, from 0 to 1, and how sure their difference is.

    ``difference`` is challenger minus champion; ``low`` and ``high`` bound its 95 % interval. They are NaN below two
    passages.
    """

    compared: int
    champion: float
    challenger: float
    shown: float
    difference: float
    low: float
    high: float
    shown_challenger: float

    @property
    def verdict(self) -> str:
        """What the interval says of the challenger: "better" or "worse" where it leaves out zero, else "open"."""
        return "better" if self.low > 0 else "worse" if self.high < 0 else "open"


class ChampionChallenger:
    """Compares two ways to suggest on the same passages, and says for a further passage which of them to show.

    The difference of their scores (between equal ones, of their first codes) is regressed on whether one of them
    abstains where the other suggests (Bayesian linear regression, Bishop 2006, section 3.3, prior: no difference).
    Where more is to be expected of the challenger it is shown, else the champion. Decisions are made with one of the
    two in view, which favours the one in view; the replayed decisions of the benchmark ``replay`` are free of that.
    """

    def __init__(self) -> None:
        """Begin with nothing compared."""
        self.predictions: dict[str, Prediction] = {}
        self._scores: dict[str, tuple[float, float]] = {}
        self._gains: dict[str, float] = {}
        self._weights = np.zeros(len(_features(None, None)))

    def predict(self, passage_id: str, interview: str, champion: Suggestion | None, challenger: Suggestion) -> None:
        """Remember both suggestions for an undecided passage; the last before the decision counts."""
        self.predictions[passage_id] = Prediction(
            interview=interview, champion=champion, challenger=challenger,
            shown_challenger=self.prefers_challenger(champion, challenger),
        )  # fmt: skip

    def observe(self, answers: Mapping[str, Collection[str]]) -> None:
        """Score the predictions for what is decided by now; ``answers`` are code ids by passage id."""
        scores = {
            passage_id: (
                right_among_first(made.champion, answers[passage_id]),
                right_among_first(made.challenger, answers[passage_id]),
            )
            for passage_id, made in self.predictions.items()
            if passage_id in answers
        }
        if scores != self._scores:
            self._scores = scores
            self._gains = {i: _gain(self.predictions[i], answers[i]) for i in scores}
            self._weights = self._regressed()

    def _regressed(self) -> NDArray[np.float64]:
        made = [self.predictions[passage_id] for passage_id in self._scores]
        if not made:
            return np.zeros_like(self._weights)
        rows = np.array([_features(each.champion, each.challenger) for each in made])
        differences = np.array(list(self._gains.values()))
        precision = rows.T @ rows / NOISE_VARIANCE + np.diag(1 / PRIOR_VARIANCES)
        weights: NDArray[np.float64] = np.linalg.solve(precision, rows.T @ differences / NOISE_VARIANCE)
        return weights

    def prefers_challenger(self, champion: Suggestion | None, challenger: Suggestion) -> bool:
        """Say whether more is to be expected of the challenger for a passage with these two suggestions."""
        return float(_features(champion, challenger) @ self._weights) > 0

    def comparison(self) -> Comparison:
        """Return how the two compare so far."""
        made = [self.predictions[passage_id] for passage_id in self._scores]
        scores = np.array(list(self._scores.values())).reshape(-1, 2)
        chosen = np.array([each.shown_challenger for each in made], dtype=bool)
        shown = np.where(chosen, scores[:, 1], scores[:, 0])
        low, high = difference_interval(scores[:, 1] - scores[:, 0], [each.interview for each in made])
        champion, challenger = (float(scores[:, which].mean()) if made else np.nan for which in (0, 1))
        return Comparison(
            compared=len(made), champion=champion, challenger=challenger, shown=float(shown.mean()) if made else np.nan,
            difference=challenger - champion, low=low, high=high,
            shown_challenger=float(chosen.mean()) if made else np.nan,
        )  # fmt: skip


TIE = 0.1
"""What a right first code counts beside the share of right ones among three: it settles ties between the two."""

NOISE_VARIANCE = 0.15
PRIOR_VARIANCES = np.array([0.15, 0.15]) ** 2
"""Of the regression's weights: without evidence, differences beyond .3 are not expected."""


def _gain(made: Prediction, codes: Collection[str]) -> float:
    """Return how much better the challenger did; between equals the one whose first code is right."""
    champion, challenger = (
        right_among_first(suggestion, codes) + TIE * (right_among_first(suggestion, codes, top=1) > 0)
        for suggestion in (made.champion, made.challenger)
    )
    return challenger - champion


def _features(champion: Suggestion | None, challenger: Suggestion | None) -> NDArray[np.float64]:
    """Return a constant, and 1 or -1 where the champion or the challenger alone abstains.

    How sure each is of its first code, and whether they agree on it, was tried and adds nothing.
    """
    abstains = [float(not (made and made.codes)) for made in (champion, challenger)]
    return np.array([1.0, abstains[0] - abstains[1]])


def difference_interval(differences: NDArray[np.float64], interviews: Sequence[str]) -> tuple[float, float]:
    """Return the bounds of the 95 % interval of the mean of ``differences``, paired by passage.

    From six interviews on the variance is clustered by interview (Cameron & Miller 2015, doi:10.3368/jhr.50.2.317,
    equation 11), for passages of one interview are alike; before, passages are taken as independent. Student's t.
    """
    from scipy.stats import t

    names, place = np.unique(np.array(interviews, dtype=str), return_inverse=True)
    clustered = len(names) >= FEW_INTERVIEWS
    units = len(names) if clustered else len(differences)
    if units < 2:
        return np.nan, np.nan
    residuals = differences - differences.mean()
    sums = np.bincount(place, weights=residuals) if clustered else residuals
    error = np.sqrt(units / (units - 1) * (sums**2).sum()) / len(differences)
    reach = float(t.ppf(0.975, units - 1) * error)
    mean = float(differences.mean())
    return mean - reach, mean + reach


# --- The learner of the page.


@dataclass(frozen=True, kw_only=True, eq=False)
class Batch:
    """Suggestions made at one time, after ``taught`` passages; ``run`` names the run that those shown belong to."""

    run: str
    taught: int
    source: str
    suggestions: dict[str, Suggestion] = field(repr=False)


class OnlineLearner:
    """Suggestions that follow the decisions, made in a thread of its own. Pages never wait for it.

    Of what it makes only the suggestion that was in view when a decision was recorded is stored, see ``store_shown``.
    """

    def __init__(
        self,
        study: Study,
        *,
        suggester: CodeSuggester | None,
        encoder: str,
        cache: Path | None,
        seed: int = 0,
        pause: float = PAUSE,
        state: StudyState | None = None,
    ) -> None:
        """Remember the choices; weights are read when the thread starts to work. ``state`` is one that is at hand."""
        self._study, self._cache, self._seed = study, cache, seed
        self._challenger = suggester or CodeSuggester(study.codebook, encoder=encoder)
        self._follows_codebook = suggester is None
        self._state = state or StudyState(study)
        self._wake = threading.Condition()
        self._asked, self._done, self._stopped = 0, 0, False
        self._wanted: tuple[str, ...] = ()
        self._champion: dict[str, Batch] = {}
        self._learned: dict[str, Batch] = {}
        self._batches: dict[str, Batch] = {}
        self._stored: set[str] = set()
        self._answers: dict[str, tuple[str, ...]] = {}
        self._taught: dict[str, tuple[str, ...]] = {}
        self._changes_seen = 0
        self._stored_batches: dict[str, Batch] = {}
        self._vectors: dict[str, NDArray[np.float32]] = {}
        self._queue: list[str] = []
        self._made: dict[str, int] = {}
        self._trial = ChampionChallenger()
        self._pause = pause
        self._codebook_alone: CodeSuggester | None = None
        self._encoder: Encoder | None = None
        self._thread: threading.Thread | None = None
        self._judged: Codebook | None = None
        self.codebook_fit: CodebookFit | None = None
        """How far the codebook fits a sample of the study; None where that is not known."""
        self.fault = ""

    def start(self) -> None:
        """Begin to work in the background."""
        self._thread = threading.Thread(target=self._work, name="lbc-online-learner", daemon=True)
        self._thread.start()
        self.ask(())

    def stop(self) -> None:
        """Finish the round at hand and end."""
        with self._wake:
            self._stopped = True
            self._wake.notify_all()
        if self._thread is not None:
            self._thread.join(timeout=30)

    def ask(self, wanted: Sequence[str]) -> None:
        """Ask for suggestions that have seen every decision so far, for these passages first.

        What others asked for and did not get yet comes after it.
        """
        with self._wake:
            self._wanted = tuple(dict.fromkeys((*wanted[:AHEAD], *self._wanted)))[:MOST_WANTED]
            self._asked += 1
            self._wake.notify_all()

    def wait(self, timeout: float) -> bool:
        """Wait until everything asked for is done; say whether it is."""
        with self._wake:
            return self._wake.wait_for(lambda: self._done == self._asked or bool(self.fault), timeout)

    def suggestion(self, passage_id: str) -> tuple[Suggestion, str] | None:
        """Return the suggestion to show for a passage and the name of its run, or None where there is none yet."""
        champion, learned = self._champion.get(passage_id), self._learned.get(passage_id)
        prediction = self._trial.predictions.get(passage_id)
        batch = learned if learned and prediction and prediction.shown_challenger else champion
        return (batch.suggestions[passage_id], batch.run) if batch else None

    def queue(self) -> list[str]:
        """Return passages whose coding would teach most, the most telling first."""
        return list(self._queue)

    @property
    def taught(self) -> int:
        """How many passages have been learned from: all that are decided or, of very many, those that were drawn."""
        return len(self._taught)

    @property
    def comparison(self) -> Comparison:
        """How what was learned compares with what would have been shown had nothing been learned."""
        return self._trial.comparison()

    def store_shown(self, run: str, passage_id: str) -> str:
        """Store what was in view of a passage as a run of its own, once, and return the name of that run.

        ``run`` is the name that ``suggestion`` gave. The runs of the page hold what people had in view when they
        decided, and nothing else. Returns "" where ``run`` is not of this learner.
        """
        with self._wake:
            batch = self._batches.get(run)
            shown = batch.suggestions.get(passage_id) if batch else None
            if batch is None or shown is None:
                return ""
            name = f"{run} {self._state.place(passage_id)}"
            if name not in self._stored:
                options = {"kind": REVIEW_RUN, "taught": str(batch.taught), "source": batch.source}
                self._study.add_suggestions([shown], run=name, options=options)
                self._stored.add(name)
            return name

    def _work(self) -> None:
        rest = self._pause
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._stopped or self._asked != self._done)
                if self._stopped or self._wake.wait_for(lambda: self._stopped, rest):
                    return
                asked, wanted, self._wanted = self._asked, self._wanted, ()
            begun = time.monotonic()
            try:
                with threadpool_limits(1):  # one core is left to the pages
                    self.learn(wanted)
            except Exception as fault:  # coding goes on without suggestions that learn
                self.fault = f"{type(fault).__name__}: {fault}"
            with self._wake:
                self._done = asked
                self._wake.notify_all()
            if self.fault:
                return
            rest = max(self._pause, min(time.monotonic() - begun, LONGEST_PAUSE)) if self._pause else 0

    def learn(self, wanted: Sequence[str]) -> None:
        """Learn from every decision so far and make suggestions for the passages ``wanted``, at once.

        The thread calls this; a script that replays decisions may call it instead of ``start`` and ``ask``.
        """
        if self._encoder is None:
            chosen = self._challenger.encoder
            self._encoder = load_encoder(chosen, self._cache) if isinstance(chosen, str) else chosen
            self._challenger.encoder = self._encoder
        self._state.catch_up()
        self._judge_codebook()
        resumed = not self._answers
        self._teach()
        self._refresh(wanted)
        if resumed and self._answers:
            self._compare_with_earlier()
            self._predict_again(wanted)

    @property
    def coded(self) -> int:
        """How many of the passages learned from have codes."""
        return sum(bool(codes) for codes in self._answers.values())

    def _background(self) -> list[Passage]:
        sample = random.Random(self._seed)  # noqa: S311 (a sample, no secret)
        return sample.sample(self._state.passages, min(BACKGROUND, len(self._state.passages)))

    def _judge_codebook(self) -> None:
        """Judge on a sample, once for each codebook, whether it is about what the interviews are about."""
        if self._judged is not self._study.codebook:
            self._judged = self._study.codebook
            self.codebook_fit = self._fit_of(self._background())

    def _fit_of(self, passages: Sequence[Passage]) -> CodebookFit | None:
        assert self._encoder is not None
        return codebook_fit(self._study.codebook, self._encoder, [p.text for p in passages], self._encoded(passages))

    def _as_allowed(self, passages: Sequence[Passage], made: Sequence[Suggestion], coded: int) -> list[Suggestion]:
        """Return suggestions for the first of ``passages`` by the rules of ``study suggest``."""
        fit = self.codebook_fit
        if fit is not None and fit.misfit and (about := self._fit_of(passages)) is not None:
            made = without_misfits(made, replace(fit, fits=about.fits[: len(made)]), coded=coded)
        return without_small_talk(made, [distress_cues(p.text) for p in passages[: len(made)]])

    def _teach(self) -> None:
        state = self._state
        if self._follows_codebook and self._study.codebook is not self._challenger.codebook:
            # A code was added or defined anew while people code: everything is learned again with it.
            self._challenger = CodeSuggester(self._study.codebook, encoder=self._challenger.encoder)
            self._taught, self._codebook_alone = {}, None
        changed, self._changes_seen = state.decided_since(self._changes_seen)
        answers = dict(self._answers)
        for passage_id in changed:
            codes = taught_codes(state.decisions_on(passage_id))
            if codes is None:
                answers.pop(passage_id, None)
            else:
                answers[passage_id] = codes
        self._answers = answers
        self._trial.observe(answers)
        new = [i for i in changed if i in answers and i not in self._taught]
        revised = sum(answers.get(i) != codes for i, codes in self._taught.items())
        full = len(self._taught) + len(new) > MOST_TAUGHT + MOST_TAUGHT // STALE_AFTER
        if full or not self._taught or REVISED_AFTER * revised >= len(self._taught):
            new, self._taught = drawn(answers, MOST_TAUGHT), {}
        learned = sorted(new, key=state.place)
        if learned or (revised and not self._taught):
            passages = [state.passages[state.place(i)] for i in learned]
            teach = self._challenger.partial_fit if self._taught else self._challenger.fit
            teach(
                passages, [answers[i] for i in learned],
                [p.transcript_id for p in passages], self._encoded(passages),
            )  # fmt: skip
            self._taught |= {i: answers[i] for i in learned}

    def _compare_with_earlier(self) -> None:
        """Compare both on what was decided before the page was opened: each interview by what the others teach.

        Out-of-fold, by interview, on up to `MOST_EARLIER` passages; nothing where only one interview is coded.
        """
        from sklearn.model_selection import GroupKFold

        state = self._state
        chosen = drawn(self._taught, MOST_EARLIER)
        decided = [state.passages[i] for i in sorted(map(state.place, chosen))]
        interviews = [p.transcript_id for p in decided]
        folds = min(EARLIER_FOLDS, len(set(interviews)))
        if folds < 2:
            return
        self._freeze_champion([p.id for p in decided], decided)
        vectors = self._encoded(decided)
        for train, test in GroupKFold(folds).split(decided, groups=interviews):
            if self._stopped:
                return
            challenger = CodeSuggester(self._study.codebook, encoder=self._challenger.encoder)
            challenger.fit(
                [decided[i] for i in train], [self._answers[decided[i].id] for i in train],
                [interviews[i] for i in train], vectors[train],
            )  # fmt: skip
            passages = [decided[i] for i in test]
            coded = sum(bool(self._answers[decided[i].id]) for i in train)
            made = self._as_allowed(passages, challenger.suggest(passages, TOP, vectors[test]), coded)
            for passage, learned in zip(passages, made, strict=True):
                self._predict(passage.id, learned)
        self._trial.observe(self._answers)

    def _predict_again(self, wanted: Sequence[str]) -> None:
        """Choose anew which of the two is shown, now that more is known of both."""
        for passage_id in wanted:
            if passage_id not in self._answers and passage_id in self._learned:
                self._predict(passage_id, self._learned[passage_id].suggestions[passage_id])

    def _refresh(self, wanted: Sequence[str]) -> None:
        state, taught, decided = self._state, self.taught, len(self._answers)
        stale = [i for i in wanted if self._is_stale(i, decided)]
        if not stale:
            return
        others = self._background()
        among = {p.id: p for p in [*(state.passages[state.place(i)] for i in wanted), *others]}
        passages = list(among.values())
        self._freeze_champion(wanted, passages)
        if not taught:
            self._learned.clear()
        else:
            self._learned |= self._suggested(wanted, passages, self._challenger, taught, "challenger")
            for i in wanted:
                if i not in self._answers:
                    self._predict(i, self._learned[i].suggestions[i])
        self._made |= dict.fromkeys(wanted, decided)
        undecided = [p for p in passages if p.id not in self._answers]
        vectors = self._encoded(undecided)
        self._queue = [p.id for p in self._challenger.next_to_code(undecided, QUEUE, vectors)] if undecided else []

    def _predict(self, passage_id: str, learned: Suggestion) -> None:
        interview = self._state.passages[self._state.place(passage_id)].transcript_id
        champion = self._champion[passage_id].suggestions[passage_id]
        self._trial.predict(passage_id, interview, champion, learned)

    def _freeze_champion(self, wanted: Sequence[str], passages: Sequence[Passage]) -> None:
        """Fix what is shown for ``wanted`` had nothing been learned, where that is not fixed yet."""
        lacking = [i for i in wanted if i not in self._champion]
        for run in reversed(self._study.runs) if lacking else ():
            if run.options.get("kind") != REVIEW_RUN:
                if run.name not in self._stored_batches:
                    there = {s.passage_id: s for s in run.suggestions}
                    made = Batch(run=run.name, taught=0, source="stored", suggestions=there)
                    self._stored_batches[run.name] = made
                batch = self._stored_batches[run.name]
                self._champion |= {i: batch for i in lacking if i in batch.suggestions}
                lacking = [i for i in lacking if i not in batch.suggestions]
        if lacking:
            self._champion |= self._suggested(lacking, passages, self._untaught(), 0, "champion")

    def _untaught(self) -> CodeSuggester:
        """Return a suggester that knows the codebook alone."""
        if self._codebook_alone is None:
            self._codebook_alone = CodeSuggester(self._study.codebook, encoder=self._challenger.encoder)
        return self._codebook_alone

    def _suggested(
        self, wanted: Sequence[str], passages: Sequence[Passage], suggester: CodeSuggester, taught: int, source: str
    ) -> dict[str, Batch]:
        """Return a batch of suggestions for ``wanted``, made among ``passages``, by passage id."""
        chosen = set(wanted)
        among = [p for p in passages if p.id not in chosen]
        ordered = [*(p for p in passages if p.id in chosen), *among]
        suggested = suggester.suggest(ordered, TOP, self._encoded(ordered), among=len(among))
        allowed = self._as_allowed(ordered, suggested, self.coded if taught else 0)
        made = {s.passage_id: s for s in allowed}
        name = f"{REVIEW_RUN} {now()} {source} {taught}"
        batch = Batch(run=name, taught=taught, source=source, suggestions={i: made[i] for i in wanted})
        with self._wake:
            self._batches[name] = batch
            used = {b.run for b in (*self._champion.values(), *self._learned.values())} | {name}
            latest = [*self._batches][-REMEMBERED_BATCHES:]
            self._batches = {n: b for n, b in self._batches.items() if n in used or n in latest}
        return dict.fromkeys(wanted, batch)

    def _is_stale(self, passage_id: str, decided: int) -> bool:
        made = self._made.get(passage_id)
        if made is None:
            return True
        return decided != made and abs(decided - made) >= max(1, made // STALE_AFTER)

    def _encoded(self, passages: Sequence[Passage]) -> NDArray[np.float64]:
        assert self._encoder is not None
        missing = [p for p in passages if p.id not in self._vectors]
        if missing:
            made = self._encoder.encode([p.text for p in missing])
            self._vectors |= {p.id: row for p, row in zip(missing, made, strict=True)}
        if not passages:
            return np.zeros((0, self._encoder.dimensions))
        return np.stack([self._vectors[p.id] for p in passages]).astype(np.float64)
