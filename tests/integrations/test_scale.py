"""Corpora in parts: the same answers however they are cut, wherever they are worked on, whatever is killed."""

import os
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lbc_themes import scale
from lbc_themes.core.errors import InputError, MissingExtraError
from lbc_themes.scale import parts as parts_module
from lbc_themes.scale.parts import parts_of, read_part, read_texts, write_part
from lbc_themes.scale.sample import drawn, joined
from lbc_themes.scale.summary import Moments, in_a_tree, summary_of, summed

pytestmark = pytest.mark.slow

STARTS = ("昨天晚上", "有一回", "我奶奶说", "在学校里", "冬天的时候", "他们都走了以后")
MIDDLES = ("我想我妈妈", "作业写不完", "家里没有钱了", "肚子疼得厉害", "弟弟一直哭", "爷爷腿不好")
ENDS = ("，我就自己躺着。", "，谁也没告诉。", "，后来老师知道了。", "，就去找姑姑。", "，忍一忍就过去了。")


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    chance = random.Random(3)
    texts = [chance.choice(STARTS) + chance.choice(MIDDLES) + chance.choice(ENDS) for _ in range(238)]
    texts += ["嗯。", "I miss my mother, she works in the city."]
    ids = [f"p{number:04d}" for number in range(len(texts))]
    return pd.DataFrame({"id": ids, "transcript_id": [i[:3] for i in ids], "role": "child", "text": texts})


def cut(frame: pd.DataFrame, folder: Path, sizes: Sequence[int]) -> Path:
    at = 0
    for number, size in enumerate(sizes):
        write_part(frame.iloc[at : at + size], folder / f"part-{number}.parquet")
        at += size
    assert at == len(frame)
    return folder


@pytest.fixture(scope="module")
def source(frame: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cut(frame, tmp_path_factory.mktemp("source"), [30] * 8)


@pytest.fixture(scope="module")
def options(four_codes_file: Path) -> scale.Options:
    return scale.Options(codebook=str(four_codes_file), sample=100)


@pytest.fixture(scope="module")
def result(source: Path, options: scale.Options, tmp_path_factory: pytest.TempPathFactory) -> scale.Result:
    return scale.run(source, tmp_path_factory.mktemp("run") / "out", options)


def rows(folder: Path) -> pd.DataFrame:
    return pd.concat([read_part(part) for part in parts_of(folder / "passages")], ignore_index=True)


ROUNDING = 4e-6
"""By so much a distance may differ with what stands beside a passage in a product of matrices."""


def on_the_edge(made: pd.DataFrame, plan: scale.Plan) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """The passages that lie on the bound of a theme but for rounding: they may be within or beyond it."""
    apart = np.abs(made["distance"].to_numpy()[:, None] - plan.placer.bounds)
    return np.asarray((apart <= ROUNDING).any(axis=1))


def assert_same_answers(made: pd.DataFrame, result: scale.Result, *, index: bool = True) -> None:
    """The same passages with the same codes, and the same theme unless they lie on its very bound."""
    expected = rows(result.folder)
    made = made if index else made.reset_index(drop=True)
    columns = [column for column in expected.columns if column != "theme"]
    assert list(made.columns) == list(expected.columns)
    pd.testing.assert_frame_equal(made[columns], expected[columns], rtol=0, atol=ROUNDING, check_dtype=index)
    edge = on_the_edge(expected, result.plan)
    assert edge.sum() <= len(result.plan.themes)
    one, other = made["theme"].to_numpy(), expected["theme"].to_numpy()
    assert (one == other)[~edge].all()
    assert ((one == other) | (np.minimum(one, other) == -1))[edge].all()


def test_a_passage_with_another_theme_is_noticed_unless_it_lies_on_the_bound(result: scale.Result) -> None:
    made = rows(result.folder)
    assert_same_answers(made, result)
    within = np.flatnonzero(~on_the_edge(made, result.plan) & (made["theme"] >= 0).to_numpy())[0]
    made.loc[within, "theme"] = -1
    with pytest.raises(AssertionError):
        assert_same_answers(made, result)


def test_every_passage_has_codes_or_a_reason_and_a_theme_or_none(result: scale.Result, frame: pd.DataFrame) -> None:
    made = rows(result.folder)
    assert made["id"].tolist() == frame["id"].tolist()
    assert "text" not in made
    assert ((made["reason"] == "") == (made["code_1"] != "")).all()
    assert set(made["theme"]) <= {-1, *(theme.id for theme in result.plan.themes)}
    assert made.loc[made["id"] == "p0238", "reason"].item() == "too-short"
    assert made["theme"].nunique() > 3


def test_a_dask_frame_gets_row_for_row_what_a_folder_gets(result: scale.Result, frame: pd.DataFrame) -> None:
    import dask.dataframe

    lazy = scale.on_frame(dask.dataframe.from_pandas(frame, npartitions=3), result.plan)
    assert lazy.npartitions == 3
    made = lazy.compute(scheduler="synchronous")
    assert made.columns.tolist() == lazy.columns.tolist()
    assert_same_answers(made, result, index=False)


def test_what_is_suggested_is_what_the_words_say(result: scale.Result, frame: pd.DataFrame) -> None:
    made = rows(result.folder)
    for word, code in {"妈妈": "family", "作业": "study", "没有钱": "money", "肚子疼": "illness"}.items():
        said = made[frame["text"].str.contains(word).to_numpy() & (made["reason"] == "").to_numpy()]
        assert (said["code_1"] == code).mean() > 0.8


@pytest.mark.parametrize("sizes", [[240], [1, 100, 139]], ids=["one part", "uneven parts"])
def test_the_same_answers_however_the_corpus_is_cut(
    sizes: list[int], frame: pd.DataFrame, result: scale.Result, options: scale.Options, tmp_path: Path
) -> None:
    other = scale.run(cut(frame, tmp_path / "in", sizes), tmp_path / "out", options)
    assert_same_answers(rows(other.folder), result)
    moved = (other.summary.pairs - result.summary.pairs) + (result.summary.pairs - other.summary.pairs)
    assert moved.total() <= 2 * on_the_edge(rows(result.folder), result.plan).sum()
    pd.testing.assert_frame_equal(other.codes, result.codes, rtol=1e-6)


def test_a_run_that_was_broken_off_goes_on_and_makes_nothing_twice(
    source: Path, result: scale.Result, options: scale.Options, tmp_path: Path
) -> None:
    done: list[int] = []

    def stop(count: int) -> None:
        done.append(count)
        if len(done) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scale.run(source, tmp_path / "out", options, advance=stop)
    made = {part: part.stat().st_mtime_ns for part in parts_of(tmp_path / "out" / "passages")}
    assert len(made) == 3
    (tmp_path / "out" / "passages" / ".part-3.0a1b2c3d4e5f.part.parquet").write_bytes(b"PAR1")
    again = scale.run(source, tmp_path / "out", options)
    assert {part: part.stat().st_mtime_ns for part in made} == made
    assert not list((tmp_path / "out" / "passages").glob(".*"))
    assert_same_answers(rows(again.folder), result)
    assert again.summary.passages == result.summary.passages


def test_two_processes_of_which_one_is_killed_give_the_result_of_one_machine(
    source: Path, result: scale.Result, options: scale.Options, tmp_path: Path
) -> None:
    script = str(Path(__file__).parents[1] / "scale_cluster.py")
    command = [sys.executable, script, str(source), str(tmp_path / "out"), options.codebook]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    killed, passages, files = map(int, done.stdout.split())
    assert killed > 0
    assert (passages, files) == (240, 8)
    assert_same_answers(rows(tmp_path / "out"), result)


def test_a_table_of_dask_gets_the_columns_of_a_run(frame: pd.DataFrame, result: scale.Result) -> None:
    from dask.dataframe import from_pandas

    made = scale.on_frame(from_pandas(frame, npartitions=3), result.plan)
    assert_same_answers(made.compute(scheduler="synchronous"), result, index=False)


def test_another_runs_folder_is_refused(source: Path, result: scale.Result, options: scale.Options) -> None:
    other = scale.Options(codebook=options.codebook, sample=100, seed=1)
    with pytest.raises(InputError, match=r"holds a run with other options; give the same to go on, or a new folder$"):
        scale.run(source, result.folder, other)


def test_a_folder_with_other_things_is_refused(source: Path, options: scale.Options, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine")
    with pytest.raises(InputError, match=r"is not empty and holds no run of lbc\.scale; give an empty or new folder$"):
        scale.run(source, tmp_path, options)


def test_a_sample_is_the_same_however_the_corpus_is_cut(frame: pd.DataFrame) -> None:
    whole = drawn(frame, 50, 7)
    halves = joined([drawn(frame.iloc[120:], 50, 7), drawn(frame.iloc[:120], 50, 7)], 50)
    pd.testing.assert_frame_equal(whole, halves)
    assert set(whole["id"]) != set(drawn(frame, 50, 8)["id"])


def test_moments_of_parts_are_those_of_the_whole() -> None:
    values = np.random.default_rng(0).normal(5, 2, 90)
    parts = [Moments(n=len(v), mean=v.mean(), squares=((v - v.mean()) ** 2).sum()) for v in np.split(values, [10, 11])]
    whole = parts[0] + parts[1] + parts[2] + Moments()
    assert (whole.n, whole.mean, whole.deviation) == pytest.approx((90, values.mean(), values.std()))


def test_a_summary_joined_in_a_tree_counts_each_passage_once(result: scale.Result) -> None:
    made = rows(result.folder)
    some = [summary_of(made.iloc[at : at + 7]) for at in range(0, len(made), 7)]
    tree = in_a_tree(some, summed)
    assert tree.passages == 240
    assert tree.pairs == result.summary.pairs
    assert sum(tree.themes.values()) == 240
    assert in_a_tree([], summed).passages == 0


def test_interviews_become_parts_and_a_second_call_reads_nothing_again(interviews: Path, tmp_path: Path) -> None:
    made = scale.prepare(interviews, tmp_path / "parts", files_a_part=2)
    frame = pd.concat([read_texts(part) for part in made])
    assert len(made) == 2
    assert frame["transcript_id"].unique().tolist() == ["C01", "C02", "T01"]
    assert frame["id"].is_unique
    before = [part.stat().st_mtime_ns for part in made]
    assert [part.stat().st_mtime_ns for part in scale.prepare(interviews, tmp_path / "parts", 2)] == before


def test_a_part_without_text_or_with_an_id_twice_is_refused(tmp_path: Path) -> None:
    write_part(pd.DataFrame({"id": ["a"], "words": ["好"]}), tmp_path / "a.parquet")
    with pytest.raises(InputError, match=r"a\.parquet has no column text; a part needs id and text$"):
        read_texts(tmp_path / "a.parquet")
    write_part(pd.DataFrame({"id": ["a", "a"], "text": ["好", "行"]}), tmp_path / "b.parquet")
    with pytest.raises(InputError, match="every row needs a text, and an id of its own"):
        read_texts(tmp_path / "b.parquet")
    (tmp_path / "c.parquet").write_bytes(b"no")
    with pytest.raises(InputError, match=r"c\.parquet can't be read as parquet"):
        read_texts(tmp_path / "c.parquet")


def test_a_part_is_there_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        @staticmethod
        def write_table(_table: object, path: Path, **_: object) -> None:
            path.write_bytes(b"half")
            raise OSError("disk full")

    monkeypatch.setattr(parts_module, "parquet", Broken)
    with pytest.raises(OSError, match="disk full"):
        write_part(pd.DataFrame({"id": ["a"]}), tmp_path / "a.parquet")
    assert list(tmp_path.iterdir()) == []


def test_without_the_packages_the_refusal_names_the_command(monkeypatch: pytest.MonkeyPatch, source: Path) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(MissingExtraError, match=r"pyarrow: pip install 'lbc_themes\[dask\]'$"):
        scale.run(source, source / "out")


def test_choices_that_can_not_be_are_refused() -> None:
    with pytest.raises(InputError, match=r"^sample is 9999; give 10 to 5000 passages to learn from$"):
        scale.Options(sample=9999)
    with pytest.raises(InputError, match=r"^top must be 1 or more, not 0$"):
        scale.Options(top=0)
