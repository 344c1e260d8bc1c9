"""Every file that a command or a call writes is readable by its owner alone, however careless the system is."""

import os
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer.main
from study_samples import decision

import lbc_themes
from lbc_themes.cli.app import app
from lbc_themes.codebook import write_codebook
from lbc_themes.core.records import Codebook
from lbc_themes.study import Study, import_export

pytestmark = pytest.mark.skipif(os.name != "posix", reason="rights of a POSIX file system")

EXPORTS = {
    "qdpx": "s.qdpx", "qdc": "s.qdc", "xlsx": "s.xlsx", "docx": "s.docx", "members": "sheets", "maxqda": "s.txt",
    "triangulation": "t.docx", "label-studio": "s.json", "docbin": "s.spacy", "codings.csv": "codings.csv",
    "taguette": "x.csv",
    "doccano": "x.jsonl",
    "prodigy": "x.jsonl",
    "cas": "folder-cas",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _careless(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A umask that takes nothing away, and a command line that does not set another."""
    monkeypatch.setattr("lbc_themes.cli.app.keep_process_private", lambda: None)
    old = os.umask(0)
    yield
    os.umask(old)


def open_to_others(folder: Path, but: set[Path]) -> list[str]:
    """The files and folders below ``folder`` that others may read, write or enter, but for those given."""
    found = (path for path in folder.rglob("*") if path not in but)
    return sorted(str(path.relative_to(folder)) for path in found if stat.S_IMODE(path.stat().st_mode) & 0o077)


COMMANDS = {
    "run": ["run", "interviews", "--out", "deep/results", "--codebook", "four.yaml", "--cache", "cache/v.sqlite"],
    "demo": ["demo", "--out", "demo"],
    "deidentify": ["deidentify", "interviews", "--out", "copies/new", "--key", "key.json", "--patterns-only"],
    "agreement": ["agreement", "STUDY", "--out", "a.md", "--mixed-up", "mixed.csv", "--draws", "0"],
    "agreement to Word": ["agreement", "STUDY", "--out", "a.docx", "--draws", "0"],
    "agreement as a table": ["agreement", "STUDY", "--out", "a.csv", "--draws", "0"],
    "study new": ["study", "new", "new.lbc", "interviews", "--codebook", "four.yaml"],
    "study add": ["study", "add", "STUDY", "interviews"],
    "study status": ["study", "status", "STUDY"],
    "study suggest": ["study", "suggest", "STUDY", "--cache", "cache/v.sqlite"],
    "study themes": ["study", "themes", "STUDY", "--cache", "cache/v.sqlite"],
    "study backup": ["study", "backup", "STUDY", "copy.lbc"],
    "study check": ["study", "check", "STUDY"],
    "study rescue": ["study", "rescue", "STUDY", "saved.lbc"],
    "study restore": ["study", "restore", "STUDY", "new.lbc"],
    **{f"study export {kind}": ["study", "export", "STUDY", name, "--to", kind] for kind, name in EXPORTS.items()},
    "study import": ["study", "import", "other.lbc", "there.qdpx"],
    "study withdraw": ["study", "withdraw", "STUDY", "K01", "--by", "李", "--yes"],
    "check": ["check", "interviews"],
    "encoder list": ["encoder", "list"],
    "codebook check": ["codebook", "check", "four.yaml"],
    "codebook show": ["codebook", "show", "four.yaml"],
    "cache info": ["cache", "info"],
    "cache clear": ["cache", "clear"],
}
# Commands that serve a page, talk to a server or change models, which hold nobody's words.
SERVES = {
    "home",
    "review",
    "encoder add",
    "encoder remove",
    "study push",
    "study pull",
}  # see test_what_an_open_study_keeps_beside_it


def names_of(group: object, path: tuple[str, ...] = ()) -> Iterator[str]:
    for name, command in getattr(group, "commands", {}).items():
        if getattr(command, "commands", None):
            yield from names_of(command, (*path, name))
        else:
            yield " ".join((*path, name))


def test_no_command_is_forgotten() -> None:
    tried = {" ".join(word for word in words[:2] if word in name.split()) for name, words in COMMANDS.items()}
    assert set(names_of(typer.main.get_command(app))) - tried == SERVES


def test_no_form_of_export_is_forgotten() -> None:
    assert set(EXPORTS) == set(import_export.EXPORTS)


@pytest.mark.usefixtures("interviews")
@pytest.mark.parametrize("name", COMMANDS)
def test_what_a_command_writes_is_its_owners_alone(
    name: str, lbc: Callable[..., str], coded_file: Path, four_codes_file: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    (tmp_path / "four.yaml").write_bytes(four_codes_file.read_bytes())
    utterances = four_codes_file.with_name("four.utterances.csv")
    (tmp_path / utterances.name).write_bytes(utterances.read_bytes())
    if name == "study import":
        lbc("study", "export", coded_file, "there.qdpx", "--to", "qdpx")
    given = {tmp_path, *tmp_path.rglob("*")}
    lbc(*(coded_file if word == "STUDY" else word for word in COMMANDS[name]))
    assert open_to_others(tmp_path, given) == []
    assert stat.S_IMODE(coded_file.stat().st_mode) == 0o600
    if name.startswith(("run", "demo", "deid", "study new", "study backup", "study export")):
        assert {tmp_path, *tmp_path.rglob("*")} > given


def test_what_an_open_study_keeps_beside_it(coded_file: Path, tmp_path: Path) -> None:
    given = {path for path in tmp_path.rglob("*") if path != coded_file}
    with Study.open(coded_file) as study:
        study.record(decision(study, 0, "rejected"))
        assert {path.name for path in tmp_path.rglob("s.lbc*")} == {"s.lbc"}
        with study._store.write() as db:
            db.execute("INSERT INTO themes (time, record) VALUES ('', '{}')")
            assert {path.name for path in tmp_path.rglob("s.lbc*")} == {"s.lbc", "s.lbc-journal"}
            assert open_to_others(tmp_path, given) == []


def test_what_calls_write(interviews: Path, four_codes: Codebook, tmp_path: Path) -> None:
    given = {tmp_path, *tmp_path.rglob("*")}
    transcripts = lbc_themes.read_transcripts(interviews)
    passages = lbc_themes.segment(transcripts)
    texts = [passage.text for passage in passages]
    lbc_themes.ThemeModel(random_state=0, encoder="static-zh.v1").fit(passages).save(tmp_path / "deep" / "themes")
    suggester = lbc_themes.CodeSuggester(four_codes, encoder="static-zh.v1")
    suggester.fit(texts, [("family",) if number % 2 else ("study",) for number in range(len(texts))])
    suggester.save(tmp_path / "suggester.zip")
    for ending in ("yaml", "csv", "xlsx"):
        write_codebook(four_codes, tmp_path / f"book.{ending}")
    assert open_to_others(tmp_path, given) == []
    assert len({*tmp_path.rglob("*")} - given) >= 8


RAW = re.compile(
    r"(?<!beside)\.write_(?:text|bytes)\(|(?<!private_)open\([^()\n]*[\"'][wax]b?\+?[\"']|\.to_(?:csv|excel|disk|parquet)\((?!index|beside)"
    r"|\.mkdir\(|\.touch\(|mkstemp|NamedTemporaryFile|os\.replace|\.rename\("
)
# Files without participants' words, made when the library is built; and the module that is the way itself.
MAKERS = {"core/files.py", "encoding/conversion/__init__.py", "suggest/code_texts.py", "encoding/cache.py"}


def test_nothing_is_written_but_through_the_module_for_files() -> None:
    package = Path(lbc_themes.__file__).parent
    sources = {path.relative_to(package).as_posix(): path.read_text(encoding="utf-8") for path in package.rglob("*.py")}
    code = {name: re.sub(r"^ *(?:>>>|\.\.\.).*$", "", text, flags=re.M) for name, text in sources.items()}
    found = {name: RAW.findall(text) for name, text in code.items() if RAW.search(text)}
    assert set(found) - MAKERS == set(), found
