"""Fill the report's template."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lbc_themes.codebook.draft import GREY, is_colour
from lbc_themes.core.files import write_private
from lbc_themes.core.messages import word_table
from lbc_themes.core.records import Code, Passage, RankedCode, Suggestion
from lbc_themes.pipeline import RunResult
from lbc_themes.report.notes import in_both
from lbc_themes.report.pictures import pictures

if TYPE_CHECKING:
    from lbc_themes.pipeline import RunResult
    from lbc_themes.themes import MappedTheme


# --- What the report shows, taken from a run's result: plain values, ready for the template.

_UNCLEAR = "unclear"


@dataclass(frozen=True, kw_only=True)
class CodeRow:
    """A code and how often it is suggested first."""

    code: Code
    depth: int
    count: int
    people: int
    width: float


@dataclass(frozen=True, kw_only=True)
class CodeView:
    """A suggested code beside its entry in the codebook."""

    code: Code
    ranked: RankedCode


@dataclass(frozen=True, kw_only=True)
class PassageView:
    """A passage with what is suggested for it."""

    passage: Passage
    codes: tuple[CodeView, ...]
    reason: object
    distress: tuple[tuple[object, str], ...]
    unclear: tuple[str, ...]


def code_rows(result: RunResult) -> list[CodeRow]:
    """Return the codes in codebook order, each with the passages and interviews that have it as first suggestion."""
    first = [(s.codes[0].code_id, p.transcript_id) for s, p in _pairs(result) if s.codes]
    counts = Counter(code for code, _ in first)
    people = {code: {who for found, who in first if found == code} for code in counts}
    most = max(counts.values(), default=1)
    return [
        CodeRow(
            code=code,
            depth=len(result.codebook.ancestors(code.id)),
            count=counts[code.id],
            people=len(people.get(code.id, ())),
            width=100 * counts[code.id] / most,
        )
        for code in result.codebook
    ]


def _pairs(result: RunResult) -> Iterator[tuple[Suggestion, Passage]]:
    return zip(result.suggestions, result.passages, strict=True)


def interviews(result: RunResult) -> list[dict[str, object]]:
    """Return the transcripts in order, each with its passages in order."""
    kinds = word_table("words.distress")
    by_transcript: dict[str, list[PassageView]] = {transcript.id: [] for transcript in result.transcripts}
    for (suggestion, passage), cues in zip(_pairs(result), result.distress, strict=True):
        view = PassageView(
            passage=passage,
            codes=tuple(CodeView(code=result.codebook[r.code_id], ranked=r) for r in suggestion.codes),
            reason=word_table("words.reasons").get(suggestion.reason),
            distress=tuple((kinds[cue.kind.value], cue.text) for cue in cues if cue.kind != _UNCLEAR),
            unclear=tuple(cue.text for cue in cues if cue.kind == _UNCLEAR),
        )
        by_transcript[passage.transcript_id].append(view)
    return [
        {"transcript": transcript, "passages": (views := by_transcript[transcript.id]), "role": _role(views)}
        for transcript in result.transcripts
    ]


def flagged(result: RunResult) -> tuple[int, int]:
    """Return how many passages hold words of distress, and how many more hold only wording that resembles them."""
    plain = sum(any(cue.kind != _UNCLEAR for cue in cues) for cues in result.distress)
    return plain, sum(bool(cues) for cues in result.distress) - plain


def _shares(result: RunResult, mapped: "MappedTheme") -> list[tuple[Code, float]]:
    shares = dict(mapped.shares)
    return [(result.codebook[code_id], shares.get(code_id, 0.0)) for code_id in mapped.codes]


def _role(views: list[PassageView]) -> object:
    return word_table("words.roles")[views[0].passage.role.value] if views else None


def themes(result: RunResult) -> list[dict[str, object]]:
    """Return the themes beside what the codebook says of them, with up to three typical passages each."""
    rows = {row["theme"]: row for row in result.themes.to_frame().to_dict("records")}
    mapped = {entry.theme_id: entry for entry in result.theme_map.themes}
    return [
        {
            "theme": theme,
            "row": rows[theme.id],
            "status": mapped[theme.id].status,
            "codes": _shares(result, mapped[theme.id]),
            "typical": [result.passages[i] for i in theme.typical[:3]],
        }
        for theme in result.themes.themes_
    ]


def write_report(result: "RunResult", path: Path) -> None:
    """Write the report to ``path``: everything in one file, every word of the interviews escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("lbc_themes.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["colour"] = lambda text: text if is_colour(text) else GREY
    plain, unclear = flagged(result)
    page = environment.get_template("report.html").render(
        result=result, code_rows=code_rows(result), interviews=interviews(result), themes=themes(result),
        status=word_table("words.status"), stages=word_table("words.stages"), pictures=pictures(result),
        suggested=sum(bool(s.codes) for s in result.suggestions),
        flagged=plain, unclear=unclear, in_both=in_both,
    )  # fmt: skip
    write_private(path, page)
