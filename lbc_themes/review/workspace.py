"""Everything that the pages of one study share."""

import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from lbc_themes.core.records import Bilingual, Codebook, Coding, Passage, Suggestion, Transcript, as_shown, shown_codes
from lbc_themes.review.background import BackgroundResult, BackgroundResults, ThemeSearch
from lbc_themes.review.fulltext import TextIndex
from lbc_themes.review.online_learner import REVIEW_RUN, OnlineLearner
from lbc_themes.review.page import Renderer, Session
from lbc_themes.review.similar import PassageVectors
from lbc_themes.review.state import StudyState
from lbc_themes.safeguards.distress import DistressCue, DistressKind, distress_cues, without_small_talk
from lbc_themes.study import Study, StudyThemes
from lbc_themes.study.theme_board import Board, theme_board
from lbc_themes.suggest.codebook_fit import CodebookFit, misfit_message
from lbc_themes.text.words import simplified

# --- Where to go from a passage: forward, back, to what is still open.


def neighbours(passages: Sequence[Passage], place: int) -> tuple[str | None, str | None]:
    """Return the ids of the passages before and after the one at ``place``."""
    before = passages[place - 1].id if place > 0 else None
    after = passages[place + 1].id if place + 1 < len(passages) else None
    return before, after


def next_open(passages: Sequence[Passage], decided: Collection[str], place: int, many: int = 1) -> list[str]:
    """Return up to ``many`` undecided passages after ``place``, and then from the beginning."""
    found: list[str] = []
    for number in range(1, len(passages) + 1):
        passage_id = passages[(place + number) % len(passages)].id
        if passage_id not in decided:
            found.append(passage_id)
            if len(found) == many:
                break
    return found


def least_sure(suggestions: Mapping[str, Suggestion], decided: Collection[str], many: int) -> list[str]:
    """Return undecided passages whose first two suggestions are nearest to each other, the nearest first."""
    open_ones = [
        (_lead(s), passage_id) for passage_id, s in suggestions.items() if passage_id not in decided and s.codes
    ]
    return [passage_id for _, passage_id in sorted(open_ones)[:many]]


def _lead(suggestion: Suggestion) -> float:
    first, second, *_ = [*(code.probability for code in suggestion.codes), 0.0, 0.0]
    return first - second


# --- Passages that somebody trained should look at first, those of no clear kind apart.

Flagged = tuple[Passage, tuple[DistressCue, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Flags:
    """``plain`` are passages with known turns of phrase; ``unclear`` those with wording that merely resembles it."""

    plain: tuple[Flagged, ...]
    unclear: tuple[Flagged, ...]


def flags_in(passages: Iterable[Passage], cues_of: Callable[[Passage], tuple[DistressCue, ...]]) -> Flags:
    """Return the passages that may speak of distress, in the order of speech."""
    found = [(passage, cues) for passage in passages if (cues := cues_of(passage))]
    unclear = [(p, cues) for p, cues in found if all(cue.kind is DistressKind.UNCLEAR for cue in cues)]
    plain = [(p, cues) for p, cues in found if any(cue.kind is not DistressKind.UNCLEAR for cue in cues)]
    return Flags(plain=tuple(plain), unclear=tuple(unclear))


# --- What all pages share.

TOP = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeExample:
    """What a person is shown for a passage, and the name of the run it comes from ("" for none)."""

    suggestion: Suggestion | None
    run: str


class Workspace:
    """A study, what stands in it, what is suggested, and how pages are rendered."""

    def __init__(
        self,
        study: Study,
        *,
        state: StudyState,
        coder: str | None,
        blind: bool,
        learning: OnlineLearner | None,
        theme_search: ThemeSearch | None = None,
    ) -> None:
        """Take the study with what stands in it; the codebook is taken as it is now."""
        self.study, self.coder, self.blind, self.learning = study, coder, blind, learning
        self.theme_search = theme_search
        self.state = state
        self.renderer = Renderer(study.codebook)
        self.results, self.texts = BackgroundResults(), BackgroundResults()
        self.submissions: dict[tuple[str, str], str] = {}
        self.submission_lock = threading.Lock()
        self._cues: dict[str, tuple[DistressCue, ...]] = {}
        self._simplified: dict[str, str] = {}
        self._runs: dict[str, str] = {}
        self._runs_seen = 0
        self._suggested: dict[str, list[tuple[float, str]]] | None = None
        self._suggested_runs = 0
        self._board: tuple[object, Board] | None = None

    @property
    def study_key(self) -> str:
        """A name for the study that says nothing of it, under which a browser keeps what is not stored yet."""
        return sha256(str(self.study.path.resolve()).encode()).hexdigest()[:16]

    def cues(self, passage: Passage) -> tuple[DistressCue, ...]:
        """Return what in a passage somebody trained should look at."""
        if passage.id not in self._cues:
            self._cues[passage.id] = distress_cues(passage.text)
        return self._cues[passage.id]

    def cues_of(self, passage_id: str) -> tuple[DistressCue, ...]:
        """Return the cues of a passage; none where it is no longer in the study."""
        place = self.state.place(passage_id)
        return self.cues(self.state.passages[place]) if place >= 0 else ()

    def catch_up(self) -> None:
        """Take in what was recorded since, and a codebook that has changed."""
        self.state.catch_up()
        if self.study.codebook is not self.renderer.codebook:
            self.renderer = Renderer(self.study.codebook, self.renderer.words)

    def passage_at(self, coding: Coding) -> Passage | None:
        """Return the passage in which a coding of a slice begins, or the first that shares words with it."""
        return next(iter(self.state.overlapping(coding)), None)

    def simplified(self, text: str) -> str:
        """Return ``text`` in simplified characters, as long as it was."""
        if text not in self._simplified:
            self._simplified[text] = simplified(text)
        return self._simplified[text]

    def look_first(self, passage: Passage) -> bool:
        """Say whether a passage is among those to look at first: wording that merely resembles it is not enough."""
        return any(cue.kind is not DistressKind.UNCLEAR for cue in self.cues(passage))

    def flags(self) -> BackgroundResult[Flags]:
        """Return the passages to look at first, as far as they are known."""
        passages = self.state.passages
        return self.results.get("distress", len(passages), lambda: flags_in(passages, self.cues))

    def vectors(self, patience: float = 0.02) -> PassageVectors | None:
        """Return the vectors by which passages are compared, once they are made; None in blind coding."""
        passages = self.state.passages
        if self.blind or not passages:
            return None
        state = (len(passages), passages[-1].id)
        held = self.results.get("vectors", state, lambda: PassageVectors(passages), patience)
        return held.value if held.current else None

    def text_index(self, patience: float = 20.0) -> TextIndex | None:
        """Return the full text of the passages, once it is indexed."""
        passages = self.state.passages
        state = (len(passages), passages[-1].id if passages else "")
        held = self.texts.get("index", state, lambda: TextIndex(passages, simplified), patience)
        return held.value if held.current else None

    def suggested_for(self, code_id: str) -> list[tuple[float, str]]:
        """Return the passages for which the stored runs suggest a code, with its weight, the heaviest first."""
        runs = self.study.runs
        new = any(run.options.get("kind") != REVIEW_RUN for run in runs[self._suggested_runs :])
        self._suggested_runs = len(runs)
        if self._suggested is None or new:  # runs of the page hold what was in view of decisions, nothing more
            by_code: dict[str, list[tuple[float, str]]] = {}
            for suggestion in self.study.suggestions():
                for ranked in shown_codes(suggestion):
                    by_code.setdefault(ranked.code_id, []).append((ranked.probability, suggestion.passage_id))
            self._suggested = {code: sorted(held, key=lambda each: -each[0]) for code, held in by_code.items()}
        return self._suggested.get(code_id, [])

    @property
    def codebook(self) -> Codebook:
        """The codebook that pages show."""
        return self.renderer.codebook

    @property
    def passages_by_id(self) -> Mapping[str, Passage]:
        """The passages by their ids."""
        return self.state.passages_by_id

    def transcript(self, transcript_id: str) -> Transcript:
        """Return one interview."""
        return self.study.transcript(transcript_id)

    def shown(self, passage_id: str) -> CodeExample:
        """Return what the machine suggests for a passage: nothing at all in blind coding."""
        if self.blind:
            return CodeExample(suggestion=None, run="")
        live = self.learning.suggestion(passage_id) if self.learning else None
        suggestion, run = live or (self.study.suggestion_for(passage_id), self._run_of(passage_id))
        if suggestion is None:
            return CodeExample(suggestion=None, run=run)
        # Runs that older releases or other programs stored come this way too.
        (allowed,) = without_small_talk([suggestion], [self.cues_of(passage_id)])
        return CodeExample(suggestion=as_shown(allowed), run=run)

    @property
    def misfit(self) -> Bilingual | None:
        """What is said where the codebook does not fit the interviews; None where it does or that is not known.

        In blind coding nothing that the machine found is said.
        """
        if self.blind:
            return None
        live = self.learning.codebook_fit if self.learning else None
        stored = (CodebookFit.from_options(run.options) for run in reversed(self.study.runs))
        fit = live or next((found for found in stored if found), None)
        if fit is None or not fit.misfit:
            return None
        return misfit_message(fit, self.codebook.name, coded=self.learning.coded if self.learning else 0)

    def _run_of(self, passage_id: str) -> str:
        runs = self.study.runs
        for run in runs[self._runs_seen :]:
            self._runs |= {s.passage_id: run.name for s in run.suggestions}
        self._runs_seen = len(runs)
        return self._runs.get(passage_id, "")

    def board(self) -> Board:
        """Return the board of themes, made anew when a step, a search for themes or the codebook changed it."""
        study, found = self.study, self.study.themes()
        steps = tuple(entry.id for entry in study.theme_steps())
        state = (steps, found.time if found else "", len(self.state.passages), study.codebook.version)
        if self._board is None or self._board[0] != state:
            self._board = state, theme_board(study)
        return self._board[1]

    def themes(self) -> tuple[StudyThemes | None, bool, str]:
        """Return the themes kept last, whether new ones are being found, and what went wrong."""
        if self.theme_search is None:
            return self.study.themes(), False, ""
        return self.theme_search.found(len(self.state.passages))

    def stored_run(self, name: str, passage_id: str) -> str:
        """Return the name of the run that a person saw of a passage, stored first where it was made as they worked."""
        if not name:
            return ""
        if self.learning and (stored := self.learning.store_shown(name, passage_id)):
            return stored
        return name if any(run.name == name for run in self.study.runs) else ""

    def next_passages(self, session: Session, place: int, many: int = 1) -> list[str]:
        """Return the undecided passages that a person comes to next, in the order they chose."""
        decided = self.state.worked_on(session.coder or "")
        if session.order == "next" and not self.blind:
            here = self.state.passages[place].id if self.state.passages and place >= 0 else ""
            found = [i for i in self._most_informative(decided, many + 1) if i not in decided and i != here][:many]
            if found:
                return found
        return next_open(self.state.passages, decided, place, many)

    def _most_informative(self, decided: Collection[str], many: int) -> list[str]:
        queue = [i for i in (self.learning.queue() if self.learning else []) if i not in decided]
        if len(queue) >= many:
            return queue
        rest = {s.passage_id: s for s in self.study.suggestions()}
        return [*queue, *(i for i in least_sure(rest, decided, many + len(queue)) if i not in queue)]
