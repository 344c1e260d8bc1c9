"""The command line: what it says, what it leaves, and its exit codes."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lbc_themes import cli
from lbc_themes.cli.app import command_line
from lbc_themes.cli.progress import ShownStages
from lbc_themes.core.messages import use_language
from lbc_themes.encoding import VectorCache
from lbc_themes.report.outputs import NAMES

Command = Callable[..., tuple[int, str, str]]
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    """Run lbc-themes in this process: exit code, standard output, standard error."""
    monkeypatch.setattr("lbc_themes.encoding.default_cache", lambda: tmp_path / "cache" / "vectors.sqlite")

    def call(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["lbc-themes", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return call


@pytest.fixture
def job(interviews: Path, four_codes_file: Path, tmp_path: Path) -> list[object]:
    return ["run", interviews, "--codebook", four_codes_file, "--out", tmp_path / "out"]


def one_line(said: str) -> str:
    assert said.endswith("\n")
    assert said.count("\n") == 1
    assert said.startswith("error: ")
    return said.removeprefix("error: ").rstrip("\n")


@pytest.mark.slow
def test_a_run_leaves_its_six_files_and_says_where_the_report_is(
    command: Command, job: list[object], tmp_path: Path
) -> None:
    code, out, err = command(*job)
    assert (code, err) == (0, "")
    assert {path.name for path in (tmp_path / "out").iterdir()} == set(NAMES)
    assert "3 interviews" in out
    assert f"report: {tmp_path / 'out' / 'report.html'}" in out


@pytest.mark.slow
def test_quiet_says_nothing(command: Command, job: list[object], tmp_path: Path) -> None:
    assert command(*job, "--quiet") == (0, "", "")
    assert (tmp_path / "out" / "report.html").is_file()


@pytest.mark.slow
def test_choices_reach_the_account_of_the_run(command: Command, job: list[object], tmp_path: Path) -> None:
    command(*job, "--seed", 7, "--top", 2, "--no-cache", "--quiet")
    options = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))["options"]
    assert (options["seed"], options["top"], options["cache"]) == (7, 2, None)
    assert not (tmp_path / "cache").exists()


@pytest.mark.slow
def test_vectors_are_kept_between_runs_where_it_is_not_forbidden(
    command: Command, job: list[object], tmp_path: Path
) -> None:
    command(*job, "--cache", tmp_path / "kept.sqlite")
    passages = len((tmp_path / "out" / "passages.jsonl").read_text(encoding="utf-8").splitlines())
    assert VectorCache(tmp_path / "kept.sqlite").info().vectors >= passages


@pytest.mark.slow
def test_earlier_results_are_refused_without_reading_anything_and_overwritten_by_force(
    command: Command, job: list[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command(*job)
    before = (tmp_path / "out" / "run.json").read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr("lbc_themes.pipeline.run", lambda *_: pytest.fail("it read the interviews first"))
        code, out, err = command(*job)
    assert (code, out) == (2, "")
    assert one_line(err).endswith("already; name another folder or give --force to overwrite them")
    assert (tmp_path / "out" / "run.json").read_bytes() == before
    assert command(*job, "--force", "--quiet")[0] == 0
    assert (tmp_path / "out" / "run.json").read_bytes() != before


@pytest.mark.slow
@pytest.mark.parametrize("quiet", [[], ["--quiet"]])
def test_a_file_that_is_not_read_ends_in_two_with_a_list_and_the_rest_is_done(
    command: Command, job: list[object], interviews: Path, tmp_path: Path, quiet: list[str]
) -> None:
    (interviews / "broken.docx").write_bytes(b"no document")
    (interviews / "worse.xlsx").write_bytes(b"no table")
    code, _, err = command(*job, *quiet)
    assert code == 2
    first, *listed = err.splitlines()
    assert first == "error: 2 files not read, the rest is done:"
    assert ["broken.docx" in listed[0], "worse.xlsx" in listed[1], len(listed)] == [True, True, 2]
    assert {path.name for path in (tmp_path / "out").iterdir()} == set(NAMES)
    assert "Traceback" not in err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["run", "/no/such/folder", "--out", "{out}"], "/no/such/folder: no such file or folder; "),
        (["run", "{in}", "--out", "{out}", "--codebook", "nothing"], "no codebook 'nothing'; "),
        (["run", "{in}", "--out", "{out}", "--encoder", "nothing"], "no encoder 'nothing'; known: e5-small-zh.v1, "),
        (
            ["run", "{in}", "--out", "{out}", "--pictures", "cloud"],
            "--pictures must be one of themes, bertopic, none, not ",
        ),
        (["run", "{in}", "--out", "{in}/C01.txt"], "--out "),
        (["run", "{in}", "--out", "{out}", "--cache", "{in}"], "the vector cache "),
        (["run", "{in}", "--out", "{out}", "--top", "0"], "Invalid value for '--top': "),
        (["run", "{in}", "--out", "{out}", "--seed", "one"], "Invalid value for '--seed': "),
        (["run", "{in}", "--out", "{out}", "--colour"], "No such option: --colour"),
        (["run", "{in}"], "Missing option '--out'."),
        (["run"], "Missing argument 'INPUT'."),
        (["walk"], "No such command 'walk'."),
        (["codebook", "check", "/no/such.yaml"], "/no/such.yaml"),
        (["codebook", "show", "nothing"], "no codebook 'nothing'; "),
    ],
)
def test_bad_use_and_bad_input_end_in_two_with_one_line(
    command: Command, interviews: Path, tmp_path: Path, words: list[str], line: str
) -> None:
    code, out, err = command(*(word.format(**{"in": interviews, "out": tmp_path / "out"}) for word in words))
    assert (code, out) == (2, "")
    assert one_line(err).startswith(line)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["run", "{in}", "--out", "{out}", "--seed", "one"], "错误：'--seed' 的值应当是整数"),
        (["run", "{in}", "--out", "{out}", "--colour"], "错误：没有选项 --colour"),
        (["run", "{in}"], "错误：少了选项 '--out'"),
        (["run"], "错误：少了参数 'INPUT'"),
        (["run", "a", "b", "--out", "{out}"], "错误：多了参数 b"),
        (["run", "{in}", "--out"], "错误：选项 '--out' 后面要写一个值"),
        (["walk"], "错误：没有命令 'walk'"),
    ],
)
def test_bad_use_is_said_in_chinese(
    command: Command, interviews: Path, tmp_path: Path, words: list[str], line: str
) -> None:
    filled_in = (word.format(**{"in": interviews, "out": tmp_path / "out"}) for word in words)
    code, out, err = command("--language", "zh", *filled_in)
    assert (code, out) == (2, "")
    assert err.startswith(line)


def test_without_a_word_the_home_page_opens(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[object, ...]] = []

    def serve(folder: object, *, browser: bool, announce: Callable[[str], object], **_: object) -> None:
        asked.append((folder, browser))
        announce("http://127.0.0.1:1/?token=x")

    monkeypatch.setattr("lbc_themes.home.serve_home", serve)
    code, out, _ = command()
    assert code == 0
    assert "http://127.0.0.1:1/?token=x" in out
    assert "--help" in out
    assert command("home", "here", "--no-browser")[0] == 0
    assert asked == [(None, True), (Path("here"), False)]


@pytest.mark.slow
@pytest.mark.parametrize("words", [[], ["run"], ["codebook"], ["codebook", "check"], ["cache"], ["cache", "info"]])
def test_help_speaks_one_language_and_ends_in_nought(command: Command, words: list[str]) -> None:
    code, english, _ = command(*words, "--help", "--language", "en")
    assert code == 0
    assert "Usage: lbc-themes" in english
    assert not HAN.search(english)
    code, chinese, _ = command(*words, "--help", "--language", "zh")
    assert code == 0
    assert HAN.search(chinese)


def test_every_command_and_option_says_what_it_is_for() -> None:
    with use_language("zh"):
        asked = [command_line()]
        for command in asked:
            asked += getattr(command, "commands", {}).values()
            assert all(each.help and HAN.search(each.help) for each in (command, *command.params)), command.name
    assert len(asked) > 40


def test_our_own_fault_is_not_dressed_up(command: Command, job: list[object], monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(*_: object, **__: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr("lbc_themes.pipeline.run", fault)
    with pytest.raises(RuntimeError, match="a fault of ours"):
        command(*job)


def lbc_themes(*words: object) -> subprocess.CompletedProcess[str]:
    code = "from lbc_themes.cli import main; main()"
    return subprocess.run([sys.executable, "-c", code, *map(str, words)], capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_the_process_itself_ends_in_nought_two_and_one(job: list[object], tmp_path: Path) -> None:
    done = lbc_themes(*job, "--no-cache")
    assert (done.returncode, done.stderr) == (0, "")
    refused = lbc_themes(*job, "--no-cache")
    assert refused.returncode == 2
    assert "--force" in one_line(refused.stderr)
    code = "import lbc_themes.pipeline as r; r.run = lambda *_, **__: 1 / 0; from lbc_themes.cli import main; main()"
    words = [str(word) for word in job[:-1]] + [str(tmp_path / "other")]
    broken = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)
    assert broken.returncode == 1
    assert "ZeroDivisionError" in broken.stderr


# Codebooks and the cache


def test_the_librarys_codebook_passes_its_own_check(command: Command) -> None:
    code, out, err = command("codebook", "check", "left-behind-children")
    assert (code, err) == (0, "")
    assert out.splitlines()[-1].startswith("0 errors, ")


def test_a_faulty_codebook_ends_in_two_with_a_line_for_each_fault(
    command: Command, four_codes_file: Path, tmp_path: Path
) -> None:
    faulty = tmp_path / "faulty.yaml"
    text = four_codes_file.read_text(encoding="utf-8")
    assert "- id: money" in text
    faulty.write_text(text.replace("- id: money", "- id: study"), encoding="utf-8")
    code, out, _ = command("codebook", "check", faulty)
    assert code == 2
    [first, *_] = [line for line in out.splitlines() if " error " in line]
    assert first.startswith(f"{faulty}:")
    assert "study" in first
    assert not out.splitlines()[-1].startswith("0 ")


@pytest.mark.slow
def test_a_codebook_is_shown_as_a_tree_of_its_codes(command: Command) -> None:
    code, out, _ = command("codebook", "show", "left-behind-children")
    lines = out.splitlines()
    assert code == 0
    assert lines[0].endswith("51 codes")
    assert len(lines) == 52
    assert any(line.startswith("stress  ") for line in lines)
    assert any(line.startswith("  stress.yearning  ") for line in lines)


def test_one_code_is_shown_in_full(command: Command, four_codes_file: Path) -> None:
    code, out, _ = command("codebook", "show", four_codes_file, "--code", "money")
    assert code == 0
    for part in ("经济困难", "Lack of money", "家里没钱，东西买不起。", "家里没钱交校服费，嫌太贵了。"):
        assert part in out


def test_an_unknown_code_is_answered_with_the_known(command: Command, four_codes_file: Path) -> None:
    code, _, err = command("codebook", "show", four_codes_file, "--code", "moon")
    assert code == 2
    assert one_line(err).endswith("has no code 'moon'; its codes are family, study, money, illness")


@pytest.mark.slow
def test_the_cache_is_measured_and_cleared(command: Command, job: list[object], tmp_path: Path) -> None:
    assert command("cache", "info")[1].splitlines() == [
        str(tmp_path / "cache" / "vectors.sqlite"),
        "0 vectors, 0.0 MB",
    ]
    command(*job)
    assert not command("cache", "info")[1].splitlines()[1].startswith("0 ")
    assert command("cache", "clear")[0] == 0
    assert list((tmp_path / "cache").iterdir()) == []


def test_progress_is_drawn_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    stages = ShownStages()
    with stages.stage("encode", 3) as advance:
        advance(3)
    with stages.stage("read"):
        pass
    said = capsys.readouterr()
    assert said.out == ""
    assert "encode" in said.err
    assert "3/3" in said.err
    assert list(stages.seconds) == ["encode", "read"]
