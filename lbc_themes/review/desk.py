"""Everything that the pages of one study share."""

from collections.abc import Mapping
from dataclasses import dataclass

from lbc_themes.core.records import Codebook, Decision, Suggestion, Transcript
from lbc_themes.review.board import Board
from lbc_themes.review.figures import Figures
from lbc_themes.review.finder import Finder
from lbc_themes.review.going import least_sure, next_open
from lbc_themes.review.learning import Learning
from lbc_themes.review.look import Look
from lbc_themes.review.sessions import Session
from lbc_themes.study import Study, StudyThemes

TOP = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """What a person is shown for a passage, and the name of the run it comes from ("" for none)."""

    suggestion: Suggestion | None
    run: str


class Desk:
    """A study, what stands in it, what is suggested, and how pages are drawn."""

    def __init__(
        self,
        study: Study,
        *,
        coder: str | None,
        blind: bool,
        learning: Learning | None,
        finder: Finder | None = None,
    ) -> None:
        """Draw up the board; the codebook is taken as it is now."""
        self.study, self.coder, self.blind, self.learning = study, coder, blind, learning
        self.finder = finder
        self.board = Board(study)
        self.look = Look(study.codebook)
        self.figures = Figures()
        self._runs: dict[str, str] = {}
        self._runs_seen = 0

    @property
    def codebook(self) -> Codebook:
        """The codebook that pages show."""
        return self.look.codebook

    def transcript(self, transcript_id: str) -> Transcript:
        """Return one interview."""
        return self.study.transcript(transcript_id)

    def shown(self, passage_id: str) -> Shown:
        """Return what the machine suggests for a passage: nothing at all in blind coding."""
        if self.blind:
            return Shown(suggestion=None, run="")
        live = self.learning.suggestion(passage_id) if self.learning else None
        if live:
            return Shown(suggestion=live[0], run=live[1])
        return Shown(suggestion=self.study.suggestion_for(passage_id), run=self._run_of(passage_id))

    def _run_of(self, passage_id: str) -> str:
        runs = self.study.runs
        for run in runs[self._runs_seen :]:
            self._runs |= {s.passage_id: run.name for s in run.suggestions}
        self._runs_seen = len(runs)
        return self._runs.get(passage_id, "")

    def themes(self) -> tuple[StudyThemes | None, bool, str]:
        """Return the themes kept last, whether new ones are being found, and what went wrong."""
        if self.finder is None:
            return self.study.themes(), False, ""
        return self.finder.found(len(self.board.passages))

    def kept_run(self, name: str) -> str:
        """Return the name of the run that a person saw, stored first where it was made while they worked."""
        if not name or (self.learning and self.learning.keep(name)):
            return name
        return name if any(run.name == name for run in self.study.runs) else ""

    def ahead(self, session: Session, place: int, many: int = 1) -> list[str]:
        """Return the undecided passages that a person comes to next, in the order they chose."""
        decided = self.board.decided(session.coder or "")
        if session.order == "next" and not self.blind:
            here = self.board.passages[place].id if self.board.passages and place >= 0 else ""
            found = [i for i in self._telling(decided, many + 1) if i not in decided and i != here][:many]
            if found:
                return found
        return next_open(self.board.passages, decided, place, many)

    def _telling(self, decided: Mapping[str, Decision], many: int) -> list[str]:
        queue = [i for i in (self.learning.queue() if self.learning else []) if i not in decided]
        if len(queue) >= many:
            return queue
        rest = {s.passage_id: s for s in self.study.suggestions()}
        return [*queue, *(i for i in least_sure(rest, decided, many + len(queue)) if i not in queue)]
