"""The report: one HTML file that opens offline, whatever its size.

What is looked at first stands in the page: counts, the passages with words of distress, codes, themes. The interviews
and the pictures travel in the same file as compressed data, and each is built by the page's script when it is opened:
forty long interviews would else be a page of 170,000 nodes.
"""

import base64
import gzip
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lbc_themes.codebook.draft import GREY, is_colour
from lbc_themes.core.files import write_private
from lbc_themes.core.messages import Bilingual, message, word_table
from lbc_themes.core.records import Code, Evidence, Passage, Role, Severity, Suggestion, Transcript, shown_codes
from lbc_themes.exchange.matrices import facet_name, facet_value_name, facets_of
from lbc_themes.pipeline import RunResult
from lbc_themes.reading import advice, line_in_question, to_check, wording_of
from lbc_themes.reading.notes import in_both
from lbc_themes.report.pictures import Pictures, pictures
from lbc_themes.safeguards.distress import reason_given, status_given

if TYPE_CHECKING:
    from lbc_themes.safeguards.distress import DistressCue
    from lbc_themes.themes import MappedTheme

_UNCLEAR = "unclear"
_MOST_TOPICS = 3
_SHORT = 16


def write_report(result: RunResult, path: Path) -> None:
    """Write the report to ``path``: everything in one file, every word of the interviews escaped or compressed.

    Raises:
        OSError: the file cannot be written.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("lbc_themes.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["colour"] = lambda text: text if is_colour(text) else GREY
    drawn = pictures(result)
    first = first_to_look_at(result)
    page = environment.get_template("report.html").render(
        result=result, message=message, in_both=in_both, to_check=to_look_at(result),
        code_rows=code_rows(result), interviews=interviews(result),
        theories=theories(result), themes=themes(result), not_covered=not_covered(result),
        set_aside=result.themes.set_aside_, first=first,
        unclear=len(_with_cues(result)) - len(first), misfit=misfit(result),
        status=word_table("words.status"), stages=word_table("words.stages"), pictures=drawn,
        suggested=sum(bool(s.codes) for s in result.suggestions),
        passages_data=compressed(shared(payload(result))),
        pictures_data=compressed(shared(_figures(drawn))) if drawn.themes else "",
        plotly_data=compressed(drawn.script) if drawn.themes else "",
    )  # fmt: skip
    write_private(path, page)


# --- What the page shows at once.


@dataclass(frozen=True, kw_only=True)
class CodeRow:
    """A code and how often it is suggested first."""

    code: Code
    place: int
    depth: int
    count: int
    interviews: int
    width: float


@dataclass(frozen=True, kw_only=True)
class Interview:
    """A transcript, how many of its passages there are, and the role of who speaks in them."""

    transcript: Transcript
    passages: int
    role: Bilingual | None


@dataclass(frozen=True, kw_only=True)
class Flagged:
    """A passage that holds words of distress: its place among the passages, and the words by kind."""

    place: int
    passage: Passage
    cues: tuple[tuple[Bilingual, str], ...]


def code_rows(result: RunResult) -> list[CodeRow]:
    """Return the codes in codebook order, each with the passages and interviews that have it as first suggestion."""
    first = [(s.codes[0].code_id, p.transcript_id) for s, p in _pairs(result) if s.codes]
    counts = Counter(code for code, _ in first)
    transcripts = {code: {where for found, where in first if found == code} for code in counts}
    most = max(counts.values(), default=1)
    return [
        CodeRow(
            code=code,
            place=place,
            depth=len(result.codebook.ancestors(code.id)),
            count=counts[code.id],
            interviews=len(transcripts.get(code.id, ())),
            width=100 * counts[code.id] / most,
        )
        for place, code in enumerate(result.codebook)
    ]


def interviews(result: RunResult) -> list[Interview]:
    """Return the transcripts in order, each with the number of its passages and the role of their speaker."""
    counts = Counter(passage.transcript_id for passage in result.passages)
    roles = {passage.transcript_id: passage.role.value for passage in reversed(result.passages)}
    names = word_table("words.roles")
    return [
        Interview(transcript=t, passages=counts[t.id], role=names[roles[t.id]] if t.id in roles else None)
        for t in result.transcripts
    ]


def to_look_at(result: RunResult) -> list[tuple[Transcript, list[tuple[object, object, object, str]]]]:
    """Return the interviews whose reading needs a look, with severity, finding, advice and its line."""
    severities = word_table("reading.severities")
    return [
        (
            transcript,
            [
                (severities[f.severity.value], wording_of(f), advice(f), line_in_question(transcript, f))
                for f in transcript.findings
                if f.severity is not Severity.NOTE
            ],
        )
        for transcript in to_check(result.transcripts)
    ]


def first_to_look_at(result: RunResult) -> list[Flagged]:
    """Return the passages that hold words of distress, the plainest words first; wording that resembles is left out."""
    kinds = word_table("words.distress")
    found = [
        (max(cue.strength for cue in plain), place, plain)
        for place, cues in _with_cues(result)
        if (plain := [cue for cue in cues if cue.kind != _UNCLEAR])
    ]
    return [
        Flagged(
            place=place,
            passage=result.passages[place],
            cues=tuple((kinds[cue.kind.value], cue.text) for cue in cues),
        )
        for _, place, cues in sorted(found, key=lambda entry: (-entry[0], entry[1]))
    ]


def themes(result: RunResult) -> list[dict[str, object]]:
    """Return the themes beside what the codebook says of them, with up to three typical passages each."""
    rows = {row["theme"]: row for row in result.themes.to_records()}
    mapped = {entry.theme_id: entry for entry in result.theme_map.themes}
    return [
        {
            "theme": theme,
            "row": rows[theme.id],
            "status": status_given(
                mapped[theme.id].status, (result.distress[place] for place in mapped[theme.id].members)
            ),
            "codes": _shares(result, mapped[theme.id]),
            "typical": [(i, result.passages[i]) for i in theme.typical[:3]],
        }
        for theme in result.themes.themes_
    ]


@dataclass(frozen=True, kw_only=True)
class TheoryPart:
    """A part of a theory and the passages whose first suggestion is one of its codes, by the role of who speaks.

    ``unsupported`` are its codes that are nowhere suggested first; ``places`` are those of the passages.
    """

    name: Bilingual
    places: tuple[int, ...]
    participants: tuple[str, ...]
    roles: tuple[int, ...]
    unsupported: tuple[Code, ...]


@dataclass(frozen=True, kw_only=True)
class Theory:
    """A theory that the codebook's codes have facets of, and its parts."""

    name: Bilingual
    parts: tuple[TheoryPart, ...]


def theories(result: RunResult) -> tuple[list[Bilingual], list[Theory]]:
    """Return the roles that speak, and for each theory where in the interviews the suggestions point to its parts."""
    people = {t.id: t.metadata.get("participant") or t.id for t in result.transcripts}
    first: dict[str, list[int]] = {}
    for place, suggestion in enumerate(result.suggestions):
        if suggestion.codes:
            first.setdefault(suggestion.codes[0].code_id, []).append(place)
    roles = [role for role in Role if any(p.role is role for p in result.passages)]

    def part(facet: str, value: str, code_ids: tuple[str, ...]) -> TheoryPart:
        places = sorted(place for code_id in code_ids for place in first.get(code_id, ()))
        spoke = Counter(result.passages[place].role for place in places)
        return TheoryPart(
            name=facet_value_name(facet, value), places=tuple(places), roles=tuple(spoke[role] for role in roles),
            participants=tuple(dict.fromkeys(people[result.passages[place].transcript_id] for place in places)),
            unsupported=tuple(result.codebook[code_id] for code_id in code_ids if code_id not in first),
        )  # fmt: skip

    groups = word_table("words.groups")
    return [groups[role.value] for role in roles], [
        Theory(name=facet_name(facet), parts=tuple(part(facet, value, codes) for value, codes in values.items()))
        for facet, values in facets_of(result.codebook).items()
    ]


def not_covered(result: RunResult) -> list[dict[str, object]]:
    """Return the groups of passages without a code, largest first, each with up to three that show it.

    A passage with words of distress shows no group unless half of it has them.
    """
    found = []
    for group in result.theme_map.uncoded:
        quiet = [place for place in group.members if not result.distress[place]]
        shown = quiet if 2 * len(quiet) > len(group.members) else list(group.members)
        found.append({"group": group, "shown": [(place, result.passages[place]) for place in shown[:3]]})
    return found


def misfit(result: RunResult) -> dict[str, object]:
    """Return what the page says where the codebook does not fit the interviews; empty where it does."""
    fit = result.codebook_fit
    if fit is None or not fit.misfit:
        return {}
    return {"share": fit.share, "book": result.codebook.name, "topics": list(fit.topics[:_MOST_TOPICS])}


def _pairs(result: RunResult) -> Iterator[tuple[Suggestion, Passage]]:
    return zip(result.suggestions, result.passages, strict=True)


def _with_cues(result: RunResult) -> list[tuple[int, tuple["DistressCue", ...]]]:
    return [(place, cues) for place, cues in enumerate(result.distress) if cues]


def _shares(result: RunResult, mapped: "MappedTheme") -> list[tuple[Code, float]]:
    shares = dict(mapped.shares)
    return [(result.codebook[code_id], shares.get(code_id, 0.0)) for code_id in mapped.codes]


# --- What the page's script builds when it is opened.


def payload(result: RunResult) -> dict[str, object]:
    """Return the passages and what is suggested for them as lists and numbers; places count from 0.

    Words in both languages are pairs, Chinese first.
    """
    places = {code.id: place for place, code in enumerate(result.codebook)}
    by_transcript: dict[str, list[int]] = {transcript.id: [] for transcript in result.transcripts}
    for place, passage in enumerate(result.passages):
        by_transcript[passage.transcript_id].append(place)
    labels = result.themes.labels_.tolist()
    return {
        "codes": [[code.name.zh, code.name.en, _colour(code)] for code in result.codebook],
        "reasons": {key: _pair(words) for key, words in word_table("words.reasons").items()},
        "kinds": {key: _pair(words) for key, words in word_table("words.distress").items()},
        "words": {key: _pair(words) for key, words in word_table("report.script").items()},
        "interviews": list(by_transcript.values()),
        "passages": [
            _passage_entry(passage, suggestion, cues, label, places)
            for (suggestion, passage), cues, label in zip(_pairs(result), result.distress, labels, strict=True)
        ],
    }


def _passage_entry(
    passage: Passage, suggestion: Suggestion, cues: tuple["DistressCue", ...], theme: int, places: dict[str, int]
) -> dict[str, object]:
    return {
        "id": passage.id, "who": passage.speaker, "q": passage.question or "", "from": passage.start,
        "to": passage.end, "text": passage.text, "theme": theme, "why": reason_given(suggestion, cues),
        "codes": [
            [places[code.code_id], round(code.probability, 3), *_why(code.evidence)]
            for code in shown_codes(suggestion)
        ],
        "cues": [[cue.kind.value, cue.text] for cue in cues],
    }  # fmt: skip


def _why(evidence: Evidence) -> tuple[str, str, str]:
    """Return why a code is suggested in Chinese and in English with "{}" for the example, and the example.

    The same example stands under many passages; as a string of its own it travels once.
    """
    example = evidence.example
    if not example:
        return evidence.why_zh, evidence.why_en, ""
    return evidence.why_zh.replace(example, "{}"), evidence.why_en.replace(example, "{}"), example


def shared(value: Any) -> str:  # noqa: ANN401 (JSON)
    """Return JSON in which a long string stands once: ``[strings, value]``, a mark and its place in its stead."""
    strings: dict[str, int] = {}
    body = _with_places(value, strings)
    return json.dumps([list(strings), body], ensure_ascii=False, separators=(",", ":"))


def unshared(text: str) -> Any:  # noqa: ANN401 (JSON)
    """Return the value that `shared` took."""
    strings, body = json.loads(text)
    return _without_places(body, strings)


def _with_places(value: Any, strings: dict[str, int]) -> Any:  # noqa: ANN401 (JSON)
    if isinstance(value, str):
        return f"\x01{strings.setdefault(value, len(strings))}" if len(value) > _SHORT or "\x01" in value else value
    if isinstance(value, dict):
        return {name: _with_places(inner, strings) for name, inner in value.items()}
    return [_with_places(inner, strings) for inner in value] if isinstance(value, list | tuple) else value


def _without_places(value: Any, strings: list[str]) -> Any:  # noqa: ANN401 (JSON)
    if isinstance(value, str):
        return strings[int(value[1:])] if value.startswith("\x01") else value
    if isinstance(value, dict):
        return {name: _without_places(inner, strings) for name, inner in value.items()}
    return [_without_places(inner, strings) for inner in value] if isinstance(value, list) else value


def compressed(text: str) -> str:
    """Return ``text`` as gzip in base64, which no markup can break and any browser of 2023 unpacks."""
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode("ascii")


def decompressed(data: str) -> str:
    """Return the text that `compressed` took."""
    return gzip.decompress(base64.b64decode(data)).decode()


def _figures(drawn: Pictures) -> dict[str, Any]:
    return {picture.id: {"zh": json.loads(picture.zh), "en": json.loads(picture.en)} for picture in drawn.themes}


def _pair(words: Bilingual) -> list[str]:
    return [words.zh, words.en]


def _colour(code: Code) -> str:
    return code.colour if is_colour(code.colour) else GREY
