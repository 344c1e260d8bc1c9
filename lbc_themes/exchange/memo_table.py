"""Memos as a table: what each is about, where, by whom and when."""

from collections.abc import Iterable, Mapping, Sequence

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import Language, message, word_table
from lbc_themes.core.records import Codebook, Passage, Transcript
from lbc_themes.core.study_log import Memo
from lbc_themes.exchange.code_quotations import KINDS, table_file


def memos_file(
    memos: Iterable[Memo],
    kind: str,
    *,
    passages: Mapping[str, Passage],
    transcripts: Mapping[str, Transcript],
    codebook: Codebook,
    language: Language = "zh",
) -> bytes:
    """Return memos as the bytes of a .csv or .xlsx file, with the words that they are about.

    Positions are the half-open slice of the transcript's text, in code points. Refuses another ``kind``.
    """
    allowed = [each for each in KINDS if each != "docx"]
    if kind not in allowed:
        raise InputError(message("exchange.quotations_kind", kind=kind, allowed=allowed))
    heads: list[object] = [words.said(language) for words in word_table("exchange.memo_columns").values()]
    rows: list[Sequence[object]] = [heads]
    for memo in memos:
        interview, start, end = place_of(memo, passages)
        quote = transcripts[interview].text[start:end] if interview in transcripts and end else ""
        name = codebook[memo.about_id].name.said(language) if memo.about_id in codebook else memo.about_id
        kind_of = word_table("words.memo_about")[memo.about].said(language)
        rows.append([kind_of, name, memo.text, quote, interview, start, end, memo.coder, memo.time])
    return table_file(rows, kind)


def place_of(memo: Memo, passages: Mapping[str, Passage]) -> tuple[str, int | None, int | None]:
    """Return the interview and the slice that a memo is about, as far as it is about one."""
    if memo.about == "passage" and memo.about_id in passages:
        passage = passages[memo.about_id]
        return passage.transcript_id, passage.start, passage.end
    if memo.about in {"span", "transcript"}:
        return memo.about_id, memo.start, memo.end
    return "", None, None
