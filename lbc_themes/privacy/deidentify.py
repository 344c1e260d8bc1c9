"""Putting pseudonyms for people and places into transcripts, and taking them out again."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Transcript
from lbc_themes.privacy.key import Key, TranscriptKey
from lbc_themes.privacy.model import Method, finder_of
from lbc_themes.privacy.rewrite import restored
from lbc_themes.privacy.study_names import StudyNames
from lbc_themes.privacy.tables import words_of


def deidentify(
    transcripts: Iterable[Transcript],
    key: Key | None = None,
    *,
    method: Method = "lac",
    keep: Collection[str] | None = None,
) -> tuple[list[Transcript], Key]:
    """Put pseudonyms for people, schools, employers, offices, small places and numbers into transcripts.

    Small places are those below the big cities; numbers are phones, documents, accounts, plates and dates of birth.

    A person must still read the result: no method finds every name. `privacy_report` says where to look first.

    The same person keeps the same pseudonym through all transcripts of a study, and through later ones if the key is
    given again. Pseudonyms keep the form in which a name was said: 王老师 becomes 江老师, 老王 老江, and 阿强 follows
    the one known name that ends in 强. Kin words and titles stay. Texts, speakers, questions, metadata, notes and ids
    change together, and turns stay slices of the text; ``source`` and ``sha256`` are emptied.

    Args:
        transcripts: Transcripts of one study.
        key: The key of an earlier call, to be carried on.
        method: "lac" finds names with a packaged model (extra ``privacy``); "patterns" uses only forms that names
            have, speakers' labels and name columns, and misses more.
        keep: Places that stay; without it the countries, provinces and big cities of ``data/kept_places.txt``.

    Returns:
        The transcripts in the same order, and the key that `reidentify` needs. Keep the key apart (`write_key`).

    Raises:
        MissingExtraError: the model is not installed.
        InputError: an unknown method, or two transcripts with one id.
    """
    given = list(transcripts)
    _refuse_twins(given)
    kept = words_of("kept_places.txt") if keep is None else frozenset(keep)
    study = StudyNames.of(given, finder_of(method), kept, key or Key())
    changed = [study.hide(transcript) for transcript in given]
    fresh = {entry.id for _, entry in changed}
    older = [old for old in (key or Key()).transcripts if old.id not in fresh]
    return [new for new, _ in changed], study.key((*older, *(entry for _, entry in changed)))


def reidentify(transcripts: Iterable[Transcript], key: Key) -> list[Transcript]:
    """Return the transcripts as they were before `deidentify`, exactly.

    Raises:
        InputError: a transcript that the key does not know, or whose text or turns were changed since.
    """
    return [_restored(transcript, key.of(transcript.id)) for transcript in transcripts]


def _restored(transcript: Transcript, key: TranscriptKey) -> Transcript:
    if len(transcript.turns) != len(key.speakers):
        raise InputError(
            f"transcript {key.id} has {len(transcript.turns)} turns and the key was made for {len(key.speakers)}; give "
            "the transcript as deidentify returned it"
        )
    text = restored(transcript.text, key)
    turns = tuple(
        replace(turn, start=key.real_offset(turn.start), end=key.real_offset(turn.end), speaker=speaker, question=asked)
        for turn, speaker, asked in zip(transcript.turns, key.speakers, key.questions, strict=True)
    )
    return replace(
        transcript, id=key.real_id, text=text, turns=turns, metadata=dict(key.metadata), source=key.source,
        sha256=key.sha256, notes=key.notes,
    )  # fmt: skip


def _refuse_twins(transcripts: Sequence[Transcript]) -> None:
    ids = [transcript.id for transcript in transcripts]
    twice = sorted({i for i in ids if ids.count(i) > 1}) if len(set(ids)) < len(ids) else []
    if twice:
        raise InputError(f"transcript ids must be unique within a study; these come twice: {', '.join(twice)}")
