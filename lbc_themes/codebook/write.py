"""A codebook to a file."""

from dataclasses import replace
from pathlib import Path

from lbc_themes.codebook.checks import errors_of
from lbc_themes.codebook.draft import draft_of
from lbc_themes.codebook.table_files import write_csv, write_xlsx
from lbc_themes.codebook.utterances import utterances_beside, write_utterances
from lbc_themes.codebook.yaml_write import write_yaml
from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Code, Codebook, Rule

_FORMS = {".yaml": write_yaml, ".yml": write_yaml, ".csv": write_csv, ".xlsx": write_xlsx}


def write_codebook(codebook: Codebook, path: str | Path) -> None:
    """Write a codebook as .yaml, .csv or .xlsx, by the ending of ``path``; ``load_codebook`` reads the same back.

    The order of codes and parts is fixed, so that two versions of a .yaml or .csv can be compared line by line. Of a
    subset, rules are written without neighbours that are not in it, and close examples that take such a neighbour are
    left out. Its utterances go into NAME.utterances.csv beside it. Refuses what ``load_codebook`` would refuse.
    """
    file = Path(path)
    form = _FORMS.get(file.suffix.lower())
    if form is None:
        raise InputError(
            f"{file}: a codebook is written as {', '.join(_FORMS)}, not as {file.suffix or 'a file without an ending'}"
        )
    whole = _closed(codebook)
    errors = errors_of(draft_of(whole))
    if errors:
        raise InputError(f"{file}: not written, for code {errors[0].code}: {errors[0].message.en}")
    try:
        form(whole, file)
        if whole.utterances:
            write_utterances(whole.utterances, utterances_beside(file))
    except OSError as fault:
        raise InputError(
            f"{file}: the file cannot be written ({fault.strerror}); check the folder and that no program holds it open"
        ) from fault


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
