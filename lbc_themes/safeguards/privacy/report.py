"""What a person should check after de-identification. It holds pseudonyms and what still stands in the texts."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lbc_themes.core.records import Transcript
from lbc_themes.safeguards.privacy.entities import Kind, is_everyday
from lbc_themes.safeguards.privacy.key import Key
from lbc_themes.text.names import plain_surnames
from lbc_themes.text.simplify import simplified

_DIGITS = re.compile(r"[0-9０-９](?:[ \-]?[0-9０-９]){4,}|[零〇一二三四五六七八九幺]{6,}")
_LATIN = re.compile(
    r"(?<![A-Za-z])[A-Z][a-z]{2,}(?: [A-Z][a-z]+)*|(?<![A-Za-z])[a-z]{2,6} ?[a-z]{2,6}(?=老师|同学|妈妈|爸爸)"
)
_SHOWN = 40
_BESIDE = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One pseudonym, and how often it was put into the texts."""

    kind: Kind
    pseudonym: str
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """A string that still stands in the texts and may point to somebody: why, how often, and where it stands first.

    ``reason`` is "digits", "latin" or "surname".
    """

    reason: str
    text: str
    count: int
    transcript_id: str
    start: int
    around: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PrivacyReport:
    """What was changed, and what to look at by eye. It names no real person, so it may travel with the texts."""

    changes: tuple[Change, ...]
    looks: tuple[Look, ...]
    transcripts: int


def privacy_report(transcripts: Iterable[Transcript], key: Key) -> PrivacyReport:
    """Return what `deidentify` changed in ``transcripts`` (its result), and what a person should look at.

    An empty list of looks does not mean that nothing is left: somebody who knows the place must read the texts.
    """
    given = list(transcripts)
    counted = Counter(
        (span.kind, transcript.text[span.start : span.end])
        for transcript in given
        for span in key.of(transcript.id).spans
    )
    changes = [Change(kind=k, pseudonym=p, count=n) for (k, p), n in counted.items()]
    return PrivacyReport(
        changes=tuple(sorted(changes, key=lambda c: (c.kind, -c.count, c.pseudonym))),
        looks=tuple(_looks(given, key)),
        transcripts=len(given),
    )


def _looks(transcripts: Sequence[Transcript], key: Key) -> Iterator[Look]:
    counts: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], tuple[Transcript, int]] = {}
    for transcript in transcripts:
        for reason, start, end in doubtful(transcript, key):
            what = reason, transcript.text[start:end]
            counts[what] += 1
            first.setdefault(what, (transcript, start))
    for (reason, text), number in sorted(counts.items(), key=lambda item: (item[0][0], item[1], item[0][1])):
        transcript, start = first[reason, text]
        around = transcript.text[max(start - _BESIDE, 0) : start + len(text) + _BESIDE].replace("\n", " ")
        yield Look(
            reason=reason, text=text, count=number, transcript_id=transcript.id, start=start, around=around
        )  # fmt: skip


def doubtful(transcript: Transcript, key: Key) -> Iterator[tuple[str, int, int]]:
    """Yield why a place of a de-identified transcript may still point to somebody, and where it starts and ends."""
    changed = {at for span in key.of(transcript.id).spans for at in range(span.start, span.end)}
    for reason, start, end in _suspects(transcript.text):
        if not changed.intersection(range(start, end)):
            yield reason, start, end


def _suspects(text: str) -> Iterator[tuple[str, int, int]]:
    for reason, rule in (("digits", _DIGITS), ("latin", _LATIN)):
        yield from ((reason, match.start(), match.end()) for match in rule.finditer(text))
    yield from (("surname", start, end) for start, end in _like_names(simplified(text)))


def _like_names(copy: str) -> Iterator[tuple[int, int]]:
    """Yield words of two or three characters that begin with a surname and stand in no dictionary."""
    import jieba

    for word, start, end in jieba.tokenize(copy):
        if 2 <= len(word) <= 3 and word[0] in plain_surnames() and not is_everyday(word):  # noqa: SIM102
            if jieba.dt.FREQ.get(word, 0) < 3:
                yield start, end


def report_text(report: PrivacyReport) -> str:
    """Return the report as Markdown, in Chinese and English."""
    lines = [
        "# 去标识化报告 / De-identification report",
        "",
        f"{report.transcripts} 份文本；仍须由熟悉当地的人通读一遍。",
        f"{report.transcripts} transcripts. No method finds every name: somebody who knows the place must read them.",
        "",
        "## 已替换 / Replaced",
        "",
        "| kind | pseudonym | times |",
        "|---|---|---|",
        *(f"| {change.kind.value} | {change.pseudonym} | {change.count} |" for change in report.changes),
        "",
        "## 请人工查看 / To look at by eye",
        "",
        "| why | text | times | first in | at | around |",
        "|---|---|---|---|---|---|",
        *(_row(look) for look in report.looks),
        "",
    ]
    return "\n".join(lines)


def _row(look: Look) -> str:
    cells = (look.reason, look.text, str(look.count), look.transcript_id, str(look.start), look.around[:_SHOWN])
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
