"""A new study file: made beside its place, and put there when it is whole."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Codebook, Passage, Transcript
from lbc_themes.core.serialisation import to_json
from lbc_themes.core.study_log import Contents
from lbc_themes.study.log import write_log, write_run
from lbc_themes.study.material import add_codebook, add_transcripts, refuse_twice
from lbc_themes.study.store import new_file, told, transaction, unfinished


def fresh(
    name: str, transcripts: tuple[Transcript, ...], codebook: Codebook, passages: Iterable[Passage] | None
) -> Contents:
    """Return the contents of a study in which nobody has decided anything; without passages, they are segmented."""
    refuse_twice((transcript.id for transcript in transcripts), "transcript")
    if passages is None:
        from lbc_themes.segmenting import segment

        passages = segment(transcripts) if transcripts else ()
    held = tuple(passages)
    refuse_twice((passage.id for passage in held), "passage")
    return Contents(name=name, transcripts=transcripts, codebooks=(codebook,), passages=held)


def make_file(path: Path, contents: Contents) -> None:
    """Write ``contents`` as a study file; refuse a path at which there is a file."""
    if path.exists():
        raise InputError(f"{path}: already exists; open it, or give the new study another name")
    time = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    with told(path), unfinished(path) as part:
        db = new_file(part, {"name": contents.name, "created": time})
        try:
            with transaction(db):
                for codebook in contents.codebooks:
                    add_codebook(db, codebook, time)
                add_transcripts(db, contents.transcripts, contents.passages, time)
                for person in contents.participants:
                    db.execute(
                        "INSERT OR REPLACE INTO participant VALUES (?, ?)", (person.id, to_json(person.attributes))
                    )
                    rows = [(person.id, transcript_id) for transcript_id in person.transcript_ids]
                    db.executemany("INSERT OR IGNORE INTO spoke VALUES (?, ?)", rows)
                for run in contents.runs:
                    suggested = [(each.passage_id, to_json(each)) for each in run.suggestions]
                    write_run(db, run.name, run.time, dict(run.options), suggested)
                write_log(db, contents.entries)
        finally:
            db.close()
