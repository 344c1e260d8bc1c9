"""A fitted model on disk: two files, one that people can read and one with the numbers."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from lbc_themes.core.errors import InputError
from lbc_themes.core.files import private_folder, private_open, write_private
from lbc_themes.core.messages import message
from lbc_themes.core.records import Passage, Role
from lbc_themes.core.untrusted import FAULTS, MOST_BYTES, read_arrays
from lbc_themes.encoding.registry import SENTENCE_TRANSFORMERS
from lbc_themes.themes.code_view import CodeView, risk_marks
from lbc_themes.themes.features import Material
from lbc_themes.themes.model_selection import CurvePoint

if TYPE_CHECKING:
    from lbc_themes.themes.model import ThemeModel


Model = TypeVar("Model", bound="ThemeModel")

SCHEMA = "lbc-themes/2"
OLD_SCHEMA = "lbc-themes/1"
"""Its curve had other figures, which are left out."""

_MOST_IDS = 1_000_000
CHOICES = "themes.json"
NUMBERS = "vectors.npz"


def save_model(model: "ThemeModel", folder: str | Path) -> Path:
    """Write ``themes.json`` (choices, texts, themes) and ``vectors.npz`` (vectors, labels) into ``folder``.

    The files hold the participants' words: keep them where the transcripts are kept.
    """
    place = Path(folder)
    private_folder(place)
    material = model.material_
    held = {
        "schema": SCHEMA,
        "parameters": model.get_params(),
        "texts": list(material.texts),
        "groups": list(material.groups),
        "passages": [asdict(passage) for passage in material.passages],
        "names": {str(theme): name for theme, name in model.given_names_.items()},
        "choices": [list(choice) for choice in model.choices_],
        "curve": [asdict(point) for point in model.curve_],
        "new_themes": list(model.new_themes_),
        "next_theme": model.next_id_,
        "encoded": model.encoded_,
        "marked": np.flatnonzero(material.marked).tolist(),
        "aside": np.flatnonzero(material.aside).tolist(),
        "codes": None if material.view is None else list(material.view.codes),
    }
    write_private(place / CHOICES, json.dumps(held, ensure_ascii=False, indent=1))
    with private_open(place / NUMBERS) as file:
        np.savez_compressed(file, vectors=material.vectors, labels=model.labels_, **_view_numbers(material))
    return place


_VIEW = ("shares", "evidence", "codable", "questions", "weight")


def _view_numbers(material: Material) -> dict[str, Any]:
    return {} if material.view is None else {name: getattr(material.view, name) for name in _VIEW}


def _view(held: dict[str, Any], numbers: dict[str, Any]) -> CodeView | None:
    if held.get("codes") is None:
        return None
    arrays = {name: numbers[name] for name in _VIEW}
    return CodeView(codes=tuple(held["codes"]), **arrays | {"weight": float(arrays["weight"])})


def _flags(positions: Sequence[int], count: int) -> NDArray[np.bool_]:
    flags = np.zeros(count, bool)
    flags[list(positions)] = True
    return flags


def load_into(make: type[Model], folder: str | Path, encoder: str | None = None) -> Model:
    """Return the model that ``save_model`` wrote into ``folder``.

    The files may come from a stranger: nothing in them is run, nothing is fetched, and what they declare is measured
    before it is unpacked.

    Args:
        make: The class of the model.
        folder: What ``save_model`` wrote.
        encoder: The name of the encoder, needed where it is a "sentence-transformers:" one: such a name in a file could
            fetch a model from a network or load one from any folder, so it counts only if you say it too.

    Raises:
        InputError: files that ``save_model`` did not write, or a model with an encoder that you have to name.
    """
    place = Path(folder)
    held, numbers = _read(place)
    named = held["parameters"].get("encoder", "")
    if str(named).startswith(SENTENCE_TRANSFORMERS) and named != encoder:
        raise InputError(message("themes.saved_encoder", folder=place, encoder=named))
    try:
        return _made(make, held, numbers)
    except InputError:
        raise
    except FAULTS as fault:
        raise _no_model(place, fault) from fault


def _made(make: type[Model], held: dict[str, Any], numbers: dict[str, Any]) -> Model:
    model = make(**held["parameters"])
    model._check_choices()
    passages = tuple(_passage(entry) for entry in held["passages"])
    texts, groups = tuple(held["texts"]), tuple(held["groups"])
    marked = risk_marks(texts) if "marked" not in held else _flags(held["marked"], len(texts))
    material = Material(
        texts=texts, groups=groups, vectors=numbers["vectors"], passages=passages, marked=marked,
        aside=_flags(held.get("aside", ()), len(texts)), view=_view(held, numbers),
    )  # fmt: skip
    model._suggester = None
    model._take(material)
    model.given_names_ = {int(theme): name for theme, name in held["names"].items()}
    model.choices_ = tuple(tuple(choice) for choice in held["choices"])
    model.curve_ = tuple(CurvePoint(**point) for point in held["curve"] if held["schema"] == SCHEMA)
    model.new_themes_ = tuple(held["new_themes"])
    model.next_id_ = held["next_theme"]
    model.encoded_ = held["encoded"]
    return model._set(numbers["labels"][model.material_.order])


def _read(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        held = json.loads(_bytes(folder, CHOICES))
        numbers = read_arrays(_bytes(folder, NUMBERS))
        vectors, labels = numbers["vectors"], numbers["labels"]
    except FAULTS as fault:
        raise _no_model(folder, fault) from fault
    if not isinstance(held, dict) or held.get("schema") not in {SCHEMA, OLD_SCHEMA}:
        raise InputError(message("themes.saved_schema", path=folder / CHOICES, schema=SCHEMA))
    try:
        _check(held, vectors, labels)
        _check_view(held, numbers)
    except FAULTS as fault:
        raise _no_model(folder, fault) from fault
    return held, numbers


def _bytes(folder: Path, name: str) -> bytes:
    path = folder / name
    if path.resolve().parent != folder.resolve():
        raise ValueError(f"{name} leads out of the folder")
    if not path.is_file() or path.stat().st_size > MOST_BYTES:
        raise ValueError(f"{path.name} is no file of at most {MOST_BYTES // 1_000_000} MB")
    return path.read_bytes()


def _no_model(folder: Path, fault: Exception) -> InputError:
    why = " ".join(str(fault).split()) or type(fault).__name__
    return InputError(message("themes.not_saved_model", folder=folder, fault=why, choices=CHOICES, numbers=NUMBERS))


_LISTS = ("texts", "groups", "passages", "choices", "curve", "new_themes")


def _check(held: dict[str, Any], vectors: Any, labels: Any) -> None:  # noqa: ANN401 (read from a file)
    """Refuse parts that do not fit together, as a ValueError."""
    if not all(isinstance(held[name], list) for name in _LISTS):
        raise TypeError(f"{CHOICES} must hold lists: {', '.join(_LISTS)}")
    if not isinstance(held["parameters"], dict) or not isinstance(held["names"], dict):
        raise TypeError(f"{CHOICES} must hold parameters and names by name")
    if not isinstance(held["parameters"].get("encoder", ""), str):
        raise TypeError("the encoder must be named by a text")
    texts, groups, passages = held["texts"], held["groups"], held["passages"]
    if any(not isinstance(text, str) for text in (*texts, *groups, *held["names"].values())):
        raise TypeError("texts, groups and names must be texts")
    if len(groups) != len(texts) or len(passages) not in {0, len(texts)}:
        raise ValueError(f"there must be a group, and a passage where there are any, for each of {len(texts)} texts")
    if vectors.ndim != 2 or len(vectors) != len(texts) or vectors.dtype.kind != "f":
        raise ValueError(f"{NUMBERS} must hold a vector of finite numbers for each of the {len(texts)} texts")
    if labels.shape != (len(texts),) or labels.dtype.kind not in "iu":
        raise ValueError(f"{NUMBERS} must hold a whole number as the label of each of the {len(texts)} texts")
    free = held["next_theme"]
    if type(free) is not int or not 0 <= free <= _MOST_IDS or any(not -1 <= label < free for label in labels.tolist()):
        raise ValueError(f"labels must lie between -1 and the next theme, at most {_MOST_IDS}")
    empty = [at for at, row in enumerate(vectors) if texts[at].strip() and not row.any()]
    if empty:
        raise ValueError(f"{NUMBERS} holds a vector of zeros for text {empty[0]}, which no encoder makes")


def _check_view(held: dict[str, Any], numbers: dict[str, Any]) -> None:
    """Refuse marks, and what a codebook added, that do not fit the texts."""
    count, codes = len(held["texts"]), held.get("codes")
    for name in ("marked", "aside"):
        if any(type(at) is not int or not 0 <= at < count for at in held.get(name, ())):
            raise ValueError(f"{name} must hold positions of the {count} texts")
    if codes is None:
        return
    if not isinstance(codes, list) or any(not isinstance(code, str) for code in codes):
        raise TypeError("codes must be texts")
    shapes = {"shares": (count, len(codes)), "evidence": (count, len(codes)), "codable": (count,), "weight": ()}
    for name in _VIEW:
        array = numbers[name]
        fits = array.shape == shapes.get(name, array.shape) and array.shape[:1] in {(), (count,)}
        if array.dtype.kind != "f" or not fits or not np.isfinite(array).all():
            raise ValueError(f"{NUMBERS}: {name} must hold finite numbers for each of the {count} texts")
    if numbers["questions"].ndim != 2 or (numbers["shares"] < 0).any():
        raise ValueError(f"{NUMBERS}: questions must be rows, and no share below 0")


def _passage(entry: dict[str, Any]) -> Passage:
    spans = tuple((int(a), int(b)) for a, b in entry["spans"])
    return Passage(**{**entry, "spans": spans, "role": Role(entry["role"])})
