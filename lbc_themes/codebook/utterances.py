"""Further sentences of a codebook, in a file of their own: NAME.utterances.csv beside the codebook."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Language, Role, Utterance
from lbc_themes.text.decoding import decode

COLUMNS = ("codes", "speaker", "language", "text")
_LANGUAGES: dict[str, Language] = {"zh": "zh", "en": "en"}


def utterances_beside(codebook_path: Path) -> Path:
    """Return the path at which the utterances of the codebook at ``codebook_path`` are looked for."""
    return codebook_path.with_name(f"{codebook_path.stem}.utterances.csv")


def read_utterances(path: Path) -> tuple[Utterance, ...]:
    """Return the utterances in ``path``, in order; none where there is no such file.

    Refuses a file without the columns codes, speaker, language and text, and a line that can't be used, by its number.
    """
    if not path.is_file():
        return ()
    rows = csv.DictReader(decode(path.read_bytes())[0].splitlines())
    if rows.fieldnames is None or set(COLUMNS) - set(rows.fieldnames):
        raise InputError(
            f"{path}: the columns must be {', '.join(COLUMNS)}; found {', '.join(rows.fieldnames or ['none'])}"
        )
    return tuple(_utterances(path, rows))


def _utterances(path: Path, rows: "csv.DictReader[str]") -> Iterator[Utterance]:
    for row in rows:
        text, language, speaker = ((row[name] or "").strip() for name in ("text", "language", "speaker"))
        if not text or language not in _LANGUAGES or speaker not in set(Role):
            raise InputError(
                f"{path}, line {rows.line_num}: an utterance has a text, a language (zh, en) and a speaker "
                f"({', '.join(Role)}); found {row}"
            )
        codes = tuple(code.strip() for code in (row["codes"] or "").split(";") if code.strip())
        yield Utterance(text=text, language=_LANGUAGES[language], speaker=Role(speaker), code_ids=codes)


def write_utterances(utterances: Iterable[Utterance], path: Path) -> None:
    """Write ``utterances`` to ``path``, in the form in which they are read."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((";".join(u.code_ids), u.speaker.value, u.language, u.text) for u in utterances)
