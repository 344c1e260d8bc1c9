"""Codebook files: a name or a file to a codebook, everything doubtful in it, and a codebook to a file."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from lbc_themes.codebook.checks import errors_of, warnings_of
from lbc_themes.codebook.draft import Draft, Problem, codebook_of, draft_of
from lbc_themes.codebook.qdc import read_qdc
from lbc_themes.codebook.table_files import read_csv, read_xlsx, write_csv, write_xlsx
from lbc_themes.codebook.yaml_files import read_yaml, write_yaml
from lbc_themes.core.assets import codebook_file, codebook_names
from lbc_themes.core.errors import InputError
from lbc_themes.core.files import cell_text, plain_cell, private_open
from lbc_themes.core.messages import Bilingual, message
from lbc_themes.core.records import Code, Codebook, Language, Role, Rule, Utterance
from lbc_themes.text.decoding import decode

# --- Further sentences of a codebook, in a file of their own: NAME.utterances.csv beside the codebook.

COLUMNS = ("codes", "speaker", "language", "text")
_LANGUAGES: dict[str, Language] = {"zh": "zh", "en": "en"}


def utterances_beside(codebook_path: Path) -> Path:
    """Return the path at which the utterances of the codebook at ``codebook_path`` are looked for."""
    return codebook_path.with_name(f"{codebook_path.stem}.utterances.csv")


def read_utterances(path: Path) -> tuple[Utterance, ...]:
    """Return the utterances in ``path``, in order; none where there is no such file.

    Refuses a file without the columns codes, speaker, language and text, and a line that can't be used, by its number.
    """
    if not path.is_file():
        return ()
    rows = csv.DictReader(decode(path.read_bytes())[0].splitlines())
    if rows.fieldnames is None or set(COLUMNS) - set(rows.fieldnames):
        raise InputError(
            message(
                "codebook.columns_must_found",
                path=path,
                columns=[*COLUMNS],
                fieldnames=[*rows.fieldnames] if rows.fieldnames else message("core.none"),
            )
        )
    return tuple(_utterances(path, rows))


def _utterances(path: Path, rows: "csv.DictReader[str]") -> Iterator[Utterance]:
    for row in rows:
        text, language, speaker = (cell_text(row[name] or "").strip() for name in ("text", "language", "speaker"))
        if not text or language not in _LANGUAGES or speaker not in set(Role):
            raise InputError(
                message(
                    "codebook.line_utterance_text_language", path=path, line_num=rows.line_num, role=[*Role], row=row
                )
            )
        codes = tuple(code.strip() for code in cell_text(row["codes"] or "").split(";") if code.strip())
        yield Utterance(text=text, language=_LANGUAGES[language], speaker=Role(speaker), code_ids=codes)


def write_utterances(utterances: Iterable[Utterance], path: Path) -> None:
    """Write ``utterances`` to ``path``, in the form in which they are read."""
    with private_open(path, "w") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(
            (plain_cell(";".join(u.code_ids)), u.speaker.value, u.language, plain_cell(u.text)) for u in utterances
        )


SUFFIXES = (".yaml", ".yml", ".csv", ".xlsx", ".qdc")
_LIMIT = 50_000_000


EMPTY = "empty"
"""The name of a codebook without codes, for open coding from nothing."""


def together(books: Sequence[Codebook]) -> Codebook:
    """Return one codebook of the codes of several, in their order; what is the same in two of them comes once.

    Raises InputError where two of them have different codes of one id.
    """
    if len(books) == 1:
        return books[0]
    codes: dict[str, Code] = {}
    for book in books:
        for code in book:
            if codes.setdefault(code.id, code) != code:
                raise InputError(message("codebook.together_twice", code=code.id, books=[each.id for each in books]))
    mark = " + "
    return Codebook(
        id="+".join(book.id for book in books), version="+".join(book.version for book in books),
        name=Bilingual(zh=mark.join(book.name.zh for book in books), en=mark.join(book.name.en for book in books)),
        codes=tuple(codes.values()), utterances=tuple(dict.fromkeys(u for book in books for u in book.utterances)),
    )  # fmt: skip


def load_codebook(name_or_path: str | Path) -> Codebook:
    """Return a codebook that travels with the library ("left-behind-children"), one in a file, or an "empty" one.

    Files end in .yaml, .yml, .csv, .xlsx or .qdc (a REFI-QDA codebook). A code needs an id or a name; a text in one
    language stands for both, and where it has no definition yet, its brief or its name stands in.
    A file NAME.utterances.csv beside it (columns codes, speaker, language, text; several codes separated by ``;``) adds
    sentences for the suggester to learn from.

    Raises InputError if there is no such codebook, or if it has errors: the line names the first one, its file and line
    and how many there are besides. ``check_codebook`` lists them all, and warnings too.

    >>> book = load_codebook("left-behind-children")
    >>> len(book) > 40
    True
    """
    if str(name_or_path) == EMPTY:
        return Codebook(id="open", version="1", name=message("codebook.empty_name"), codes=())
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
        raise InputError(message("codebook.refused", path=path, fault=fault)) from fault


def _file(name_or_path: str | Path) -> Path:
    path = Path(name_or_path)
    if path.suffix.lower() in SUFFIXES:
        return path
    travelling = codebook_file(str(name_or_path)) if len(path.parts) == 1 else None
    if travelling is None:
        names, endings = ", ".join(codebook_names()), ", ".join(SUFFIXES)
        raise InputError(
            message("codebook.no_codebook_give_name", name_or_path=str(name_or_path), names=names, endings=endings)
        )
    return travelling


def _bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > _LIMIT:
            raise InputError(
                message("codebook.file_mb_codebook_most", path=path, size=size // 1000000, limit=_LIMIT // 1000000)
            )
        data = path.read_bytes()
    except OSError as fault:
        raise InputError(message("codebook.file_cannot_opened_check", path=path, strerror=fault.strerror)) from fault
    if not data.strip():
        raise InputError(message("codebook.file_empty_codebook_holds", path=path))
    return data


# --- Everything that is wrong or doubtful in a codebook.


def check_codebook(codebook: str | Path | Codebook) -> list[Problem]:
    """Return the problems of a codebook, errors before warnings and each in the order of the file.

    Takes what ``load_codebook`` takes, or a codebook in memory (then no problem has a line).

    Raises InputError only if the file cannot be read at all.

    >>> [problem.severity for problem in check_codebook("left-behind-children") if problem.severity == "error"]
    []
    """
    draft = draft_of(codebook) if isinstance(codebook, Codebook) else read_draft(codebook)
    return [*errors_of(draft), *warnings_of(draft)]


# --- A codebook to a file.

_FORMS = {".yaml": write_yaml, ".yml": write_yaml, ".csv": write_csv, ".xlsx": write_xlsx}


def write_codebook(codebook: Codebook, path: str | Path) -> None:
    """Write a codebook as .yaml, .csv or .xlsx, by the ending of ``path``; ``load_codebook`` reads the same back.

    The order of codes and parts is fixed, so that two versions of a .yaml or .csv can be compared line by line. Of a
    subset, rules are written without neighbours that are not in it, and close examples that take such a neighbour are
    left out. Its utterances go into NAME.utterances.csv beside it.

    Raises InputError if ``path`` ends in something else, or if ``load_codebook`` would refuse the codebook.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> book = load_codebook("left-behind-children")
    >>> with TemporaryDirectory() as folder:
    ...     write_codebook(book, Path(folder) / "codebook.yaml")
    ...     load_codebook(Path(folder) / "codebook.yaml").ids == book.ids
    True
    """
    file = Path(path)
    form = _FORMS.get(file.suffix.lower())
    if form is None:
        raise InputError(
            message(
                "codebook.codebook_written",
                file=file,
                forms=[*_FORMS],
                suffix=file.suffix or message("codebook.no_ending"),
            )
        )
    whole = _closed(codebook)
    errors = errors_of(draft_of(whole)) if len(whole) else []
    if errors:
        raise InputError(message("codebook.written_code", file=file, code=errors[0].code, en=errors[0].message))
    try:
        form(whole, file)
        if whole.utterances:
            write_utterances(whole.utterances, utterances_beside(file))
    except OSError as fault:
        raise InputError(message("codebook.file_cannot_written_check", file=file, strerror=fault.strerror)) from fault


def _closed(codebook: Codebook) -> Codebook:
    return replace(codebook, codes=tuple(_without_strangers(code, codebook) for code in codebook))


def _without_strangers(code: Code, codebook: Codebook) -> Code:
    def kept(rule: Rule) -> Rule:
        return rule if rule.use is None or rule.use in codebook else replace(rule, use=None)

    return replace(
        code,
        include=tuple(map(kept, code.include)),
        exclude=tuple(map(kept, code.exclude)),
        close=tuple(example for example in code.close if example.code in codebook),
    )
