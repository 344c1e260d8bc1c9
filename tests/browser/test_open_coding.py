"""The guide "Open coding from nothing": an empty codebook, two coders, a table of agreement, as the guide tells it."""

import importlib.util
import re
from pathlib import Path

import pytest

from lbc_themes.core.records import Decision, Verdict
from lbc_themes.study import Study
from lbc_themes.study.compare import compare

ROOT = Path(__file__).parents[2]
GUIDES = [ROOT / "docs" / name for name in ("open-coding.md", "open-coding.zh-CN.md")]


def guide_script():
    path = ROOT / "scripts" / "open_coding_guide.py"
    spec = importlib.util.spec_from_file_location("open_coding_guide", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_guide_is_walked_from_no_codes_to_a_table_of_agreement(tmp_path, chromium, language):
    guide, pictures = guide_script(), []
    names = guide.NAMES[language]
    with guide.empty_study(tmp_path / "open.lbc") as study:
        assert len(study.codebook) == 0
        guide.walk(chromium, study, language, lambda page, name: pictures.append((name, page.title())))
    with Study.open(tmp_path / "open.lbc") as study:
        by_name = {code.name.zh: code for code in study.codebook}
        assert set(by_name) == set(names.values()) - {names[key] for key in ("brother", "cook", "why", "first")}
        assert by_name[names["phone"]].definition.zh.startswith("说到打电话")
        actions = [edit.action for edit in study.codebook_history()]
        assert actions == [*["add"] * 8, "redefine", "add", "merge", "add", "split"]
        assert len(study.refusals(coder="李")) == 1
        assert [memo.text for memo in study.memos()] == ["C01:0018 C01:0019"]
        overall = compare(study, coders=("李", "王"), draws=10).overall
        assert overall.units == 9
        assert 0 < overall.kappa.value < 1
    shown = [name for name, _ in pictures]
    assert shown == ["new", "coded", "define", "search", "merge", "split", "reading", "agreement"]
    for page in GUIDES:
        suffix = "" if page.name.endswith(".zh-CN.md") else "-en"
        told = re.findall(r"images/open-coding-([\w-]+)\.png", page.read_text(encoding="utf-8"))
        assert told == [f"{name}{suffix}" for name in shown]
        assert all((ROOT / "docs" / "images" / f"open-coding-{name}.png").is_file() for name in told)


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.name)
def test_the_commands_of_the_guide_run(tmp_path, lbc, page):
    commands = re.findall(r"^    lbc-themes (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert [command.split()[0] for command in commands] == ["study", "review", "study", "study", "agreement"]
    interviews = ROOT / "corpora" / "zhuzhai-demo" / "interviews"
    for command in commands:
        words = command.replace("interviews/", str(interviews)).split()
        if words[0] == "agreement":
            two_people_code(tmp_path / "open.lbc")
        if words[0] != "review":  # it would serve until somebody stops it
            lbc(*words)


def two_people_code(path):
    with Study.open(path) as study:
        code = study.codebook.add("照看弟弟", by="李")
        for coder in ("李", "王"):
            for passage in study.passages[:3]:
                decision = Decision(
                    passage_id=passage.id, verdict=Verdict.CHANGED, code_ids=(code,), coder=coder, time=""
                )
                study.record(decision)
