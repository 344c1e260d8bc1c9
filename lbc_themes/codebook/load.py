"""From a name or a file to a codebook."""

from dataclasses import replace
from pathlib import Path

from lbc_themes.codebook.checks import errors_of
from lbc_themes.codebook.draft import Draft, codebook_of
from lbc_themes.codebook.problem import Problem
from lbc_themes.codebook.qdc import read_qdc
from lbc_themes.codebook.table_files import read_csv, read_xlsx
from lbc_themes.codebook.utterances import read_utterances, utterances_beside
from lbc_themes.codebook.yaml_read import read_yaml
from lbc_themes.core.assets import codebook_file, codebook_names
from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Codebook
from lbc_themes.text.decoding import decode

SUFFIXES = (".yaml", ".yml", ".csv", ".xlsx", ".qdc")
_LIMIT = 50_000_000


def load_codebook(name_or_path: str | Path) -> Codebook:
    """Return a codebook that travels with the library ("left-behind-children"), or the codebook in a file.

    Files end in .yaml, .yml, .csv, .xlsx or .qdc (a REFI-QDA codebook). A code needs an id or a name, and a definition
    or a brief; a text in one language stands for both. Codes of a .qdc file need no definition: their name stands in.
    Refuses a codebook with errors, and names the first one, its file and line and how many there are besides;
    ``check_codebook`` lists them all, and warnings too. A file NAME.utterances.csv beside it (columns codes, speaker,
    language, text; several codes separated by ``;``) adds sentences for the suggester to learn from.
    """
    draft = read_draft(name_or_path)
    errors = errors_of(draft)
    if errors:
        raise InputError(_refusal(name_or_path, draft.unit, errors))
    return replace(codebook_of(draft), utterances=read_utterances(utterances_beside(_file(name_or_path))))


def _refusal(name_or_path: str | Path, unit: str, errors: list[Problem]) -> str:
    first, more = errors[0], len(errors) - 1
    where = f", {unit} {first.line}" if first.line else ""
    code = f" code {first.code}:" if first.code else ""
    others = f" (and {more} more error{'s' if more > 1 else ''}; check_codebook lists them)" if more else ""
    return f"{name_or_path}{where}:{code} {first.message.en}{others}"


def read_draft(name_or_path: str | Path) -> Draft:
    """Return a codebook as its file has it, unchecked."""
    path = _file(name_or_path)
    data = _bytes(path)
    try:
        suffix = path.suffix.lower()
        if suffix in {".yaml", ".yml"}:
            return read_yaml(decode(data)[0], path.stem)
        if suffix == ".csv":
            return read_csv(data, path.stem)
        return read_xlsx(data, path.stem) if suffix == ".xlsx" else read_qdc(data, path.stem)
    except InputError as fault:
        raise InputError(f"{path}: {fault}") from fault


def _file(name_or_path: str | Path) -> Path:
    path = Path(name_or_path)
    if path.suffix.lower() in SUFFIXES:
        return path
    travelling = codebook_file(str(name_or_path)) if len(path.parts) == 1 else None
    if travelling is None:
        names, endings = ", ".join(codebook_names()), ", ".join(SUFFIXES)
        raise InputError(
            f"no codebook {str(name_or_path)!r}; give the name of one that travels with the library ({names}), "
            f"or a file that ends in {endings}"
        )
    return travelling


def _bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > _LIMIT:
            raise InputError(
                f"{path}: the file has {size // 1_000_000} MB; a codebook has at most {_LIMIT // 1_000_000} MB"
            )
        data = path.read_bytes()
    except OSError as fault:
        raise InputError(
            f"{path}: the file cannot be opened ({fault.strerror}); check that it exists and may be read"
        ) from fault
    if not data.strip():
        raise InputError(f"{path}: the file is empty; a codebook holds at least one code")
    return data
