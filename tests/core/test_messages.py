"""The catalogue of what the library says: complete in both languages, and used as it is written."""

import ast
import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from lbc_themes.cli.options import language_among
from lbc_themes.core.errors import InputError, MissingExtraError
from lbc_themes.core.messages import (
    Bilingual,
    catalogue,
    message,
    parts,
    placeholders,
    recognised,
    spoken_language,
    use_language,
    word_table,
)
from lbc_themes.reading import read_transcripts

PACKAGE = Path(__file__).parents[2] / "lbc_themes"
FILES = sorted(PACKAGE.rglob("*.py"))
ENTRIES = {key: wording for part in parts() for key, wording in catalogue(part).items()}
HAN = re.compile(r"[\u4e00-\u9fff]")
TEMPLATES = {path.relative_to(PACKAGE).as_posix(): path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.html")}
SAID_BY_PAGES = [
    (place, f"pages.{node.args[0].value}", {each.key for each in node.kwargs})
    for place, text in TEMPLATES.items()
    if place.startswith("review/")
    for node in Environment(autoescape=True).parse(text).find_all(nodes.Call)
    if isinstance(node.node, nodes.Name) and node.node.name == "t" and isinstance(node.args[0], nodes.Const)
]


TREES = {path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in FILES}
CALLS = [
    (place, getattr(node.func, "id", getattr(node.func, "attr", "")), node)
    for place, tree in TREES.items()
    for node in ast.walk(tree)
    if isinstance(node, ast.Call)
]


def calls(*names: str) -> Iterator[tuple[str, ast.Call]]:
    """Each call of one of ``names`` in the library, with its place."""
    return ((f"{place}:{node.lineno}", node) for place, name, node in CALLS if name in names)


def strings_in(node: ast.AST) -> list[str]:
    return [part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)]


@pytest.mark.parametrize("part", parts())
def test_both_languages_say_the_same_things(part: str) -> None:
    for key, wording in catalogue(part).items():
        assert wording.zh.strip(), key
        assert wording.en.strip(), key
        assert placeholders(wording.zh) == placeholders(wording.en), key
        bare = re.sub(r"\{.*?\}", "", wording.en)
        assert HAN.search(wording.zh) or key.startswith("words.forms.") or not re.search("[a-z]{2} [a-z]{2}", bare), key
        assert not re.search("[，。；？！]", wording.en), f"{key}: Chinese punctuation in the English wording"
        assert "您" not in wording.zh, f"{key}: the reader is 你"


def test_each_message_is_in_the_catalogue_and_gets_its_values() -> None:
    for place, node in calls("message"):
        if place.startswith("core/messages.py"):
            continue
        key = node.args[0]
        assert isinstance(key, ast.Constant), f"{place}: name the message where it is said, as one literal"
        assert isinstance(key.value, str), place
        assert key.value in ENTRIES, place
        if not any(keyword.arg is None for keyword in node.keywords):
            assert {keyword.arg for keyword in node.keywords} == placeholders(ENTRIES[key.value].en), place


PROSE = re.compile(r"[a-z]{2,} [a-z]{2,}")


def test_no_english_words_are_put_into_a_chinese_message() -> None:
    said = {
        (place, word)
        for place, node in calls("message", "MissingExtraError")
        for keyword in node.keywords
        for word in strings_in(keyword.value)
    }
    assert {(place, word) for place, word in said if word == "none" or PROSE.search(word)} == set()


def test_each_refusal_is_said_in_both_languages() -> None:
    bare = [
        place for place, node in calls("InputError") if isinstance((*node.args, None)[0], ast.Constant | ast.JoinedStr)
    ]
    assert bare == []


def test_the_command_line_says_one_language_at_a_time() -> None:
    said = [
        (place, word)
        for place, node in calls("echo", "secho", "confirm", "prompt", "print")
        for word in strings_in(node)
    ]
    assert [(place, word) for place, word in said if HAN.search(word) or PROSE.search(word)] == []


IN_CODE = {
    "codebook/": "heads of columns and names of files that are recognised",
    "core/study_log.py": "the memo by which files before version 6 said that no code applies",
    "encoding/": "the prompt of a model",
    "exchange/quotations.py": "a font",
    "exchange/refi_qda/": "variables of projects, and characters",
    "exchange/segments.py": "heads of columns that are recognised",
    "exchange/sheet.py": "words by which a coder may answer",
    "integrations/llm/": "what a model is asked",
    "reading/": "patterns of transcripts",
    "safeguards/": "words of names, places and distress",
    "scale/work.py": "a filler",
    "segmenting/": "marks and cues of speech",
    "study/store.py": "the migration of files before version 6",
    "study/withdrawal.py": "what is said of a participant, and the mark that stands in its place",
    "text/": "numerals and blocks of characters",
    "themes/": "words that name no theme, and the name of a theme without one",
}
"""Where Chinese stands in the code, and what it is there: words that are looked for or kept, none that is said."""


def has_chinese(tree: ast.Module) -> bool:
    """Whether a string of a file other than a docstring has Chinese in it."""
    documented = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return any(
        isinstance(node, ast.Constant) and isinstance(node.value, str) and HAN.search(node.value) is not None
        for node in ast.walk(tree)
        if id(node) not in documented
    )


@pytest.mark.slow
def test_what_is_said_in_chinese_stands_in_the_catalogue() -> None:
    files = {place for place, tree in TREES.items() if has_chinese(tree)}
    assert {file for file in files if not file.startswith(tuple(IN_CODE))} == set()
    assert {place for place in IN_CODE if not any(file.startswith(place) for file in files)} == set()


NOT_TRANSLATED = ("中文", "切换语言", "编码建议报告")
"""A language's own name, and what the report says in both languages before a script can choose."""


def test_no_page_has_words_of_its_own() -> None:
    own = {(place, line) for place, text in TEMPLATES.items() for line in text.splitlines() if HAN.search(line)}
    assert {each for each in own if HAN.search(re.sub("|".join(NOT_TRANSLATED), "", each[1]))} == set()


def test_each_wording_of_a_page_is_in_the_catalogue_and_gets_its_values() -> None:
    assert len(SAID_BY_PAGES) > 300
    wrong = [each for each in SAID_BY_PAGES if each[1] not in ENTRIES or each[2] != placeholders(ENTRIES[each[1]].en)]
    assert wrong == []


def test_a_table_of_words_is_no_part_of_the_code() -> None:
    said = [
        place
        for place, node in calls("Bilingual")
        for keyword in node.keywords
        if isinstance(keyword.value, ast.Constant | ast.JoinedStr) and HAN.search(ast.unparse(keyword.value))
    ]
    assert said == []


def test_a_refused_transcript_is_refused_in_chinese(tmp_path: Path) -> None:
    (tmp_path / "a.doc").write_text("孩子：好", encoding="utf-8")
    (tmp_path / "b.txt").write_bytes("孩子：好\n".encode() * 9 + b"\xff\n" + "孩子：好\n".encode() * 9)
    for name in ("a.doc", "b.txt"):
        with pytest.raises(InputError) as refusal:
            read_transcripts(tmp_path / name)
        assert not PROSE.search(refusal.value.said("zh").replace(str(tmp_path), ""))
        assert PROSE.search(refusal.value.said("en"))


@pytest.mark.slow
def test_no_message_lies_unused() -> None:
    named = {word for tree in TREES.values() for word in strings_in(tree)} | {key for _, key, _ in SAID_BY_PAGES}
    tables = {name for name in named if any(key.startswith(f"{name}.") for key in ENTRIES)}
    unused = {key for key in ENTRIES if key not in named and not any(key.startswith(f"{name}.") for name in tables)}
    assert unused == set()


def test_a_message_is_filled_in_each_language() -> None:
    inner = Bilingual(zh="妈妈", en="mother")
    said = message("core.missing_extra", package=["a", "b"], extra="x", purpose=inner)
    assert said.zh == "妈妈需要安装 a、b：pip install 'lbc_themes[x]'"
    assert said.en == "mother needs the package a, b: pip install 'lbc_themes[x]'"


def test_an_unknown_message_and_a_missing_value_are_faults() -> None:
    with pytest.raises(KeyError):
        message("core.no_such_message")
    with pytest.raises(KeyError):
        message("no_such_part.line")
    with pytest.raises(KeyError):
        message("core.missing_extra", package="a")
    with pytest.raises(KeyError):
        word_table("words.no_such_table")


def test_an_error_says_english_in_python_and_both_on_request() -> None:
    error = InputError(Bilingual(zh="没有这个文件", en="no such file"))
    assert str(error) == "no such file"
    assert error.said("zh") == "没有这个文件"
    assert InputError("plain").said("zh") == "plain"


@pytest.mark.parametrize(
    "error",
    [InputError(Bilingual(zh="没有", en="none")), MissingExtraError(package="a", extra="b", purpose="c")],
    ids=["input", "missing"],
)
def test_an_error_keeps_both_wordings_between_processes(error: InputError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.said("zh")) == (str(error), error.said("zh"))


def test_an_error_inside_a_message_is_said_in_its_language() -> None:
    inner = InputError(Bilingual(zh="缺少", en="missing"))
    assert message("cli.error", line=inner) == Bilingual(zh="错误：缺少", en="error: missing")


def test_a_stored_english_line_is_recognised_and_any_other_stays() -> None:
    stored = "scale needs the package dask: pip install 'lbc_themes[dask]'"
    assert recognised(stored, "core").zh == "scale需要安装 dask：pip install 'lbc_themes[dask]'"
    assert recognised("something else", "core") == Bilingual(zh="something else", en="something else")


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LBC_LANGUAGE": "zh", "LANG": "en_US.UTF-8"}, "zh"),
        ({"LBC_LANGUAGE": "en"}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LC_ALL": "de_DE", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LC_ALL": "C.UTF-8", "LANG": "zh_TW"}, "zh"),
        ({}, "zh"),
    ],
)
def test_the_language_is_that_of_the_machine_unless_chosen(
    environment: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LBC_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("locale.getlocale", lambda: (None, None))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert spoken_language() == language
    with use_language("en"):
        assert spoken_language() == "en"


def test_windows_names_its_languages_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LBC_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("locale.getlocale", lambda: ("Chinese (Simplified)_China", "936"))
    assert spoken_language() == "zh"
    monkeypatch.setattr("locale.getlocale", lambda: ("English_United States", "1252"))
    assert spoken_language() == "en"


def test_the_language_may_stand_anywhere_on_a_command_line() -> None:
    assert language_among(["study", "status", "a.lbc", "--language=en"]) == ("en", ["study", "status", "a.lbc"])
    assert language_among(["run", "--", "--language", "en"]) == (None, ["run", "--", "--language", "en"])
    with pytest.raises(InputError, match="allowed are zh and en"):
        language_among(["run", "--language", "fr"])
    with pytest.raises(InputError, match="allowed are zh and en"):
        language_among(["run", "--language"])


OTHER_WORDS = {
    "盲编": "独立编码",
    "编码手册": "编码本",
    "编码簿": "编码本",
    "仲裁": "裁定",
    "备忘录": "备忘",
    "被访者": "受访者",
    "受试者": "受访者",
    "采访者": "访谈者",
    "编码员": "编码者",
    "一致度": "一致性",
    "参与者": "受访者",
    "被试": "受访者",
    "保护程序": "保护预案",
    "轮话": "话轮",
    "份量": "比重",
    "匿名化": "去标识",
    "假名": "化名",
    "转录": "转写",
    "无编码适用": "没有合适的编码",
}
"""Words that the glossary has another one for."""


def test_one_thing_has_one_name_and_the_glossary_has_it() -> None:
    glossary = (PACKAGE.parent / "docs" / "glossary.md").read_text(encoding="utf-8")
    assert [term for term in OTHER_WORDS.values() if term not in glossary] == []
    beside = {
        f"{place}: {part.value}": part.value
        for place, node in calls("Bilingual")
        for keyword in node.keywords
        for part in ast.walk(keyword.value)
        if keyword.arg == "zh" and isinstance(part, ast.Constant) and isinstance(part.value, str)
    }
    texts = {key: wording.zh for key, wording in ENTRIES.items()} | TEMPLATES | beside
    assert [(place, word) for place, text in texts.items() for word in OTHER_WORDS if word in text] == []
