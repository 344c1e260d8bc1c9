import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.zh-CN.md")


def script(name: str) -> str:
    [block] = re.findall(r"^```python\n(.*?)^```$", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return block


def without_language(source: str) -> str:
    return ast.dump(ast.parse(source.replace("name.zh", "name.en")))


def test_both_readmes_show_the_same_script():
    english, chinese = (without_language(script(name)) for name in READMES)
    assert english == chinese


@pytest.mark.slow
def test_the_script_of_the_readmes_runs(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    held = {}
    exec(compile(script("README.zh-CN.md"), "README.zh-CN.md", "exec"), held)
    printed = capsys.readouterr().out
    assert held["suggester"].coded_ == len(held["coded"])
    assert len(held["suggestions"]) == len(held["passages"])
    assert "C01:0007" in printed
    assert "照顾家人的负担" in printed
    assert len(held["themes"].labels_) == len(held["passages"])


@pytest.mark.parametrize("name", READMES)
def test_a_readme_names_the_two_commands_and_every_output_file(name):
    from lbc_themes.report.outputs import NAMES

    text = (ROOT / name).read_text(encoding="utf-8")
    assert all(f"`{output}`" in text for output in NAMES)
    assert all(f"    {command} " in text for command in ("make demo", "make test"))


@pytest.mark.parametrize("name", READMES)
def test_a_readme_cites_both_studies(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "10.6007/IJARPED/v14-i1/24578" in text
    assert "Lei (2024)" in text
