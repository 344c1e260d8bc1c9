"""Where the files that travel with the library are: inside the wheel, or in the checkout beside the package."""

import hashlib
from pathlib import Path

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message

_PACKAGE = Path(__file__).parent.parent


def model_folder(name: str) -> Path:
    """Return the folder of the model ``name``, from the installed package or the checkout."""
    places = (_PACKAGE / "models" / name, _PACKAGE.parent / "models" / name)
    for place in places:
        if (place / "config.json").is_file():
            return place
    raise InputError(message("core.model_none_install_lbc", name=name, places=[*map(str, places)]))


def demo_folder() -> Path:
    """Return the folder of the invented demonstration interviews, from the installed package or the checkout."""
    places = (_PACKAGE / "corpora" / "zhuzhai-demo", _PACKAGE.parent / "corpora" / "zhuzhai-demo")
    for place in places:
        if (place / "interviews").is_dir():
            return place
    raise InputError(message("core.demonstration_none_install_lbc", places=[*map(str, places)]))


def codebook_file(name: str) -> Path | None:
    """Return the file of the codebook ``name`` that travels with the library, or None where there is none."""
    path = _PACKAGE / "codebooks" / f"{name}.yaml"
    return path if path.is_file() else None


def codebook_path(file_name: str) -> Path:
    """Return the path of a file in the folder of the library's own codebooks."""
    return _PACKAGE / "codebooks" / file_name


def codebook_names() -> tuple[str, ...]:
    """Return the names of the codebooks that travel with the library."""
    return tuple(sorted(path.stem for path in (_PACKAGE / "codebooks").glob("*.yaml")))


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
