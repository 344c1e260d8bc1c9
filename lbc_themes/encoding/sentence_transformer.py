"""Any model of the sentence-transformers library as an encoder, from a folder or a hub name."""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lbc_themes.core.assets import sha256_of
from lbc_themes.core.errors import InputError, MissingExtraError
from lbc_themes.core.messages import message
from lbc_themes.encoding.encoder import Advance, TextKind, Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BATCH = 32


class SentenceTransformerEncoder:
    """Encodes with the sentence-transformers model at ``path_or_name``.

    A folder is read from disk. Any other name is a hub name: it is loaded where it was downloaded to this machine
    before, and refused with one line otherwise, for a run uses no network.
    """

    def __init__(self, path_or_name: str) -> None:
        """Remember the model's path or name; it is read when the first text is encoded."""
        self.path_or_name = path_or_name

    @cached_property
    def name(self) -> str:
        """The name under which a run records this encoder; of a folder with a checksum, for its files may change."""
        version = f"@{_checksum(self._folder)}" if self._folder.is_dir() else ""
        return f"sentence-transformers:{self.path_or_name}{version}"

    @property
    def _folder(self) -> Path:
        return Path(self.path_or_name).expanduser()

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        return int(self._model.get_embedding_dimension() or 0)

    @cached_property
    def _model(self) -> "SentenceTransformer":
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise MissingExtraError(
                package="sentence-transformers",
                extra="sentence-transformers",
                purpose=message("core.purpose.encoder", name=self.path_or_name),
            ) from error
        name = str(self._folder) if self._folder.is_dir() else self.path_or_name
        try:
            return SentenceTransformer(name, device="cpu", local_files_only=True)
        except Exception as error:
            first_line = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise InputError(
                message(
                    "encoding.sentence_transformers_model_loaded", path_or_name=self.path_or_name, first_line=first_line
                )
            ) from error

    def encode(self, texts: Sequence[str], kind: TextKind = "passage", advance: Advance | None = None) -> Vectors:
        """Return unit vectors of shape ``(len(texts), dimensions)``, float32; blank text gets a zero row.

        ``kind`` is passed on as the prompt of that name where the model has one. Text beyond the model's own limit is
        read as that library reads it.
        """
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        wanted = [i for i, text in enumerate(texts) if text.strip()]
        prompt = kind if kind in self._model.prompts else None
        for at in range(0, len(wanted), BATCH):
            rows = wanted[at : at + BATCH]
            vectors[rows] = self._model.encode(
                [texts[i] for i in rows], prompt_name=prompt, normalize_embeddings=True, show_progress_bar=False
            )
            if advance:
                advance(len(rows))
        if advance and len(wanted) < len(texts):
            advance(len(texts) - len(wanted))
        return vectors


def _checksum(folder: Path) -> str:
    """Return 12 hexadecimal digits that change with any file of ``folder``."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = "".join(f"{sha256_of(path)} {path.relative_to(folder).as_posix()}\n" for path in files)
    return hashlib.sha256(lines.encode()).hexdigest()[:12]
