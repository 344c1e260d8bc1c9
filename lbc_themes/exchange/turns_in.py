"""Turns and roles of a text that came without a file: found as the reader finds them."""

from collections.abc import Mapping, Sequence

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Role, Transcript, Turn
from lbc_themes.reading.document import Document
from lbc_themes.reading.formats import form_of
from lbc_themes.reading.participants import attributes
from lbc_themes.reading.roles import assign
from lbc_themes.reading.vocabulary import role_of_value


def transcript_of(name: str, text: str, rows: Sequence[Mapping[str, str]], source: str) -> Transcript:
    """Return a transcript of ``text``; ``rows`` are the attributes of its participants.

    Where no turns are found, or they are not slices of the text as it stands, all of it is one turn of the participant.
    """
    metadata = {key: value for key, value in attributes(rows).items() if value}
    found = _read(text, rows)
    if found is None:
        role = next((role for row in rows if (role := role_of_value(row.get("role", "")))), Role.OTHER)
        turn = Turn(speaker=metadata.get("participant", ""), role=role, start=0, end=len(text))
        found = ((turn,) if text else (), ("no turns were found: the text is one turn",))
    return Transcript(
        id=name, text=text, turns=found[0], form="refi-qda", metadata=metadata, source=source, notes=found[1]
    )


def _read(text: str, rows: Sequence[Mapping[str, str]]) -> tuple[tuple[Turn, ...], tuple[str, ...]] | None:
    try:
        document = Document(suffix=".txt", text=text)
        form = form_of(document, None)
        parsed = form.parse(document)
    except InputError:
        return None
    if not parsed.turns or parsed.text != text:
        return None
    roles = assign(parsed, rows, {})
    turns = tuple(
        Turn(
            speaker=turn.speaker, role=roles.by_speaker[turn.speaker], start=turn.start, end=turn.end, time=turn.time,
            question=turn.question,
        )
        for turn in parsed.turns
    )  # fmt: skip
    return turns, (f"turns read as {form.name}", *parsed.notes, *roles.notes)
