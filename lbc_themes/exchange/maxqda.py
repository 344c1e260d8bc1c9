"""MAXQDA structured text: transcripts with their codes in one text file, for its import "structured text"."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

from lbc_themes.core.errors import InputError
from lbc_themes.core.files import write_private
from lbc_themes.core.messages import message, word_table
from lbc_themes.core.records import Codebook, Coding, Language, Transcript
from lbc_themes.core.study_log import MACHINE, Contents, labelled_codings
from lbc_themes.exchange.losses import Loss, gathered
from lbc_themes.exchange.refi_qda.positions import moved, unix

_LOSSES = word_table("exchange.maxqda_losses")


def write_structured_text(
    contents: Contents, path: str | Path, *, coder: str | None = None, language: Language = "zh"
) -> tuple[Loss, ...]:
    r"""Write transcripts as ``#TEXT name`` with coded words as ``#CODE parent\child#words#ENDCODE#``.

    Several codes on the same words are joined with ``&&``. ``coder`` chooses whose codings; without it those of all
    people are written, not the machine's. Returns what the form has no place for.
    """
    losses: list[Loss] = []
    coded: dict[str, list[Coding]] = defaultdict(list)
    for coding in labelled_codings(contents):
        if coding.coder == coder or (coder is None and coding.coder != MACHINE):
            coded[coding.transcript_id].append(coding)
    if coded:
        losses.append(Loss(topic="coders-and-memos", text=_LOSSES["people"]))
    parts = [_text(t, coded[t.id], contents.codebook, language, losses) for t in contents.transcripts]
    try:
        write_private(path, "\n\n".join(parts) + "\n", encoding="utf-8-sig")
    except OSError as fault:
        raise InputError(message("exchange.cannot_written_check_folder", path=path, strerror=fault.strerror)) from fault
    return gathered(losses)


def _text(transcript: Transcript, codings: list[Coding], book: Codebook, language: Language, losses: list[Loss]) -> str:
    text, gone = unix(transcript.text)
    if "#" in text:
        losses.append(
            Loss(topic="number-signs", text=_LOSSES["number_signs"], count=text.count("#"), where=transcript.id)
        )
    safe = text.replace("#", "＃")
    spans = [(moved(c.start, gone), moved(c.end, gone), _path(c.code_id, book, language)) for c in codings]
    cut = sum(any(a < start < b or a < end < b for start, end, _ in spans) for a, b, _ in spans)
    if cut:
        losses.append(Loss(topic="overlaps", text=_LOSSES["cut"], count=cut, where=transcript.id))
    return f"#TEXT {transcript.id}\n" + "".join(_pieces(safe, spans))


def _path(code_id: str, book: Codebook, language: Language) -> str:
    names = [book[i].name.said(language) for i in (*reversed(book.ancestors(code_id)), code_id)]
    return "\\".join(name.replace("#", "＃").replace("\\", "/").replace("&&", "＆") for name in names)


def _pieces(text: str, spans: Iterable[tuple[int, int, str]]) -> Iterator[str]:
    held = list(spans)
    edges = sorted({0, len(text), *(edge for a, b, _ in held for edge in (a, b))})
    for a, b in pairwise(edges):
        paths = sorted({path for start, end, path in held if start <= a and b <= end})
        yield f"#CODE {'&&'.join(paths)}#{text[a:b]}#ENDCODE#" if paths else text[a:b]
