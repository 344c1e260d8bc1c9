"""The codebook of a study, edited from the command line."""

import csv
from pathlib import Path

import pytest
from study_samples import decision, made

from lbc_themes.codebook import load_codebook
from lbc_themes.study import Study


@pytest.fixture
def study(tmp_path):
    with made(tmp_path) as opened:
        yield opened


def test_open_coding_from_nothing_and_several_codebooks_together(lbc, interviews, four_codes, tmp_path):
    from lbc_themes.codebook import write_codebook

    write_codebook(four_codes, tmp_path / "four.yaml")
    lbc("study", "new", "open.lbc", interviews, "--codebook", "empty")
    lbc("study", "codebook", "add", "open.lbc", "数羊入睡", "--by", "李", "--english", "Counting sheep", "--why", "新")
    lbc("study", "codebook", "export", "open.lbc", "now.yaml")
    assert [code.id for code in load_codebook("now.yaml")] == ["counting-sheep"]
    lbc("study", "new", "two.lbc", interviews, "--codebook", "four.yaml", "--codebook", "now.yaml")
    with Study.open("two.lbc") as two:
        assert set(two.codebook.ids) == {*four_codes.ids, "counting-sheep"}


@pytest.mark.slow
def test_a_codebook_is_edited_and_any_change_undone(lbc, study):
    file = str(study.path)
    study.record(decision(study, 0, "accepted", "homework"))
    lbc("study", "codebook", "rename", file, "longing", "想家", "--by", "李", "--english", "homesickness")
    lbc("study", "codebook", "define", file, "longing", "说到想家。", "--by", "李", "--why", "补定义")
    lbc("study", "codebook", "move", file, "longing", "--by", "王", "--below", "school")
    lbc("study", "codebook", "recolour", file, "longing", "#b5cff0", "--by", "王")
    assert "is no colour" in lbc("study", "codebook", "recolour", file, "longing", "blue", "--by", "王", fails=2)
    lbc("study", "codebook", "merge", file, "homework", "--into", "longing", "--by", "王", "--why", "一回事")
    assert [d.code_ids for d in study.decisions()] == [("longing",)]
    said = lbc("study", "codebook", "history", file)
    assert [line.split("  ")[3] for line in said.strip().splitlines()] == [
        "rename", "redefine", "move", "recolour", "merge"
    ]  # fmt: skip
    assert "homework → longing  一回事" in said
    lbc("study", "codebook", "undo", file, "--by", "李")
    assert [d.code_ids for d in study.decisions()] == [("homework",)]
    lbc("study", "codebook", "undo", file, "--by", "李", "--version", "1+3")
    assert study.codebook["longing"].parent == "feeling"
    lbc("study", "codebook", "export", file, "old.xlsx", "--version", "1+1")
    assert load_codebook("old.xlsx")["longing"].name.zh == "想家"
    assert "no version 9" in lbc("study", "codebook", "export", file, "x.xlsx", "--version", "9", fails=2)


def test_a_code_is_split_by_a_table(lbc, study):
    for number in (0, 1):
        study.record(decision(study, number, "accepted", "longing", "school"))
    study.codebook.add("night", by="李")
    assert "2 quotations" in lbc("study", "codebook", "split", study.path, "longing", "parts.csv", "--by", "李")
    with Path("parts.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["quote"] for row in rows] == [p.text for p in study.passages[:2]]
    rows[1]["to"] = "night"
    with Path("parts.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    lbc("study", "codebook", "split", study.path, "longing", "parts.csv", "--by", "李", "--why", "夜里不同")
    assert [d.code_ids for d in study.decisions()] == [("longing", "school"), ("night", "school")]


def test_a_code_in_use_is_not_retired_and_the_refusal_says_why(lbc, study):
    study.record(decision(study, 0, "accepted", "longing"))
    assert "codings use longing" in lbc("study", "codebook", "retire", study.path, "longing", "--by", "李", fails=2)
    lbc("study", "codebook", "retire", study.path, "homework", "--by", "李")
    assert "homework" not in study.codebook
