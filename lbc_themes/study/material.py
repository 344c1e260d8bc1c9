"""What is coded and with what: transcripts, passages, participants and codebooks in and out of the tables."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Codebook, Passage, Role, Transcript
from lbc_themes.core.serialisation import from_json, to_json
from lbc_themes.core.study_log import Participant

Row = tuple[object, ...]
_NAMING = ("participant", "file")
Spans = tuple[tuple[int, int], ...]


def add_transcripts(
    db: sqlite3.Connection, transcripts: Sequence[Transcript], passages: Iterable[Passage], time: str
) -> None:
    """Store transcripts, who spoke in them, and their passages."""
    by_id = {transcript.id: transcript for transcript in transcripts}
    for transcript in transcripts:
        db.execute(
            "INSERT INTO transcript (id, record, added) VALUES (?, ?, ?)", (transcript.id, _text(transcript), time)
        )
        for name in participants_in(transcript):
            attributes = {key: value for key, value in transcript.metadata.items() if value and key not in _NAMING}
            db.execute("INSERT OR IGNORE INTO participant VALUES (?, ?)", (name, to_json(attributes)))
            db.execute("INSERT OR IGNORE INTO spoke VALUES (?, ?)", (name, transcript.id))
    rows = [_passage_row(passage, by_id) for passage in passages]
    db.executemany(
        "INSERT INTO passage (id, transcript_id, spans, speaker, role, question) VALUES (?, ?, ?, ?, ?, ?)", rows
    )


def _text(transcript: Transcript) -> str:
    text = to_json(transcript)
    try:
        text.encode()
    except UnicodeEncodeError as fault:
        raise InputError(
            f"transcript {transcript.id}: a character at {fault.start} is half of a pair and cannot be stored; "
            "save the file again as UTF-8 and read it anew"
        ) from fault
    return text


def _passage_row(passage: Passage, transcripts: dict[str, Transcript]) -> Row:
    source = transcripts.get(passage.transcript_id)
    if source is None:
        raise InputError(f"passage {passage.id}: its transcript {passage.transcript_id} is not among those added")
    if "".join(source.text[a:b] for a, b in passage.spans) != passage.text:
        raise InputError(f"passage {passage.id}: its text is not what stands at {passage.spans} in {source.id}")
    spans = to_json(passage.spans)
    return passage.id, passage.transcript_id, spans, passage.speaker, passage.role.value, passage.question


def participants_in(transcript: Transcript) -> tuple[str, ...]:
    """Return the participants of a transcript: those its metadata name, parted by semicolons, or else its own id."""
    named = transcript.metadata.get("participant", "").replace("；", ";").split(";")
    return tuple(name.strip() for name in named if name.strip()) or (transcript.id,)


def refuse_twice(ids: Iterable[str], what: str) -> None:
    """Refuse ids that come twice."""
    twice = [each for each, count in Counter(ids).items() if count > 1]
    if twice:
        raise InputError(f"{what} ids must be unique; these come twice: {', '.join(twice[:5])}")


def transcript_of(record: object) -> Transcript:
    """Return the transcript of a row."""
    return from_json(Transcript, str(record))


def passage_of(row: Row, transcripts: dict[str, Transcript]) -> Passage:
    """Return the passage of a row; its text is cut out of its transcript."""
    _, passage_id, transcript_id, held, speaker, role, question = row
    text = transcripts[str(transcript_id)].text
    spans = from_json(Spans, str(held))
    return Passage(
        id=str(passage_id), transcript_id=str(transcript_id), spans=spans,
        text="".join(text[a:b] for a, b in spans), speaker=str(speaker), role=Role(str(role)), question=str(question),
    )  # fmt: skip


def participants_of(people: Iterable[Row], spoke: Iterable[Row]) -> list[Participant]:
    """Return the participants of the rows of two tables."""
    pairs = [(str(name), str(transcript_id)) for name, transcript_id in spoke]
    return [
        Participant(
            id=str(name),
            attributes=from_json(dict[str, str], str(attributes)),
            transcript_ids=tuple(transcript_id for other, transcript_id in pairs if other == name),
        )
        for name, attributes in people
    ]


def add_codebook(db: sqlite3.Connection, codebook: Codebook, time: str) -> None:
    """Store a version of the codebook, which is then the one in use."""
    db.execute(
        "INSERT INTO codebook (id, version, record, added) VALUES (?, ?, ?, ?)",
        (codebook.id, codebook.version, to_json(codebook), time),
    )
