"""The folder in which studies are kept, the studies in it, and those that are open for coding."""

import json
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from queue import Empty, Queue

from lbc_themes.core.errors import InputError, LbcError
from lbc_themes.core.files import file_name, private_folder, write_private
from lbc_themes.core.messages import message

_ENDING = ".lbc"
_PATIENCE = 60.0


def settings_file() -> Path:
    """Return the file that remembers the folder, in the user's own data folder."""
    from platformdirs import user_data_path

    return user_data_path("lbc_themes") / "home.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class StudyFile:
    """A file of a study. ``key`` names it in addresses and forms, which never hold a path."""

    path: Path
    changed: datetime
    size: int

    @property
    def key(self) -> str:
        """A name that says nothing of the path."""
        return key_of(self.path)


def key_of(path: Path) -> str:
    """Return the name of a file in addresses."""
    return sha256(str(path.resolve()).encode("utf-8", "surrogatepass")).hexdigest()[:20]


class StudyFolder:
    """The folder that is looked into, remembered from one time to the next."""

    def __init__(self, folder: Path | None = None, *, settings: Path | None = None) -> None:
        """Take ``folder``, or the one that was used last, or ``lbc-themes`` in the user's documents."""
        self._settings = settings or settings_file()
        self.path = (folder or self._remembered() or _default_folder()).resolve()

    def _remembered(self) -> Path | None:
        try:
            kept = json.loads(self._settings.read_text(encoding="utf-8"))
            folder = Path(kept["folder"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return folder if folder.is_dir() else None

    def use(self, folder: str) -> None:
        """Look into another folder from now on.

        Raises:
            InputError: it is no whole path, there is no such folder, or it cannot be read.
        """
        path = Path(folder.strip().strip('"')).expanduser()
        if not folder.strip() or not path.is_absolute():
            raise InputError(message("home.folder_whole_path", folder=folder))
        try:
            next(iter(path.iterdir()), None)
        except OSError as fault:
            raise InputError(
                message("home.folder_unreadable", folder=path, fault=fault.strerror or str(fault))
            ) from fault
        self.path = path.resolve()
        private_folder(self._settings.parent)
        write_private(self._settings, json.dumps({"folder": str(self.path)}, ensure_ascii=False))

    def studies(self) -> list[StudyFile]:
        """Return the studies in the folder, the one that changed last first."""
        found = []
        for path in self.path.glob(f"*{_ENDING}") if self.path.is_dir() else ():
            if path.is_file() and not path.name.startswith("."):
                held = path.stat()
                found.append(
                    StudyFile(path=path, changed=datetime.fromtimestamp(held.st_mtime, UTC), size=held.st_size)
                )
        return sorted(found, key=lambda each: (each.changed, each.path.name), reverse=True)

    def study(self, key: str) -> Path:
        """Return the path of a study in the folder. Raises InputError if there is none of that key."""
        found = next((each.path for each in self.studies() if each.key == key), None)
        if found is None:
            raise InputError(message("home.no_study"))
        return found

    def new_path(self, name: str) -> Path:
        """Return where a new study of that name goes.

        Raises:
            InputError: the name is empty, or taken.
        """
        if not name.strip():
            raise InputError(message("home.study_name"))
        path = self.path / file_name(name.strip().removesuffix(_ENDING), _ENDING)
        if path.exists():
            raise InputError(message("home.study_exists", name=path.name))
        return path

    def below(self) -> list[Path]:
        """Return the folders in the folder, hidden ones left out."""
        try:
            return sorted(p for p in self.path.iterdir() if p.is_dir() and not p.name.startswith("."))
        except OSError:
            return []


def _default_folder() -> Path:
    from platformdirs import user_documents_path

    return user_documents_path() / "lbc-themes"


# --- Studies that are open for coding, each on its own page and port.


@dataclass(frozen=True, kw_only=True, slots=True)
class _Open:
    address: str
    stop: threading.Event
    thread: threading.Thread


class OpenStudies:
    """Review pages that were opened from here; they end with `close`."""

    def __init__(self, serve: Callable[..., None]) -> None:
        """Take what serves a study: `lbc_themes.review.serve`."""
        self._serve = serve
        self._lock = threading.Lock()
        self._open: dict[tuple[Path, bool], _Open] = {}

    def address(self, path: Path, *, blind: bool) -> str:
        """Return the address of the review page of a study, with its token; open it where it is not.

        Raises:
            LbcError: the study cannot be opened.
        """
        with self._lock:
            held = self._open.get((path, blind))
            if held is None or not held.thread.is_alive():
                held = self._started(path, blind=blind)
                self._open[path, blind] = held
            return held.address

    def _started(self, path: Path, *, blind: bool) -> _Open:
        said: Queue[str | BaseException] = Queue()
        stop = threading.Event()

        def work() -> None:
            try:
                self._serve(path, blind=blind, announce=said.put, stop=stop)
            except BaseException as fault:
                said.put(fault)

        thread = threading.Thread(target=work, name="lbc-home-review", daemon=True)
        thread.start()
        try:
            first = said.get(timeout=_PATIENCE)
        except Empty:
            first = TimeoutError()
        if isinstance(first, str):
            return _Open(address=first, stop=stop, thread=thread)
        stop.set()
        if isinstance(first, LbcError):
            raise first
        raise InputError(message("home.not_opened", name=path.name, fault=f"{type(first).__name__}: {first}"))

    def is_open(self, path: Path) -> bool:
        """Say whether a review page of the study is open."""
        with self._lock:
            return any(held == path and each.thread.is_alive() for (held, _), each in self._open.items())

    def close(self, path: Path | None = None) -> None:
        """End the review pages of one study, or all."""
        with self._lock:
            ending = [key for key in self._open if path in (None, key[0])]
            held = [self._open.pop(key) for key in ending]
        for each in held:
            each.stop.set()
        for each in held:
            each.thread.join(timeout=10)


def may_open_browser() -> bool:
    """Say whether a browser with a window can be opened: over SSH one would start in the terminal."""
    return (
        os.name == "nt"
        or os.uname().sysname == "Darwin"
        or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    )
