"""A suggester as a file: what it was taught, from which it learns the same again. No pickle."""

import io
import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lbc_themes.codebook import load_codebook, write_codebook
from lbc_themes.codebook.files import utterances_beside, write_utterances
from lbc_themes.core.errors import InputError, LbcError
from lbc_themes.core.files import private_replace, private_temporary_folder, write_private
from lbc_themes.core.messages import message
from lbc_themes.core.records import Codebook
from lbc_themes.core.untrusted import FAULTS, read_arrays, read_part
from lbc_themes.encoding import load_encoder
from lbc_themes.encoding.registry import SENTENCE_TRANSFORMERS
from lbc_themes.suggest.features import bare_names
from lbc_themes.suggest.fine_tuning import TunedView
from lbc_themes.suggest.suggester import TextsInContext

if TYPE_CHECKING:
    from lbc_themes.suggest.suggester import CodeSuggester

FORMAT = "lbc-suggester/3"
"""With the context of the coded texts and, where an encoder was tuned, its weights in tuned.npz."""

EARLIER_FORMATS = ("lbc-suggester/1", "lbc-suggester/2")
"""Without context; the second has tuned.npz."""

_LARGEST_CHOICE = 1e9
CHOICES = ("ridge", "logistic_ridge", "blend", "question_weight", "macro_weight")


def write_suggester(suggester: "CodeSuggester", path: Path) -> None:
    """Write ``suggester`` to a ZIP file: suggester.json, arrays.npz and, where it has them, its codebook and tuned.npz.

    The coded texts are in it: keep it as safe as the transcripts. Refuses an encoder object, which has no name to be
    found by again.
    """
    if not isinstance(suggester.encoder, str):
        raise InputError(message("suggest.encoder_without_name"))
    tuned = getattr(suggester, "tuned_", None)
    context = getattr(suggester, "context_", None)
    described = {
        "format": FORMAT, "tuned": tuned is not None, "encoder": suggester.encoder,
        "codes": bare_names(suggester.codebook, suggester.codes),
        "choices": {name: getattr(suggester, name) for name in CHOICES},
        "texts": None if context is None else context.texts,
        "questions": None if context is None else context.questions,
        "speakers": None if context is None else context.speakers, "groups": getattr(suggester, "groups_", None),
        "learned_in_parts_of": getattr(suggester, "parts_", []), "codebook": suggester.codebook is not None,
    }  # fmt: skip
    arrays = io.BytesIO()
    if context is not None:
        np.savez(arrays, targets=suggester.targets_, vectors=suggester.vectors_)
    try:
        with private_replace(path) as beside, zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("suggester.json", json.dumps(described, ensure_ascii=False))
            file.writestr("arrays.npz", arrays.getvalue())
            if tuned is not None:
                file.writestr("tuned.npz", tuned.to_bytes())
            if suggester.codebook is not None:
                _write_codebook(file, suggester.codebook)
    except OSError as fault:
        why = fault.strerror or type(fault).__name__
        raise InputError(message("suggest.save_refused", path=path, why=why)) from fault


def _write_codebook(file: zipfile.ZipFile, codebook: Codebook) -> None:
    with private_temporary_folder() as folder:
        path = folder / "codebook.yaml"
        write_codebook(codebook, path)
        write_utterances(codebook.utterances, utterances_beside(path))
        for made in sorted(folder.iterdir()):
            file.write(made, made.name)


def load_suggester(path: str | Path, *, encoder: str | None = None) -> "CodeSuggester":
    """Return the suggester written to ``path``; it learns again from what is in the file, which gives the same answers.

    The file may come from a stranger: nothing in it is run, nothing is fetched, and what it declares is measured before
    it is unpacked.

    Args:
        path: What ``CodeSuggester.save`` wrote.
        encoder: The name of the encoder, needed where it was a "sentence-transformers:" one: such a name in a file
            could fetch a model from a network or load one from any folder, so it counts only if you say it too.

    Raises:
        InputError: a file that ``CodeSuggester.save`` did not write, or one with an encoder that you have to name.

    >>> from tempfile import TemporaryDirectory
    >>> from lbc_themes import CodeSuggester
    >>> suggester = CodeSuggester(codes=["想念父母", "作业压力"], encoder="static-zh")
    >>> suggester = suggester.fit(["我想我妈妈。", "作业写不完。"], [["想念父母"], ["作业压力"]])
    >>> with TemporaryDirectory() as folder:
    ...     _ = suggester.save(Path(folder) / "suggester.zip")
    ...     load_suggester(Path(folder) / "suggester.zip").codes_
    ('想念父母', '作业压力')
    """
    try:
        with zipfile.ZipFile(path) as file:
            described = json.loads(read_part(file, "suggester.json"))
            if not isinstance(described, dict) or described.get("format") not in (FORMAT, *EARLIER_FORMATS):
                read = ", ".join((*EARLIER_FORMATS, FORMAT))
                raise InputError(message("suggest.saved_format", read=read))
            return _read(file, described, encoder)
    except FAULTS as error:
        why = error if isinstance(error, LbcError) else " ".join(str(error).split()) or type(error).__name__
        raise InputError(message("suggest.not_saved_suggester", path=path, why=why)) from error


def _read(file: zipfile.ZipFile, described: dict[str, Any], trusted: str | None) -> "CodeSuggester":
    from lbc_themes.suggest.suggester import CodeSuggester

    encoder, codes, texts, groups = (described[name] for name in ("encoder", "codes", "texts", "groups"))
    if not isinstance(encoder, str) or not all(_is_list_or_none(part) for part in (codes, texts, _plain(groups))):
        raise InputError(message("suggest.saved_lacks_encoder"))
    if encoder.startswith(SENTENCE_TRANSFORMERS) and encoder != trusted:
        raise InputError(message("suggest.saved_hub_encoder", encoder=encoder))
    codebook = _read_codebook(file) if described["codebook"] else None
    names = None if codes is None else tuple(codes)
    suggester = CodeSuggester(codebook, codes=names, encoder=encoder, **_choices(described.get("choices", {})))
    if not texts:
        return suggester
    arrays = read_arrays(read_part(file, "arrays.npz"))
    vectors = arrays["vectors"]
    if vectors.shape != (len(texts), load_encoder(encoder).dimensions) or vectors.dtype.kind != "f":
        raise InputError(message("suggest.saved_vectors", count=len(texts)))
    empty = [at for at, row in enumerate(vectors) if texts[at].strip() and not row.any()]
    if empty:
        raise InputError(message("suggest.saved_zero_vector", row=empty[0]))
    has_tuned = described.get("tuned", described["format"] == EARLIER_FORMATS[1])
    tuned = TunedView.from_bytes(read_part(file, "tuned.npz")) if has_tuned else None
    parts = _parts(described.get("learned_in_parts_of") or [len(texts)], len(texts))
    context = _context(texts, described)
    return suggester.fit_beside(tuned, context, arrays["targets"], groups, vectors, parts)


def _context(texts: list[str], described: dict[str, Any]) -> TextsInContext:
    nothing = [""] * len(texts)
    questions, speakers = (described.get(name) or nothing for name in ("questions", "speakers"))
    if any(not _is_list_or_none(part) or len(part) != len(texts) for part in (questions, speakers)):
        raise InputError(message("suggest.saved_context", count=len(texts)))
    return TextsInContext(texts=texts, questions=questions, speakers=speakers)


def _choices(choices: Any) -> dict[str, float]:  # noqa: ANN401 (read from a file)
    if not isinstance(choices, dict) or not all(
        name in CHOICES and type(value) in (int, float) and abs(value) <= _LARGEST_CHOICE
        for name, value in choices.items()
    ):
        raise InputError(message("suggest.saved_choices", allowed=[*CHOICES]))
    return choices


def _parts(sizes: Any, texts: int) -> list[int]:  # noqa: ANN401 (read from a file)
    if not isinstance(sizes, list) or any(type(size) is not int or size < 1 for size in sizes) or sum(sizes) != texts:
        raise InputError(message("suggest.saved_parts", total=texts))
    return sizes


def _plain(groups: Any) -> Any:  # noqa: ANN401 (read from a file)
    """Return groups with whole numbers, which name participants too, as texts."""
    return [str(group) if type(group) is int else group for group in groups] if isinstance(groups, list) else groups


def _is_list_or_none(value: object) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(item, str) for item in value))


def _read_codebook(file: zipfile.ZipFile) -> Codebook:
    with private_temporary_folder() as folder:
        for name in ("codebook.yaml", "codebook.utterances.csv"):
            write_private(folder / name, read_part(file, name))
        return load_codebook(folder / "codebook.yaml")
