"""A fitted model on disk: two files, one that people can read and one with the numbers."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from lbc_themes.core.errors import InputError
from lbc_themes.core.files import private_folder, private_open, write_private
from lbc_themes.core.messages import message
from lbc_themes.core.records import Passage, Role
from lbc_themes.core.untrusted import FAULTS, read_arrays
from lbc_themes.themes.features import Material
from lbc_themes.themes.model_selection import CurvePoint

if TYPE_CHECKING:
    from lbc_themes.themes.model import ThemeModel


Model = TypeVar("Model", bound="ThemeModel")

SCHEMA = "lbc-themes/2"
OLD_SCHEMA = "lbc-themes/1"
"""Its curve had other figures, which are left out."""

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
    }
    write_private(place / CHOICES, json.dumps(held, ensure_ascii=False, indent=1))
    with private_open(place / NUMBERS) as file:
        np.savez_compressed(file, vectors=material.vectors, labels=model.labels_)
    return place


def load_into(make: type[Model], folder: str | Path) -> Model:
    """Return the model that ``save_model`` wrote into ``folder``."""
    held, vectors, labels = _read(Path(folder))
    model = make(**held["parameters"])
    passages = tuple(_passage(entry) for entry in held["passages"])
    texts, groups = tuple(held["texts"]), tuple(held["groups"])
    model._take(Material(texts=texts, groups=groups, vectors=vectors, passages=passages))
    model.given_names_ = {int(theme): name for theme, name in held["names"].items()}
    model.choices_ = tuple(tuple(choice) for choice in held["choices"])
    model.curve_ = tuple(CurvePoint(**point) for point in held["curve"] if held["schema"] == SCHEMA)
    model.new_themes_ = tuple(held["new_themes"])
    model.next_id_ = held["next_theme"]
    model.encoded_ = held["encoded"]
    return model._set(labels[model.material_.order])


def _read(folder: Path) -> tuple[dict[str, Any], Any, Any]:
    try:
        held = json.loads((folder / CHOICES).read_text(encoding="utf-8"))
        numbers = read_arrays((folder / NUMBERS).read_bytes())
        vectors, labels = numbers["vectors"], numbers["labels"]
    except FAULTS as fault:
        raise InputError(
            message("themes.not_saved_model", folder=folder, fault=fault, choices=CHOICES, numbers=NUMBERS)
        ) from fault
    if not isinstance(held, dict) or held.get("schema") not in {SCHEMA, OLD_SCHEMA}:
        raise InputError(message("themes.saved_schema", path=folder / CHOICES, schema=SCHEMA))
    return held, vectors, labels


def _passage(entry: dict[str, Any]) -> Passage:
    spans = tuple((int(a), int(b)) for a, b in entry["spans"])
    return Passage(**{**entry, "spans": spans, "role": Role(entry["role"])})
