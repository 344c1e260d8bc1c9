"""From a folder of interviews to parts of passages."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.reading import read_transcripts
from lbc_themes.reading.read import transcript_files, transcript_ids
from lbc_themes.scale.parts import parquet, write_part
from lbc_themes.segmenting import segment

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("id", "transcript_id", "speaker", "role", "question", "start", "end", "text")


def prepare(
    source: str | Path, out: str | Path, files_a_part: int = 200, advance: Callable[[int], None] | None = None
) -> list[Path]:
    """Read and segment the interviews below ``source``; write their passages as parquet parts into ``out``.

    Parts that are there already are kept, so a killed call goes on where it was: leave ``source`` and ``files_a_part``
    as they were. ``advance`` is called with the number of files done. A part holds every passage of its files, with the
    columns id, transcript_id, speaker, role, question, start, end, text. Refuses a file that can't be read.
    """
    if files_a_part < 1:
        raise InputError(message("scale.files_part_must_more", files_a_part=files_a_part))
    parquet()
    root = Path(source)
    files = transcript_files(root)
    ids = transcript_ids(files, root)
    made = []
    for number, at in enumerate(range(0, len(files), files_a_part)):
        some, path = files[at : at + files_a_part], Path(out) / f"part-{number:06d}.parquet"
        if not path.exists():
            write_part(passages_of(some, [ids[file] for file in some]), path)
        made.append(path)
        if advance:
            advance(len(some))
    return made


def passages_of(files: Sequence[Path], ids: Sequence[str]) -> "pd.DataFrame":
    """Return the passages of ``files``, a row each."""
    import pandas as pd

    rows: list[tuple[object, ...]] = []
    for file, transcript_id in zip(files, ids, strict=True):
        for transcript in read_transcripts(file):
            for p in segment(replace(transcript, id=transcript_id)):
                rows.append((p.id, p.transcript_id, p.speaker, str(p.role), p.question, p.start, p.end, p.text))  # noqa: PERF401 (three loops deep)
    return pd.DataFrame(rows, columns=list(COLUMNS))
