"""Which suggestions have been right more often: those that were there before, or those that learn from decisions."""

from collections.abc import Collection, Mapping

from lbc_themes.core.records import Suggestion

LONG_ENOUGH = 10
"""Decisions on which both are compared before those that learn are shown."""


class Trial:
    """Compares guesses made before a passage was decided with what was then decided.

    A guess scores the share of the decided codes that it names among its first three or, where no code applies, 1 where
    it names none. Decisions are made with the suggestions in view that are shown, which favours these: those that
    learn must be as good all the same.
    """

    def __init__(self, long_enough: int = LONG_ENOUGH) -> None:
        """Begin with nothing compared."""
        self._long_enough = long_enough
        self._guesses: dict[str, tuple[Suggestion | None, Suggestion]] = {}
        self._scores: dict[str, tuple[float, float]] = {}

    def guess(self, passage_id: str, before: Suggestion | None, learned: Suggestion) -> None:
        """Remember both guesses for a passage that is open; the last before the decision counts."""
        self._guesses[passage_id] = before, learned

    def decide(self, answers: Mapping[str, Collection[str]]) -> None:
        """Score the guesses on what is decided by now; ``answers`` are code ids by passage id."""
        self._scores = {
            passage_id: (score(before, answers[passage_id]), score(learned, answers[passage_id]))
            for passage_id, (before, learned) in self._guesses.items()
            if passage_id in answers
        }

    @property
    def compared(self) -> int:
        """On how many passages both have been compared."""
        return len(self._scores)

    @property
    def passed(self) -> bool:
        """Say whether suggestions that learn have been at least as good, over enough passages."""
        before, learned = (sum(scores[which] for scores in self._scores.values()) for which in (0, 1))
        return self.compared >= self._long_enough and learned >= before


def score(guess: Suggestion | None, answer: Collection[str]) -> float:
    """Return the share of the decided codes among the first three suggested, 1 where rightly none was suggested.

    >>> score(None, ())
    1.0
    """
    named = {code.code_id for code in guess.codes[:3]} if guess else set()
    return float(not named) if not answer else len(named & set(answer)) / len(set(answer))
