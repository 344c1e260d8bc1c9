"""Every file that a command or a call writes is readable by its owner alone, however careless the system is."""

import csv
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from urllib.request import HTTPCookieProcessor, ProxyHandler, build_opener

import openpyxl
import pytest
import typer.main
from home_pages import home as home_page
from review_pages import opened
from study_samples import decision

import lbc_themes
from lbc_themes.cli.app import app
from lbc_themes.codebook import write_codebook
from lbc_themes.core.records import Bilingual, Code, Codebook, Role, Transcript, Turn
from lbc_themes.core.study_log import Memo
from lbc_themes.home.studies import key_of
from lbc_themes.study import Study, import_export

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="rights of a POSIX file system")]

EXPORTS = {
    "qdpx": "s.qdpx", "qdc": "s.qdc", "xlsx": "s.xlsx", "docx": "s.docx", "members": "sheets", "maxqda": "s.txt",
    "triangulation": "t.docx", "label-studio": "s.json", "docbin": "s.spacy", "codings.csv": "codings.csv",
    "taguette": "x.csv",
    "doccano": "x.jsonl",
    "prodigy": "x.jsonl",
    "cas": "folder-cas",
    "webanno": "folder-webanno",
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
    **{
        f"study codebook {words[0]}": ["study", "codebook", words[0], "STUDY", *words[1:]]
        for words in (
            ["add", "新编码", "--by", "李"],
            ["rename", "homework", "功课", "--by", "李"],
            ["define", "homework", "说作业", "--by", "李"],
            ["move", "homework", "--by", "李"],
            ["recolour", "homework", "#b5cff0", "--by", "李"],
            ["history"],
            ["export", "book.xlsx"],
            ["merge", "help.negative", "--into", "help.positive", "--by", "李"],
            ["split", "longing", "split.csv", "--by", "李"],
            ["retire", "help.negative", "--by", "李"],
            ["undo", "--by", "李"],
        )
    },
    "study push": ["study", "push", "STUDY", "http://127.0.0.1:9", "--token", "t"],
    "study pull": ["study", "pull", "STUDY", "http://127.0.0.1:9", "--project", "3", "--token", "t"],
}
# Commands that serve a page until they are ended; no words at all open the home page.
SERVES = {
    "": [],
    "home": ["home", "studies"],
    "review": ["review", "STUDY", "--coder", "李"],
}
# What they write is looked at in tests/encoding/test_add.py, which makes a model to add.
ELSEWHERE = {"encoder add", "encoder remove"}


def names_of(group: object, path: tuple[str, ...] = ()) -> Iterator[str]:
    for name, command in getattr(group, "commands", {}).items():
        if getattr(command, "commands", None):
            yield from names_of(command, (*path, name))
        else:
            yield " ".join((*path, name))


def test_no_command_is_forgotten() -> None:
    known = set(names_of(typer.main.get_command(app)))
    tried = {" ".join(words[:size]) for words in COMMANDS.values() for size in (1, 2, 3)}
    assert known - tried == {*SERVES, *ELSEWHERE} - {""}


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
    if name == "study codebook undo":
        lbc("study", "codebook", "recolour", coded_file, "homework", "#b5cff0", "--by", "李")
    monkeypatch.setattr("lbc_themes.exchange.label_studio_server", lambda *_, **__: SimpleNamespace(host="127.0.0.1"))
    monkeypatch.setattr("lbc_themes.exchange.push_label_studio", lambda *_, **__: 3)
    monkeypatch.setattr("lbc_themes.exchange.pull_label_studio", lambda *_, **__: [])
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


AS_A_COMMAND = """
import os, sys
import lbc_themes.cli.app as app
app.keep_process_private = lambda: None
os.umask(0)
app.main()
"""


@pytest.mark.enable_socket
@pytest.mark.parametrize("name", SERVES)
def test_what_a_command_that_serves_a_page_writes_is_its_owners_alone(
    name: str, coded_file: Path, tmp_path: Path
) -> None:
    """The whole program, with a home and a temporary folder of its own, and a browser to open."""
    for folder in ("home", "temporary", "studies"):
        (tmp_path / folder).mkdir(mode=0o700)
    places = {f"XDG_{kind}_HOME": str(tmp_path / "home" / kind) for kind in ("DATA", "CACHE", "CONFIG", "STATE")}
    home = {"HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path / "temporary"), "DISPLAY": ":9", "BROWSER": "true"}
    given = {tmp_path, *tmp_path.rglob("*")} - {coded_file}
    words = [str(coded_file) if word == "STUDY" else word for word in SERVES[name]]
    with subprocess.Popen(
        [sys.executable, "-c", AS_A_COMMAND, *words],
        cwd=tmp_path, env={**os.environ, **places, **home}, stdout=subprocess.PIPE, text=True,
    ) as served:  # fmt: skip
        try:
            assert served.stdout
            address = re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", served.stdout.readline())
            assert address
            browser = build_opener(ProxyHandler({}), HTTPCookieProcessor())
            with browser.open(address[0], timeout=60) as answer:
                assert "<html" in answer.read().decode()
            if name != "review":
                assert list((tmp_path / "temporary").rglob("lbc-themes.html"))
            assert open_to_others(tmp_path, given) == []
        finally:
            served.terminate()
    assert open_to_others(tmp_path, given) == []


def test_what_the_home_page_writes_is_its_owners_alone(
    coded_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporary").mkdir(mode=0o700)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    given = {tmp_path, *tmp_path.rglob("*")} - {coded_file}
    seen: set[Path] = set()

    def looked() -> None:
        seen.update(tmp_path.rglob("*"))
        assert open_to_others(tmp_path, given) == []

    with home_page(tmp_path) as keeper:
        said = "甲：你跟谁住？\n乙：跟爷爷住，在河沟村，我叫王小禾。\n甲：还有呢？\n乙：还有妹妹。\n".encode()
        keeper.upload("/new", [("files", "A.txt", said)], name="田埂", codebook="left-behind-children")
        intake = re.search(r'name="i" value="([^"]+)"', keeper.page.text)
        assert intake
        looked()
        keeper.send("/deidentify", i=intake[1], method="patterns")
        looked()
        keeper.send("/take-in", i=intake[1])
        looked()
        key = key_of(coded_file)
        for kind in import_export.EXPORTS:
            assert keeper.get("/export", s=key, kind=kind).status_code == 200
        keeper.get("/study", s=key)
        keeper.send("/backup", s=key)
        looked()
        (copy,) = tmp_path.glob("s-backup-*.lbc")
        keeper.send("/restore", s=key, backup=key_of(copy))
        looked()
        keeper.get("/check", s=key)
        keeper.send("/rescue", s=key, backup="")
        looked()
        keeper.get("/study", s=key)
        keeper.send("/withdraw", s=key, participant="K01", again="K01", by="周")
        looked()
    looked()
    kinds = {"田埂.lbc": 1, "*.key.json": 1, "s-backup-*.lbc": 1}
    assert {kind: sum(path.match(kind) for path in seen) for kind in kinds} == kinds


def test_what_the_review_page_writes_is_its_owners_alone(coded_file: Path, tmp_path: Path) -> None:
    with Study.open(coded_file) as study:
        given = {path for path in tmp_path.rglob("*") if path != coded_file}
        with opened(study) as coder:
            coder.decide(study.passages[1].id, only=next(iter(study.codebook)).id)
            coder.get("/export-quotations", format="csv", c=next(iter(study.codebook)).id)
            assert open_to_others(tmp_path, given) == []
            study.path.rename(tmp_path / "away.lbc")
            coder.get("/code")
            coder.send("/save-copy")
        assert len({*tmp_path.rglob("*.lbc")} - given) == 2
        assert open_to_others(tmp_path, given) == []


FORMULAS = re.compile(r"^[=+\-@\t\r]")
EVIL = ("=HYPERLINK(1)", "+1+1", "-1+1", "@SUM(1)", "\t=1")


def cells_of(path: Path) -> Iterator[object]:
    """Yield the cells of a CSV file, and of an XLSX file those that are formulas: a text stays a text there."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from (cell for row in csv.reader(file) for cell in row)
    else:
        for sheet in openpyxl.load_workbook(path):
            for row in sheet.iter_rows():
                yield from (cell.value for cell in row if cell.data_type == "f")


@pytest.mark.parametrize("kind", [*import_export.EXPORTS, "agreement", "quotations", "memos", "matrices"])
def test_no_cell_of_an_export_is_a_formula(kind: str, lbc: Callable[..., str], evil_file: Path, tmp_path: Path) -> None:
    made = tmp_path / "made"
    made.mkdir()
    if kind in EXPORTS:
        lbc("study", "export", evil_file, made / EXPORTS[kind], "--to", kind)
    elif kind == "agreement":
        lbc("agreement", evil_file, "--out", made / "a.csv", "--mixed-up", made / "mixed.csv", "--draws", "0")
    else:
        page = {"quotations": "/export-quotations", "memos": "/export-memos", "matrices": "/export-matrix"}[kind]
        with Study.open(evil_file) as study, opened(study) as coder:
            for form in ("csv", "xlsx"):
                answer = coder.get(page, format=form, c=next(iter(study.codebook)).id)
                assert answer.status_code == 200, answer.text[-300:]
                ending = "csv" if "csv" in answer.headers["content-type"] else "xlsx"
                (made / f"{form}.{ending}").write_bytes(answer.content)
    tables = [path for path in made.rglob("*") if path.suffix in {".csv", ".xlsx"}]
    assert tables or kind not in {"xlsx", "agreement", "quotations", "memos", "matrices", "codings.csv"}
    found = [cell for path in tables for cell in cells_of(path) if isinstance(cell, str) and FORMULAS.match(cell)]
    assert [cell for cell in found if not re.fullmatch(r"[-+]?[\d.]+|-", cell)] == []


def said(word: str) -> Bilingual:
    return Bilingual(zh=word, en=word)


@pytest.fixture
def evil_file(tmp_path: Path) -> Path:
    """A study in which participant, speech, codes, memos and coders begin as formulas do."""
    text = "".join(f"受访者：{word}，我想妈妈，她在外面打工。\n" for word in EVIL)
    turns, at = [], 0
    for line in text.splitlines(keepends=True):
        turns.append(Turn(speaker="=受访者", role=Role.CHILD, start=at + 4, end=at + len(line) - 1))
        at += len(line)
    told = Transcript(id="T1", text=text, turns=tuple(turns), metadata={"participant": "=K01", "=grade": "+3"})
    codes = [
        Code(id=f"c{at}", name=said(word), brief=said(word), definition=said(word)) for at, word in enumerate(EVIL)
    ]
    with Study.create(
        tmp_path / "evil.lbc",
        [told],
        Codebook(id="book", version="1", name=Bilingual(zh="=书", en="=book"), codes=tuple(codes)),
    ) as study:
        for at, passage in enumerate(study.passages):
            for who in ("=李", "@王"):
                study.record(decision(study, at, "changed", f"c{at % len(EVIL)}", coder=who, memo=EVIL[at % len(EVIL)]))
            study.record_memo(Memo(text=EVIL[at % len(EVIL)], coder="=李", about="passage", about_id=passage.id))
    return tmp_path / "evil.lbc"


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
    r"|\.mkdir\(|\.touch\(|mkstemp|NamedTemporaryFile|os\.replace|(?<!codebook)\.rename\("
)
# Files without participants' words, made when the library is built; and the module that is the way itself.
MAKERS = {"core/files.py", "encoding/conversion/__init__.py", "suggest/features.py", "encoding/cache.py"}


def test_nothing_is_written_but_through_the_module_for_files() -> None:
    package = Path(lbc_themes.__file__).parent
    sources = {path.relative_to(package).as_posix(): path.read_text(encoding="utf-8") for path in package.rglob("*.py")}
    code = {name: re.sub(r"^ *(?:>>>|\.\.\.).*$", "", text, flags=re.M) for name, text in sources.items()}
    found = {name: RAW.findall(text) for name, text in code.items() if RAW.search(text)}
    assert set(found) - MAKERS == set(), found
