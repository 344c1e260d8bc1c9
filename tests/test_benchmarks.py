import hashlib
import json
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from benchmarks.exchange import ZH
from benchmarks.frame import datasets, results, scores, tables
from benchmarks.frame.benchmark import Benchmark, all_benchmarks, chosen
from benchmarks.frame.datasets import DataFile, DataSet, all_declared, checked
from benchmarks.frame.document import document, embedded
from benchmarks.zero_shot import Task, compare, interview_answers
from lbc_themes.core.errors import InputError

ROOT = Path(__file__).parent.parent
WORDS = "今天轮到我烧饭\n"


def tiny_set(**changes):
    file = DataFile(path="said.txt", sha256=hashlib.sha256(WORDS.encode()).hexdigest(), size=len(WORDS.encode()))
    facts = {
        "name": "tiny", "title": "one line", "address": "https://example.org/tiny", "commit": "abc1234",
        "licence": "MIT", "note": "", "files": (file,),
    }  # fmt: skip
    return DataSet(**(facts | changes))


@pytest.fixture
def data(tmp_path):
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "said.txt").write_text(WORDS, encoding="utf-8")
    return tmp_path


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """A benchmark that counts characters, with its set declared."""
    folder = tmp_path / "declared"
    folder.mkdir()
    file = tiny_set().files[0]
    (folder / "tiny.toml").write_text(
        'title = "one line"\naddress = "https://example.org/tiny"\ncommit = "abc1234"\nlicence = "MIT"\n'
        f'[[files]]\npath = "said.txt"\nsha256 = "{file.sha256}"\nsize = {file.size}\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(results, "declared", lambda name: datasets.declared(name, folder))
    return Benchmark(
        name="count", question="How many characters?", data=("tiny",), head="It counts.", note="Few.", seed=3,
        packages=("no-such-package",),
        main=lambda data: {"tiny": {"characters": len((data / "tiny" / "said.txt").read_text(encoding="utf-8"))}},
    )  # fmt: skip


def test_a_missing_set_is_refused_in_one_line_with_its_address(tmp_path):
    with pytest.raises(InputError) as refusal:
        checked([tiny_set()], tmp_path)
    said = str(refusal.value)
    for part in ("tiny", "https://example.org/tiny", "abc1234", "MIT", str(tmp_path), "LBC_BENCH_DATA"):
        assert part in said
    assert "\n" not in said


def test_a_set_as_declared_is_said_to_be_so(data):
    assert checked([tiny_set()], data) == {"tiny": "as declared"}


def test_a_changed_file_is_named(data):
    (data / "tiny" / "said.txt").write_text("别的话\n", encoding="utf-8")
    assert checked([tiny_set()], data) == {"tiny": "checksum of said.txt differs"}


def test_a_lacking_file_is_named_beside_a_changed_one(data):
    lacking = DataFile(path="more.txt", sha256="0" * 64, size=1)
    wrong = replace(tiny_set().files[0], sha256="1" * 64)
    assert checked([tiny_set(files=(wrong, lacking))], data) == {
        "tiny": "more.txt not there; checksum of said.txt differs"
    }


def test_an_undeclared_set_is_refused_with_those_that_are():
    with pytest.raises(InputError, match=r"no data set 'nothing' is declared .* spoken-l1"):
        datasets.declared("nothing")


def test_a_set_without_commit_names_its_address_only():
    assert tiny_set(commit="").source == "https://example.org/tiny"


@pytest.mark.parametrize("one", all_declared(), ids=lambda one: one.name)
def test_every_declared_set_has_address_licence_and_checksums(one):
    assert one.address
    assert one.licence
    assert one.title
    assert one.files
    for file in one.files:
        assert len(file.sha256) == 64 and set(file.sha256) <= set("0123456789abcdef")
        assert file.size > 0
        assert not Path(file.path).is_absolute()


def test_every_benchmark_asks_one_question_of_declared_sets():
    known = {one.name for one in all_declared()}
    found = all_benchmarks()
    assert {"agreement", "encoder", "segmentation", "zero_shot"} <= set(found)
    for benchmark in found.values():
        assert benchmark.question.endswith("?")
        assert benchmark.head
        assert set(benchmark.data) <= known


def test_an_unknown_benchmark_is_refused_with_those_that_are():
    with pytest.raises(InputError, match=r"no benchmark 'nothing'; known: .*encoder.*, all"):
        chosen("nothing")


def test_a_result_is_stamped_with_what_is_needed_to_judge_it(tiny, data):
    result = results.run(tiny, data)
    assert result["tables"] == [{"title": "", "rows": [{"": "tiny", "characters": 8}]}]
    assert result["seed"] == 3
    assert result["data"] == {"tiny": "as declared"}
    assert result["versions"]["no-such-package"] == "not installed"
    assert result["machine"]["cores"] >= 1
    assert result["seconds"] >= 0
    assert len(result["date"]) == 10


def test_a_kept_result_is_read_back(tiny, data, tmp_path):
    result = results.run(tiny, data)
    path = results.write(result, tmp_path / "results")
    assert json.loads(path.read_text(encoding="utf-8")) == result
    assert results.read("count", tmp_path / "results") == result
    assert results.read("other", tmp_path / "results") is None


def test_numbers_of_numpy_are_kept_as_numbers(tmp_path):
    path = results.write({"benchmark": "x", "figure": np.float32(0.5), "count": np.int64(4)}, tmp_path)
    assert json.loads(path.read_text(encoding="utf-8")) == {"benchmark": "x", "figure": 0.5, "count": 4}


def test_a_file_that_a_benchmark_needs_is_named_when_it_is_not_there(tiny, data):
    (data / "tiny" / "said.txt").unlink()
    with pytest.raises(InputError, match=r"count needs .*said\.txt, which is not there; .*said\.txt not there"):
        results.run(tiny, data)


def test_the_page_shows_head_table_note_and_stamp(tiny, data, tmp_path):
    results.write(results.run(tiny, data), tmp_path / "results")
    page = document([tiny], tmp_path / "results")
    assert (
        "## count\n\n**How many characters?**\n\nIt counts.\n\n|  | characters |\n| --- | --- |\n| tiny | 8 |" in page
    )
    assert "Few." in page
    assert "seed 3" in page
    assert "Data as declared." in page


def test_the_page_says_where_data_differ(tiny, data, tmp_path):
    (data / "tiny" / "said.txt").write_text("别的话\n", encoding="utf-8")
    results.write(results.run(tiny, data), tmp_path / "results")
    assert "tiny (checksum of said.txt differs)" in document([tiny], tmp_path / "results")


def test_the_page_says_what_was_not_run(tiny, tmp_path):
    page = document([tiny], tmp_path / "results")
    assert "Not run yet." in page
    assert "Few." not in page


def test_rows_with_the_same_columns_share_a_table():
    made = tables.tables_of({"a": {"f1": 1}, "b": {"f1": 2}, "c": {"n": 3}, "d": 4})
    assert [[row[""] for row in table["rows"]] for table in made] == [["a", "b"], ["c"], ["d"]]


def test_lists_and_nested_mappings_are_tables_of_their_own():
    deep = {"n": 2, "ways": {"ours": {"f1": 1}, "theirs": {"f1": 0}}, "rest": {"low": 1}}
    made = tables.tables_of({"listed": [{"x": 1}], "set": deep})
    assert [(table["title"], [row.get("") for row in table["rows"]]) for table in made] == [
        ("listed", [None]), ("", ["set"]), ("set: ways", ["ours", "theirs"]), ("", ["set: rest"]),
    ]  # fmt: skip


def test_an_estimate_is_a_plain_value():
    estimate = {"value": 0.5, "low": 0.25, "high": 0.75}
    (table,) = tables.tables_of({"kappa": estimate, "alpha": estimate})
    assert tables.markdown(table).splitlines()[-1] == "| alpha | 0.500 [0.250, 0.750] |"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"), (math.nan, "–"), (True, "yes"), (1234, "1,234"), (0.12345, "0.123"), (204.4, "204"),
        (55.5, "55.5"), ("a|b", "a|b"), ({"value": 0.5, "low": None, "high": None}, "0.500"),
    ],
)  # fmt: skip
def test_cells(value, shown):
    assert tables.cell(value) == shown


def test_a_bar_in_a_cell_does_not_end_it():
    assert "a\\|b" in tables.markdown({"title": "", "rows": [{"x": "a|b"}]})


def test_ties_are_broken_by_lot_and_not_by_place():
    first = scores.order(np.zeros((500, 4)))[:, 0]
    assert set(first) == {0, 1, 2, 3}
    assert (scores.order(np.zeros((500, 4)))[:, 0] == first).all()


def test_a_text_with_two_codes_is_hit_by_either():
    gold = np.array([[True, False, True], [False, True, False]])
    ranked = scores.order(np.array([[0.0, 1.0, 2.0], [3.0, 1.0, 2.0]]))
    assert scores.hits(ranked, gold, 1).tolist() == [1, 0]
    assert scores.hits(ranked, gold, 3).tolist() == [1, 1]


def test_kappa_is_that_of_scikit_learn():
    chance = np.random.default_rng(5)
    first, second = chance.integers(4, size=60), chance.integers(4, size=60)
    assert scores.kappa(first, second) == pytest.approx(cohen_kappa_score(first, second))
    assert math.isnan(scores.kappa(np.zeros(3, np.int64), np.zeros(3, np.int64)))


def test_intervals_draw_respondents_with_all_their_answers():
    hit = np.array([1.0] * 10 + [0.0] * 10)
    apart = scores.estimate(range(20), lambda at: float(hit[at].mean()))
    together = scores.estimate(["a"] * 10 + ["b"] * 10, lambda at: float(hit[at].mean()))
    assert together == {"value": 0.5, "low": 0.0, "high": 1.0}
    assert apart["value"] == 0.5
    assert 0.2 < apart["low"] < 0.4 < 0.6 < apart["high"] < 0.8


class OneHot:
    """Codes and texts are points on as many axes as there are first characters."""

    name, dimensions = "one-hot.v1", 3

    def encode(self, texts, kind="passage", advance=None):  # noqa: ARG002 (what an encoder takes)
        return np.array([["甲乙丙".index(text[0]) == i for i in range(3)] for text in texts], np.float32)


@pytest.mark.slow
def test_a_task_whose_codes_are_plain_is_solved_by_the_dense_ways():
    texts = [f"{letter}类的话{n}" for n in range(4) for letter in "甲乙丙"]
    gold = np.tile(np.eye(3, dtype=bool), (4, 1))
    task = Task(texts=texts, codes=["甲", "乙", "丙"], gold=gold, units=[text[-1] for text in texts])
    rows = {row[""]: row for row in compare(task, OneHot(), one_by_one=True)}
    assert rows["plain cosine"]["top-1"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert rows["lbc_themes"]["top-1"]["value"] == 1.0
    assert rows["lbc_themes"]["top-1 won"] is None
    assert rows["plain cosine"]["top-3"] is None
    assert rows["keyword list"]["top-1 won"]["value"] > 0


def test_answers_are_read_with_the_wording_of_the_outline(tmp_path):
    (tmp_path / "outline.csv").write_text(
        "q_num,Outlines,Questions\n1,甲,几岁了？\n2,乙,谁做饭？\n", encoding="utf-8-sig"
    )
    (tmp_path / "answers.csv").write_text("序号,几 岁了,谁做饭？\n1,十二,外婆\n2, ,我自己\n", encoding="utf-8")
    task = interview_answers(tmp_path)
    assert task.texts == ["十二", "外婆", "我自己"]
    assert task.codes == ["几岁了？", "谁做饭？"]
    assert task.gold.tolist() == [[True, False], [False, True], [False, True]]
    assert task.units == ["1", "1", "2"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "nothing", "--data", "."], "no benchmark 'nothing'"),
        (["run", "agreement"], "--data or LBC_BENCH_DATA"),
        (["run", "agreement", "--data", "."], "the data set annomi-en is not in ."),
    ],
)
@pytest.mark.slow
def test_bad_use_ends_with_one_line_and_code_2(arguments, said):
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={"LANG": "C.UTF-8"},
    )
    assert ended.returncode == 2
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stderr.strip().count("\n") == 0


@pytest.mark.slow
def test_table_writes_the_page_from_results(tmp_path):
    page = tmp_path / "page.md"
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks", "table", "--results", str(tmp_path), "--out", str(page)],
        cwd=ROOT, capture_output=True, text=True, env={"LANG": "C.UTF-8"},
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert page.read_text(encoding="utf-8").startswith("# Benchmarks")


def test_tables_stand_in_other_pages_between_their_marks(tiny, data, tmp_path):
    results.write(results.run(tiny, data), tmp_path)
    shown = replace(tiny, pages=lambda result: {"guide.md": f"{result['tables'][0]['rows'][0]['characters']} letters"})
    page = tmp_path / "guide.md"
    page.write_text("before\n<!-- benchmark: count -->\nold\n<!-- end of benchmark -->\nafter\n", encoding="utf-8")
    for _ in range(2):
        for path, text in embedded([shown], tmp_path, tmp_path).items():
            path.write_text(text, encoding="utf-8")
    assert page.read_text(encoding="utf-8") == (
        "before\n<!-- benchmark: count -->\n\n8 letters\n\n<!-- end of benchmark -->\nafter\n"
    )
    page.write_text("no marks", encoding="utf-8")
    with pytest.raises(InputError, match="where the table is to stand"):
        embedded([shown], tmp_path, tmp_path)


def test_the_guides_hold_the_tables_of_the_results_that_are_kept():
    for page, text in embedded(all_benchmarks().values(), ROOT / "docs").items():
        assert page.read_text(encoding="utf-8") == text, f"{page.name}: run python -m benchmarks table"


def test_every_word_of_the_exchange_matrix_has_its_chinese():
    rows = next(table["rows"] for table in results.read("exchange")["tables"] if table["title"] == "matrix")
    said = {value for row in rows for key, value in row.items() if key != "program" and isinstance(value, str)}
    assert said | set(rows[0]) <= set(ZH)
    assert {row["direction"] for row in rows} == {"in", "out", "out and back"}
