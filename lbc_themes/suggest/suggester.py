"""Suggest codes for passages, learn from a coder's decisions, and say why; a person decides."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Codebook, Coding, Passage, RankedCode, Suggestion
from lbc_themes.encoding import Encoder, load_encoder
from lbc_themes.suggest.abstention import NOT_SURE, line_of_nothing, silences, too_short
from lbc_themes.suggest.calibration import first_line, sigmoid
from lbc_themes.suggest.code_texts import bare_names, code_ids
from lbc_themes.suggest.explain import Explainer, Pools
from lbc_themes.suggest.features import Corpus, corpus_of
from lbc_themes.suggest.fine_tuning import TunedView
from lbc_themes.suggest.learner import Learner, leavable, zero_shot_logits
from lbc_themes.suggest.selective import accepted, families
from lbc_themes.suggest.tfidf import AnyFloats, Bools, Floats
from lbc_themes.suggest.validation import (
    CodeSets,
    Taken,
    groups_of,
    targets_of,
    texts_of,
    texts_of_passages,
    vectors_of,
)
from lbc_themes.suggest.zero_shot import Compared, ZeroShot
from lbc_themes.text.simplify import simplified

GROWTH = 1.1
Tune = Literal["", "encoder"]

if TYPE_CHECKING:
    from lbc_themes.suggest.active_learning import Changes
    from lbc_themes.suggest.disagreements import Disagreements


class CodeSuggester(BaseEstimator):  # type: ignore[misc]
    """Ranks the codes of a codebook for texts and suggests the best, or says that nothing fits.

    ``codebook`` is a Codebook; ``codes=[...]`` takes bare names or questions in its place. ``encoder`` is an encoder's
    name or an encoder. With nothing coded the ranking comes from the codebook alone: a ridge regression on its
    examples, the dense similarity to its definitions and the TF-IDF similarity to its words. ``fit`` and
    ``partial_fit`` learn from coded passages; with a handful the two are blended, with hundreds the passages lead.

    Follows scikit-learn: the constructor stores, ``fit`` learns, what is learned ends in an underscore, ``clone`` and
    ``cross_val_predict`` work (there, give the codes as an array of 0 and 1).
    """

    def __init__(
        self,
        codebook: Codebook | None = None,
        *,
        codes: Sequence[str] | None = None,
        encoder: str | Encoder = "e5-small-zh.v1",
    ) -> None:
        """Remember the choices; nothing is read or learned yet."""
        self.codebook = codebook
        self.codes = codes
        self.encoder = encoder

    def set_params(self, **params: object) -> Self:
        """Change choices; what was learned with others is of no use then, and ``fit`` is to be called again."""
        for built in ("_encoder_used", "_zero_shot_used", "_explainer_used", "ground_"):
            self.__dict__.pop(built, None)
        changed: Self = super().set_params(**params)
        return changed

    @property
    def codes_(self) -> tuple[str, ...]:
        """The code ids, in the order of the columns of every array."""
        return code_ids(self.codebook, self.codes)

    @property
    def classes_(self) -> "NDArray[np.intp]":
        """The columns' numbers, which scikit-learn asks of a multi-label classifier."""
        return np.arange(len(self.codes_))

    @property
    def coded_(self) -> int:
        """The number of coded texts learned from."""
        return len(self.texts_) if hasattr(self, "texts_") else 0

    def fit(
        self, texts: Sequence[str], code_sets: CodeSets, groups: Sequence[object] | None = None,
        vectors: AnyFloats | None = None, tune: Tune = "",
    ) -> Self:  # fmt: skip
        """Learn from coded texts, forgetting what was learned before.

        ``code_sets`` is one collection of code ids a text (empty: coded, and nothing applies), or an array of 0 and 1
        of shape ``(n, codes)``. ``groups`` names the participant of each text: calibration and thresholds then come
        from answers of participants left out. ``vectors`` saves encoding where they are at hand.

        ``tune="encoder"`` also trains the upper layers of the library's own encoder on these texts, which takes minutes
        (it says how many) and adds a little where there are many hundreds; needs ``pip install 'lbc_themes[tune]'``.
        Ctrl-C ends it early with what it has. ``partial_fit`` later keeps what was tuned as it is.
        """
        if tune not in get_args(Tune):
            raise InputError(f'tune must be "" or "encoder", not {tune!r}')
        return self.fit_beside(TunedView() if tune else None, texts, code_sets, groups, vectors)

    def fit_beside(
        self, tuned: TunedView | None, texts: Sequence[str], code_sets: CodeSets, groups: Sequence[object] | None,
        vectors: AnyFloats | None, parts: Sequence[int] = (),
    ) -> Self:  # fmt: skip
        """Learn as ``fit`` does, with a view of a tuned encoder: one yet to be fitted, or one tuned on these texts.

        ``parts`` are the sizes of the parts that the texts came in (`parts_`), to learn as was learned from them.
        """
        taken = self._taken(texts, code_sets, groups, vectors)
        if tuned is not None and not tuned.fitted:
            tuned = tuned if tuned.fit(self._encoder(), taken.texts, taken.targets, leavable(taken.groups)) else None
        self.texts_: list[str] = []
        self.targets_ = np.zeros((0, len(self.codes_)))
        self.vectors_ = np.zeros((0, self._encoder().dimensions))
        self.groups_: list[str] | None = []
        self.parts_: list[int] = []
        self.learner_: Learner | None = None
        self.tuned_ = tuned
        self.choices_ = self._choices()
        first, *further = parts or [len(taken.texts)]
        self._learn(taken.part(slice(first)))
        if further:
            rest = taken.part(slice(first, None))
            self._keep(rest)
            self._extend(rest, further)
        return self

    def partial_fit(
        self, texts: Sequence[str], code_sets: CodeSets, groups: Sequence[object] | None = None,
        vectors: AnyFloats | None = None,
    ) -> Self:  # fmt: skip
        """Learn from further coded texts as well, as ``fit`` on all of them would, but at once.

        Until the coded texts have grown by a tenth, their words are weighted and their answers calibrated as before. A
        tuned encoder stays as it is.
        """
        if not hasattr(self, "texts_"):
            return self.fit(texts, code_sets, groups, vectors)
        self._refuse_other_choices()
        self._learn(self._taken(texts, code_sets, groups, vectors))
        return self

    def _taken(
        self, texts: Sequence[str], code_sets: CodeSets, groups: Sequence[object] | None, vectors: AnyFloats | None
    ) -> Taken:
        found = texts_of(texts)
        targets = targets_of(code_sets, self.codes_, len(found))
        said_by = groups_of(groups, len(found))
        return Taken(texts=found, targets=targets, groups=said_by, vectors=self._vectors(found, vectors))

    def _learn(self, taken: Taken) -> None:
        grouped = self.groups_ is not None
        self._keep(taken)
        near = self.learner_ is not None and self.coded_ <= GROWTH * self.learner_.checked_
        if near and grouped == (self.groups_ is not None):
            self._extend(taken, [len(taken.texts)])
        elif self.texts_:
            self.parts_ = [self.coded_]
            corpus = corpus_of(self.texts_, self.vectors_)
            prior, swell = self._prior(self._zero_shot().compare(corpus))
            tuned = None if self.tuned_ is None else self.tuned_.unseen(self._encoder(), self.texts_)
            self.learner_ = Learner().fit(corpus, self.targets_, prior, self.groups_, tuned, swell)

    def _keep(self, taken: Taken) -> None:
        known = self.groups_ is not None and taken.groups is not None
        self.groups_ = [*(self.groups_ or []), *(taken.groups or [])] if known else None
        self.texts_ = [*self.texts_, *taken.texts]
        self.targets_ = np.vstack([self.targets_, taken.targets])
        self.vectors_ = np.vstack([self.vectors_, taken.vectors])

    def _extend(self, taken: Taken, sizes: Sequence[int]) -> None:
        assert self.learner_ is not None
        ends = np.cumsum([0, *sizes]).tolist()
        parts = [taken.part(slice(start, end)) for start, end in pairwise(ends)]
        self.parts_ = [*self.parts_, *sizes]
        self.learner_ = self.learner_.extended([corpus_of(p.texts, p.vectors) for p in parts], taken.targets)

    def _choices(self) -> tuple[tuple[str, ...], str, int]:
        return self.codes_, self._encoder().name, self._encoder().dimensions

    def _refuse_other_choices(self) -> None:
        if self.coded_ and self.choices_ != self._choices():
            raise InputError("the codes or the encoder are not those that were learned with; call fit again with these")

    def _encoder(self) -> Encoder:
        if not hasattr(self, "_encoder_used"):
            self._encoder_used = load_encoder(self.encoder) if isinstance(self.encoder, str) else self.encoder
        return self._encoder_used

    def _zero_shot(self) -> ZeroShot:
        if not hasattr(self, "_zero_shot_used"):
            self._zero_shot_used = ZeroShot(self.codebook, bare_names(self.codebook, self.codes), self._encoder())
        return self._zero_shot_used

    def _explainer(self) -> Explainer:
        if not hasattr(self, "_explainer_used"):
            self._explainer_used = Explainer(self.codebook, bare_names(self.codebook, self.codes))
        return self._explainer_used

    def _vectors(self, texts: list[str], vectors: AnyFloats | None) -> Floats:
        found = self._encoder().encode([simplified(text) for text in texts]) if vectors is None else vectors
        return vectors_of(found, len(texts), self._encoder().dimensions)

    def _prior(self, compared: Compared) -> tuple[Floats, Floats]:
        zero_shot, ground = self._zero_shot(), getattr(self, "ground_", None)
        return zero_shot.scores(compared, ground), zero_shot.swell(compared, ground)

    def settle(self, texts: Sequence[str], vectors: AnyFloats | None = None) -> Self:
        """Fix what scores depend on beside the text itself (means, spreads, what neighbours say) by these texts.

        From then on the score of a text is the same whatever texts stand beside it, which parts of a large corpus need
        that are scored apart. A thousand to five thousand texts drawn at random from the corpus do. It is not saved.
        """
        texts = texts_of(texts)
        if not texts:
            raise InputError("settle needs texts to take its statistics from; give some of the corpus, drawn at random")
        self.ground_ = self._zero_shot().ground(self._compared(texts, vectors))
        return self

    def _logits(self, compared: Compared) -> tuple[Floats, Floats | None]:
        prior, swell = self._prior(compared)
        learner = getattr(self, "learner_", None)
        if learner is None:
            return zero_shot_logits(prior), None
        kernel = learner.kernel(compared.corpus)
        tuned = None if self.tuned_ is None else self.tuned_.scores(self._encoder(), compared.corpus.texts)
        return learner.logits(kernel, prior, tuned, swell), kernel

    def _compared(self, texts: list[str], vectors: AnyFloats | None) -> Compared:
        self._refuse_other_choices()
        return self._zero_shot().compare(corpus_of(texts, self._vectors(texts, vectors)))

    def rank(self, texts: Sequence[str], vectors: AnyFloats | None = None) -> Floats:
        """Return scores of shape ``(len(texts), len(codes_))``, higher for a code that fits better.

        Scores order the codes of a text. They depend on the other texts of the call, which serve as the corpus that
        zero-shot scores are centred over, unless ``settle`` was called.
        """
        texts = texts_of(texts)
        if not texts:
            return np.zeros((0, len(self.codes_)))
        return self._logits(self._compared(texts, vectors))[0]

    def rank_apart(self, texts: Sequence[str], vectors: AnyFloats | None = None) -> Floats:
        """Return scores as ``rank`` does, but each text by itself where nothing is learned from coded passages yet.

        They rank less well than ``rank`` and tell better whether any code fits at all: a subject that no code is about
        is not drawn to the nearest code by the other texts that speak of it.
        """
        compared = self._compared(texts_of(texts), vectors)
        if getattr(self, "learner_", None) is not None:
            return self._logits(compared)[0]
        grounds = self._zero_shot().ground(compared).items()
        return self._zero_shot().scores(compared, {language: held.without_neighbours() for language, held in grounds})

    def scored(self, corpus: Corpus) -> tuple[Floats, list[str]]:
        """Return log-odds of shape ``(n, codes)`` and why nothing is to be suggested for a text, "" where it may be."""
        compared = self._zero_shot().compare(corpus)
        logits, _ = self._logits(compared)
        return logits, self._silences(compared, logits)

    def predict_proba(self, texts: Sequence[str], vectors: AnyFloats | None = None) -> Floats:
        """Return the probability of each code for each text, shape ``(n, codes)``; codes do not exclude one another.

        Calibrated on left-out answers once there are coded texts; with none, the shares of a softmax.
        """
        return sigmoid(self.rank(texts, vectors))

    def predict(self, texts: Sequence[str], vectors: AnyFloats | None = None) -> Bools:
        """Return which codes apply to each text, shape ``(n, codes)``, by thresholds learned on left-out answers."""
        learner = getattr(self, "learner_", None)
        chosen: Bools = self.predict_proba(texts, vectors) > (0.5 if learner is None else learner.thresholds_)
        return chosen

    def score(self, texts: Sequence[str], code_sets: CodeSets) -> float:
        """Return micro-F1 of ``predict`` over all pairs of a text and a code, from 0 to 1.

        It is what ``GridSearchCV`` and ``cross_val_score`` go by unless told otherwise; where every text has one code
        and gets one, it is the share of texts that got the right one.
        """
        chosen = self.predict(texts)
        given = targets_of(code_sets, self.codes_, len(chosen)) > 0
        return float(2 * (given & chosen).sum() / max(given.sum() + chosen.sum(), 1))

    def suggest(
        self,
        passages: Sequence[Passage],
        top: int = 3,
        vectors: AnyFloats | None = None,
        max_error: float | None = None,
    ) -> list[Suggestion]:
        """Return one suggestion for each passage: up to ``top`` ranked codes with evidence, or none with the reason.

        A code's probability is that of ``predict_proba``; the first code's, once there are coded passages, that of
        being right where it comes first, and no other is said to be likelier.

        The reason is "too-short", "nothing-fits" (told from the codebook's small talk where it has some, and from
        passages coded with nothing once there are five), or, with ``max_error``, "not-sure": then only those returned
        whose expected error, measured on left-out answers, stays within that rate, and ``options["accepted_share"]``
        says for what share that is. Where no single code is sure enough but one of a parent's family is,
        the parent is returned; it is wrong where neither it nor a code directly below it applies. ``max_error`` needs
        coded passages.
        """
        if top < 1:
            raise InputError(f"top must be 1 or more, not {top}")
        if not passages:
            return []
        compared = self._compared(texts_of_passages(passages), vectors)
        logits, kernel = self._logits(compared)
        silent = self._silences(compared, logits)
        if max_error is not None:
            learner = getattr(self, "learner_", None)
            if learner is None:
                raise InputError(
                    "max_error needs coded passages to measure errors on: call fit first, or leave max_error out"
                )
            targets = learner.targets_[: learner.checked_] > 0
            sure, logits = accepted(logits, learner.left_out_, targets, families(self.codebook), max_error)
            silent = [reason or ("" if certain else NOT_SURE) for reason, certain in zip(silent, sure, strict=True)]
            top = 1
        options = {} if max_error is None else {"accepted_share": f"{silent.count('') / len(silent):.3f}"}
        spoken = [row for row, reason in enumerate(silent) if not reason]
        ranked = dict(zip(spoken, self._ranked(compared, logits, kernel, spoken, top), strict=True))
        return [
            Suggestion(passage_id=passage.id, codes=ranked.get(row, ()), reason=silent[row], options=options)
            for row, passage in enumerate(passages)
        ]

    def _ranked(
        self, compared: Compared, logits: Floats, kernel: Floats | None, rows: list[int], top: int
    ) -> list[tuple[RankedCode, ...]]:
        zero_shot, spoken = self._zero_shot(), np.array(rows, np.intp)
        pools = Pools(
            examples=zero_shot.examples,
            similar=lambda some, examples: zero_shot.similar(compared, spoken[some], examples),
            coded=self.texts_ if kernel is not None else (),
            targets=self.targets_ if kernel is not None else None,
            alike=None if kernel is None else kernel[rows],
            first=(1.0, 0.0) if kernel is None else self._first_line(),
        )
        return self._explainer().ranked(compared.corpus.part(rows), logits[rows], top, pools)

    def _first_line(self) -> tuple[float, float]:
        learner = self.learner_
        assert learner is not None
        return first_line(learner.left_out_, learner.targets_[: learner.checked_] > 0)

    def _silences(self, compared: Compared, logits: Floats) -> list[str]:
        learner, examples = getattr(self, "learner_", None), self._zero_shot().examples
        if learner is None:
            return silences(compared, examples)
        line = line_of_nothing(sigmoid(learner.left_out_), learner.targets_[: learner.checked_] > 0)
        return silences(compared, examples, sigmoid(logits), line)

    def next_to_code(self, passages: Sequence[Passage], n: int = 20, vectors: AnyFloats | None = None) -> list[Passage]:
        """Return the ``n`` passages whose coding would teach most, most telling first; see ``most_telling``.

        Passages that are too short to carry a code are left out.
        """
        from lbc_themes.suggest.active_learning import most_telling

        texts = texts_of_passages(passages)
        spoken = [row for row, text in enumerate(texts) if not too_short(text)]
        if not spoken:
            return []
        compared = self._compared([texts[row] for row in spoken], None if vectors is None else vectors[spoken])
        return [passages[spoken[at]] for at in most_telling(self._logits(compared)[0], compared.corpus.vectors, n)]

    def still_changing(
        self, passages: Sequence[Passage], step: int = 20, rounds: int = 3, vectors: AnyFloats | None = None
    ) -> "Changes":
        """Return how much the last coded passages changed the first suggestions for ``passages``; see ``Changes``.

        What was coded last is forgotten, ``step`` passages at a time, and the suggestions compared; this suggester
        stays as it is. Refuses fewer than ``step * rounds + 1`` coded passages.
        """
        from lbc_themes.suggest.active_learning import changes_of

        return changes_of(self, passages, step, rounds, vectors)

    def save(self, path: str | Path) -> None:
        """Write what was learned from to one file, without pickle; see ``load_suggester``."""
        from lbc_themes.suggest.storage import write_suggester

        write_suggester(self, Path(path))

    def disagreements(
        self, codings: Sequence[Coding], passages: Sequence[Passage], vectors: AnyFloats | None = None
    ) -> "Disagreements":
        """Return likely slips of the coder and codes that are mixed up, as a worklist; see ``disagreements_of``.

        ``codings`` are one coder's on ``passages``. The suggester is fitted anew to them (this one stays as it is) and
        each answer compared with what the others of its transcript's participants would have led to.
        """
        from lbc_themes.suggest.disagreements import coded_sets, disagreements_of

        sets = coded_sets(codings, passages)
        texts, groups = [p.text for p in passages], [p.transcript_id for p in passages]
        fresh = CodeSuggester(self.codebook, codes=self.codes, encoder=self.encoder).fit(texts, sets, groups, vectors)
        return disagreements_of(passages, fresh.codes_, fresh.targets_, fresh.learner_)
