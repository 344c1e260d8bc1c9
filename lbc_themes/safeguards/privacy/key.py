"""The key: the only way back from pseudonyms to people, in memory and on disk. Keep it apart from the transcripts."""

import json
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lbc_themes.core.errors import InputError
from lbc_themes.core.files import write_private
from lbc_themes.core.messages import message
from lbc_themes.safeguards.privacy.entities import Kind


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A real string and what stands for it. Parts of names (surname, given_name, place_name) are entries too."""

    real: str
    pseudonym: str
    kind: Kind


@dataclass(frozen=True, kw_only=True, slots=True)
class Replaced:
    """The half-open slice ``[start, end)`` of a de-identified text, and what stood there before."""

    start: int
    end: int
    real: str
    kind: Kind


@dataclass(frozen=True, kw_only=True, slots=True)
class TranscriptKey:
    """What one transcript was before: ``id`` is its new id; speakers and questions go by turn."""

    id: str
    real_id: str
    sha256: str
    source: str
    length: int
    spans: tuple[Replaced, ...]
    speakers: tuple[str, ...]
    questions: tuple[str | None, ...]
    metadata: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def real_offset(self, offset: int) -> int:
        """Return where ``offset`` of the de-identified text is in the real one; inside a pseudonym, its start."""
        at = bisect_right(self.spans, offset, key=lambda span: span.start)
        if at == 0:
            return offset
        shift = sum(len(span.real) - (span.end - span.start) for span in self.spans[: at - 1])
        last = self.spans[at - 1]
        return last.start + shift + (len(last.real) + offset - last.end if offset >= last.end else 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """All pseudonyms of a study and the transcripts they stand in."""

    entries: tuple[Entry, ...] = ()
    transcripts: tuple[TranscriptKey, ...] = ()

    def of(self, transcript_id: str) -> TranscriptKey:
        """Return the part of the key for one de-identified transcript."""
        for transcript in self.transcripts:
            if transcript.id == transcript_id:
                return transcript
        names = ", ".join(transcript.id for transcript in self.transcripts[:5]) or "none"
        raise InputError(message("safeguards.key_no_transcript_give", transcript_id=transcript_id, names=names))


# The key on disk: JSON, readable by its owner alone, never among the transcripts it unlocks

_FORMAT = "lbc_themes privacy key 1"


def write_key(key: Key, path: str | Path, *, out: str | Path | None = None, overwrite: bool = False) -> None:
    """Write ``key`` to a new file that only its owner can read and write (mode 0600).

    Args:
        key: What `deidentify` returned.
        path: The file to write. Its folder must exist.
        out: The folder of the de-identified transcripts; the key must not lie in it or below it.
        overwrite: Whether a key file that is there already may be replaced, as when a key is carried on.

    Raises:
        InputError: the file exists, lies inside ``out``, or cannot be written.
    """
    file = Path(path)
    refuse_inside(file, out)
    if file.exists() and not overwrite:
        raise InputError(message("safeguards.exists_key_lost_cannot", file=file))
    data = json.dumps({"format": _FORMAT, **asdict(key)}, ensure_ascii=False, indent=1, default=str)
    try:
        write_private(file, data.encode("utf-8", "surrogatepass"))
    except OSError as error:
        raise InputError(message("safeguards.key_cannot_written_give", file=file, strerror=error.strerror)) from error


def refuse_inside(path: Path, out: str | Path | None) -> None:
    """Refuse a key path inside the folder that is to be passed on."""
    if out is not None and path.resolve().is_relative_to(Path(out).resolve()):
        raise InputError(message("safeguards.key_must_lie_folder", path=path, out=out))


def read_key(path: str | Path) -> Key:
    """Return the key that `write_key` wrote.

    Raises:
        InputError: the file cannot be read or is no key of this format.
    """
    file = Path(path)
    try:
        raw = json.loads(file.read_bytes().decode("utf-8", "surrogatepass"))
    except OSError as error:
        raise InputError(message("safeguards.key_cannot_read_give", file=file, strerror=error.strerror)) from error
    except ValueError as error:
        raise InputError(message("safeguards.key_file_give_file", file=file, error=error)) from error
    if not isinstance(raw, dict) or raw.get("format") != _FORMAT:
        raise InputError(message("safeguards.key_file_form_give", file=file, format=_FORMAT))
    try:
        return _key(raw)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(message("safeguards.key_file_damaged_restore", file=file, error=error)) from error


def _key(raw: Mapping[str, Any]) -> Key:
    return Key(
        entries=tuple(Entry(**{**entry, "kind": Kind(entry["kind"])}) for entry in raw["entries"]),
        transcripts=tuple(_transcript(transcript) for transcript in raw["transcripts"]),
    )


def _transcript(raw: Mapping[str, Any]) -> TranscriptKey:
    spans = tuple(Replaced(**{**span, "kind": Kind(span["kind"])}) for span in raw["spans"])
    tuples = {name: tuple(raw[name]) for name in ("speakers", "questions", "notes")}
    return TranscriptKey(**{**raw, **tuples, "spans": spans})
