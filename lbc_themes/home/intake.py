"""Files on their way into a study: for their owner alone; read, looked at, given roles, de-identified, taken in."""

import json
import secrets
import shutil
import tempfile
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import IO

from lbc_themes.codebook import load_codebook
from lbc_themes.core.errors import InputError
from lbc_themes.core.files import (
    copy_private,
    file_name,
    make_private,
    private_folder,
    private_open,
    private_temporary_folder,
    write_private,
)
from lbc_themes.core.messages import Bilingual, message
from lbc_themes.core.records import Codebook, Role, Transcript
from lbc_themes.reading import read_transcripts
from lbc_themes.safeguards.privacy import PrivacyReport, deidentify_folder
from lbc_themes.safeguards.privacy.entities import Method
from lbc_themes.study import Study

LARGEST_FILE = 100_000_000
"""Bytes of one file that is taken in."""
MOST_FILES = 500
EMPTY = "empty"
"""What stands for a codebook without codes, for open coding."""
SHIPPED = "left-behind-children"
CODEBOOKS = (".yaml", ".yml", ".csv", ".xlsx", ".qdc")
_SETTINGS = "study.toml"
_COPY = 1 << 20


def save_upload(name: str, opened: IO[bytes], target: Path) -> None:
    """Store a file that was sent; one larger than ``LARGEST_FILE`` is refused by its ``name`` and never cut."""
    kept = 0
    with private_open(target, "wb") as file:
        while part := opened.read(_COPY):
            kept += len(part)
            if kept > LARGEST_FILE:
                raise InputError(message("home.file_too_large", name=name, most=LARGEST_FILE // 1_000_000))
            file.write(part)


@dataclass(frozen=True, kw_only=True, slots=True)
class Unread:
    """A file that could not be read, and why."""

    name: str
    reason: Bilingual


@dataclass(kw_only=True)
class Intake:
    """Files that somebody dropped, before they are a study: ``study`` is the file that they become or are added to.

    ``transcripts`` are as read last; ``report`` is what de-identification changed and what to look at, None before it.
    Everything lies in ``folder``, which only its owner can enter and which goes with `close`.
    """

    name: str
    study: Path
    new: bool
    codebook: Codebook
    id: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    folder: Path = field(default_factory=lambda: make_private(Path(tempfile.mkdtemp(prefix="lbc-themes-"))))
    transcripts: tuple[Transcript, ...] = ()
    unread: tuple[Unread, ...] = ()
    report: PrivacyReport | None = None
    roles: dict[tuple[str, str], Role] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def originals(self) -> Path:
        """The folder of the files as they came."""
        return self.folder / "files"

    @property
    def copies(self) -> Path:
        """The folder of the de-identified copies."""
        return self.folder / "copies"

    @property
    def key(self) -> Path:
        """The key of the pseudonyms."""
        return self.folder / "key.json"

    @property
    def files(self) -> tuple[str, ...]:
        """The names of the files as they came."""
        return tuple(sorted(p.name for p in self.originals.iterdir())) if self.originals.is_dir() else ()

    def add(self, files: Iterable[tuple[str, IO[bytes]]]) -> None:
        """Keep files and read all anew. A name is no path: only its last part counts.

        Raises:
            InputError: too many files, one that is too large, or a ``study.toml``; those before it are kept.
        """
        with self.lock:
            private_folder(self.originals)
            if self.report is not None:
                raise InputError(message("home.deidentified_already"))
            try:
                for name, opened in files:
                    self._keep(name, opened)
            finally:
                self.read()

    def _keep(self, name: str, opened: IO[bytes]) -> None:
        plain = PurePosixPath(name.replace("\\", "/")).name
        if plain.lower() == _SETTINGS:
            raise InputError(message("home.no_settings_file"))
        held = self.files
        if len(held) >= MOST_FILES:
            raise InputError(message("home.too_many_files", most=MOST_FILES))
        # "participants.csv" is known by its name, so that a table that comes twice takes the place of the first.
        known = plain.lower() == "participants.csv"
        safe = "participants.csv" if known else file_name(Path(plain).stem, _suffix(plain), taken=held)
        save_upload(plain, opened, self.originals / safe)

    def remove(self, name: str) -> None:
        """Take a file out again; nothing happens where there is none of that name."""
        with self.lock:
            if name in self.files and self.report is None:
                (self.originals / name).unlink()
                self.read()

    def read(self) -> None:
        """Read all files with the roles that were set."""
        with self.lock:
            unread: list[Unread] = []

            def note(path: Path, error: InputError) -> None:
                reason = error.words
                plain = Bilingual(zh=_without(reason.zh, path), en=_without(reason.en, path))
                unread.append(Unread(name=path.name, reason=plain))

            folder = self.copies if self.report is not None else self.originals
            try:
                self._write_roles(folder)
                found = read_transcripts(folder, on_error=note) if self.files else []
            except InputError as fault:  # a folder in which nothing is a transcript
                words = fault.words
                unread.append(Unread(name="", reason=Bilingual(zh=words.zh, en=words.en)))
                found = []
            self.transcripts = tuple(replace(t, source=Path(t.source).name) for t in found)
            self.unread = tuple(unread)

    def set_role(self, transcript_id: str, speaker: str, role: Role, *, everywhere: bool = False) -> None:
        """Give a speaker a role, in one file or in all in which one is called so, and read anew.

        Raises:
            InputError: there is no such speaker.
        """
        with self.lock:
            where = [t.id for t in self.transcripts if any(turn.speaker == speaker for turn in t.turns)]
            if transcript_id not in where:
                raise InputError(message("home.no_speaker", speaker=speaker, file=transcript_id))
            for each in where if everywhere else [transcript_id]:
                self.roles[each, speaker] = role
            self.read()

    def _write_roles(self, folder: Path) -> None:
        by_file: dict[str, dict[str, str]] = {}
        for (transcript_id, speaker), role in self.roles.items():
            by_file.setdefault(transcript_id, {})[speaker] = role.value
        lines = []
        for transcript_id, speakers in by_file.items():
            lines += [f"[files.{_quoted(transcript_id)}.roles]"]
            lines += [f"{_quoted(speaker)} = {_quoted(role)}" for speaker, role in speakers.items()]
        if lines:
            (folder / _SETTINGS).unlink(missing_ok=True)
            write_private(folder / _SETTINGS, "\n".join(lines) + "\n")

    def deidentify(self, method: Method) -> None:
        """Put pseudonyms for names and numbers in copies of the files, and read these instead."""
        with self.lock:
            self._forget_copies()
            (self.originals / _SETTINGS).unlink(missing_ok=True)
            done = deidentify_folder(self.originals, self.copies, self.key, method=method, on_error=lambda *_: None)
            self.report = done.report
            self.read()

    def undo_deidentify(self) -> None:
        """Go back to the files as they came."""
        with self.lock:
            self._forget_copies()
            self.read()

    def _forget_copies(self) -> None:
        self.report = None
        shutil.rmtree(self.copies, ignore_errors=True)
        self.key.unlink(missing_ok=True)

    def take_in(self) -> tuple[str, ...]:
        """Make the study, or add to it, and return the ids of the interviews that are new in it.

        The key of the pseudonyms, if there is one, then lies beside the study, for somebody to put it elsewhere.
        """
        with self.lock:
            if not self.transcripts:
                raise InputError(message("home.nothing_read"))
            if self.new:
                with Study.create(self.study, self.transcripts, self.codebook) as study:
                    ids = tuple(t.id for t in study.transcripts)
            else:
                with Study.open(self.study) as study:
                    ids = study.add(self.transcripts)
            if self.report is not None:
                copy_private(self.key, self.key_beside)
            return ids

    @property
    def key_beside(self) -> Path:
        """Where the key of the pseudonyms goes."""
        taken = [p.name for p in self.study.parent.iterdir()]
        return self.study.parent / file_name(f"{self.study.stem}.key", ".json", taken=taken)

    def close(self) -> None:
        """Remove everything."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _suffix(name: str) -> str:
    suffix = Path(name).suffix
    return suffix if suffix[1:].isalnum() and suffix.isascii() and len(suffix) <= 12 else ""


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def _without(line: str, path: Path) -> str:
    """Return a line without the folder in which files wait: to whoever dropped them it says nothing."""
    return line.replace(str(path), path.name)


def codebook_of(choice: str, upload: tuple[str, IO[bytes]] | None, name: str) -> Codebook:
    """Return the codebook that is asked for: the one that travels with the library, an empty one, or that of a file.

    Raises:
        InputError: an unknown choice, no file, or one that cannot be read as a codebook.
    """
    if choice == SHIPPED:
        return load_codebook(SHIPPED)
    if choice == EMPTY:
        return Codebook(id="codes", version="1", name=message("home.codebook_of", name=name), codes=())
    if choice != "file":
        raise InputError(message("home.allowed", name="codebook", value=choice, allowed=[SHIPPED, EMPTY, "file"]))
    if upload is None or _suffix(upload[0]).lower() not in CODEBOOKS:
        raise InputError(message("home.codebook_file", allowed=[*CODEBOOKS]))
    with private_temporary_folder() as place:
        sent = PurePosixPath(upload[0].replace("\\", "/")).name
        file = place / file_name(Path(sent).stem, _suffix(upload[0]))
        save_upload(sent, upload[1], file)
        return load_codebook(file)
