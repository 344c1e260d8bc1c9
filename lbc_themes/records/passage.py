"""A passage: what a coder codes, traced to exact slices of its transcript."""

from dataclasses import dataclass

from lbc_themes.errors import InputError
from lbc_themes.records.transcript import Role


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """A stretch of one participant's speech of a size that a coder would code.

    ``spans`` are half-open slices ``(start, end)`` of the transcript's text in order, in Unicode code points; there are
    several only where a back-channel of the other speaker (嗯, 对) breaks one stretch of speech. The invariant
    ``"".join(transcript.text[a:b] for a, b in spans) == text`` is kept by the segmenter. ``question`` is the
    interviewer's speech that the passage answers, empty where there is none.
    """

    id: str
    transcript_id: str
    spans: tuple[tuple[int, int], ...]
    text: str
    speaker: str
    role: Role
    question: str = ""

    def __post_init__(self) -> None:
        """Refuse spans that begin before the text, are out of order or do not add up to the text."""
        flat = [offset for span in self.spans for offset in span]
        if not flat or flat[0] < 0 or flat != sorted(flat) or sum(b - a for a, b in self.spans) != len(self.text):
            raise InputError(
                f"passage {self.id}: spans {self.spans} are not ordered slices that add up to its "
                f"{len(self.text)} characters"
            )

    @property
    def start(self) -> int:
        """The first offset, in code points."""
        return self.spans[0][0]

    @property
    def end(self) -> int:
        """The offset after the last character, in code points."""
        return self.spans[-1][1]
