"""What several tests share: an encoder to compute in the head, a codebook of four codes, interviews, a study."""

import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from report_samples import hostile_run, into
from study_samples import suggested_study, twice_coded_study

from lbc_themes.cli import main
from lbc_themes.codebook import write_codebook
from lbc_themes.core.records import Bilingual, Code, Codebook, Example, Language, Role, Utterance
from lbc_themes.encoding import Advance, TextKind, Vectors
from lbc_themes.pipeline import RunResult
from lbc_themes.report import write_outputs
from lbc_themes.report.outputs import NAMES
from lbc_themes.study import Study

os.environ["LBC_LANGUAGE"] = "en"  # what commands say, here and in processes that tests start

settings.register_profile("shared", deadline=None)  # on a busy machine a slow example is no fault
settings.load_profile("shared")

SLOW_FILE = re.compile(r"^pytestmark = .*pytest\.mark\.slow", re.MULTILINE)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A file of slow tests is not even imported where these are left out: some of them load torch."""
    if config.getoption("markexpr") != "not slow" or collection_path.suffix != ".py":
        return None
    return True if SLOW_FILE.search(collection_path.read_text(encoding="utf-8")) else None


TOPICS = (
    ("妈", "爸", "奶", "mother", "grandma"),
    ("书", "课", "作业", "homework", "lesson"),
    ("钱", "贵", "money", "fees"),
    ("病", "药", "疼", "ill", "medicine"),
)


class FakeEncoder:
    """Counts four topics' characters; the fifth number is 1 where a text has none of them. Rows are of unit length."""

    name = "fake.v1"
    dimensions = 5

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str], kind: TextKind = "passage", advance: Advance | None = None) -> Vectors:  # noqa: ARG002
        self.encoded += texts
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[:4] = [sum(text.count(word) for word in topic) for topic in TOPICS]
            row[4] = float(bool(text.strip()) and not row.any())
        if advance:
            advance(len(texts))
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return (rows / np.where(lengths == 0, 1, lengths)).astype(np.float32)


def both(zh: str, en: str) -> Bilingual:
    return Bilingual(zh=zh, en=en)


def _code(code_id: str, name: Bilingual, brief: Bilingual, example: Bilingual, indicator: str) -> Code:
    return Code(
        id=code_id,
        name=name,
        brief=brief,
        definition=brief,
        typical=(Example(text=example, speaker=Role.CHILD, code=code_id),),
        indicators=(indicator,),
    )


def _said(language: Language, text: str, *code_ids: str) -> Utterance:
    return Utterance(text=text, language=language, speaker=Role.CHILD, code_ids=code_ids)


@pytest.fixture
def fake_encoder() -> FakeEncoder:
    return FakeEncoder()


@pytest.fixture(scope="session")
def four_codes() -> Codebook:
    codes = (
        _code(
            "family",
            both("想念亲人", "Missing family"),
            both("孩子说想爸爸妈妈。", "The child misses mother."),
            both("晚上躺着就想我妈妈，想她抱抱我。", "At night I lie there and miss my mother."),
            "想妈妈",
        ),
        _code(
            "study",
            both("学习困难", "Trouble at school"),
            both("功课和作业跟不上。", "The homework is too hard."),
            both("作业好多题不会写，课也听不懂。", "I can't do the homework and don't follow the lesson."),
            "听不懂",
        ),
        _code(
            "money",
            both("经济困难", "Lack of money"),
            both("家里没钱，东西买不起。", "There is no money at home."),
            both("家里没钱交校服费，嫌太贵了。", "We have no money for the school fees."),
            "没钱",
        ),
        _code(
            "illness",
            both("生病没人管", "Ill and alone"),
            both("生病了没人带去看。", "The child is ill and nobody helps."),
            both("我发烧病了三天，药都是自己找的。", "I was ill for three days and found the medicine alone."),
            "发烧",
        ),
    )
    utterances = (
        _said("zh", "奶奶一打电话我就哭，想让爸爸回来。", "family"),
        _said("zh", "老师讲的课我跟不上，作业空着。", "study"),
        _said("zh", "爸爸说钱要省着花，书都舍不得买。", "money", "study"),
        _said("zh", "肚子疼的时候没有药，就忍着。", "illness"),
        _said("zh", "好的好的，那我们今天就先聊到这里吧。"),
        _said("zh", "你先坐，要不要喝点水，外面挺热的。"),
        _said("en", "All right, let us stop here for today then."),
    )
    return Codebook(id="four", version="1", name=both("四个编码", "Four codes"), codes=codes, utterances=utterances)


@pytest.fixture(scope="session")
def four_codes_file(four_codes: Codebook, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The four codes in a file."""
    path = tmp_path_factory.mktemp("codebook") / "four.yaml"
    write_codebook(four_codes, path)
    return path


INTERVIEWS = {
    "C01.txt": (
        "访谈者：晚上睡觉前你会想什么？\n"
        "小禾：我就躺着想我妈妈，她过完年走的时候我在后面追那个车，追不上，回来哭了好久。\n"
        "访谈者：那学习上呢？\n"
        "小禾：数学作业好多题都不会写，奶奶不识字，问谁都没有用，第二天老师就让我站着听课。\n"
        "访谈者：嗯。\n"
        "小禾：后来我就不想交作业了，反正交上去也都是错的，课上他讲什么我也听不懂。\n"
    ),
    "C02.txt": (
        "访谈者：家里平时谁管钱？\n"
        "阿旺：爷爷管，可是也没有多少钱，交校服费的时候他说太贵了，让我穿哥哥剩下的。\n"
        "访谈者：你生病的时候呢？\n"
        "阿旺：有一回发烧病了三天，药是我自己去小卖部买的，奶奶在地里，回来才知道我疼成那样。\n"
    ),
    "T01.txt": (
        "访谈者：您觉得班上这些孩子怎么样？\n"
        "教师：这些孩子大部分跟着奶奶过，爸爸妈妈一年回来一次，作业没有人看，书包里什么都是乱的。\n"
        "访谈者：学校能做些什么？\n"
        "教师：我们下了课留他们半个钟头补作业，可是家里穷，有的连本子的钱都要拖到月底才给。\n"
    ),
}


@pytest.fixture
def interviews(tmp_path: Path) -> Path:
    """A folder of three interviews."""
    folder = tmp_path / "interviews"
    folder.mkdir()
    for name, text in INTERVIEWS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    """Open the small study of ``study_samples``, on which a machine has made its suggestions and nobody decided."""
    with suggested_study(tmp_path) as study:
        yield study


@pytest.fixture
def coded_file(tmp_path: Path) -> Path:
    """The file of a study that 李 and 王 coded, with suggestions in it."""
    return twice_coded_study(tmp_path)


@pytest.fixture
def lbc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run the command in a folder of its own and return what it said; ``fails`` is how it ends."""
    monkeypatch.chdir(tmp_path)

    def run(*words: object, fails: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", ["lbc-themes", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert (ended.value.code or 0) == fails, said.err
        return said.err if fails else said.out

    return run


@pytest.fixture(scope="session")
def result(four_codes_file: Path, tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    """A run over friendly and hostile interviews."""
    return hostile_run(tmp_path_factory.mktemp("hostile"), four_codes_file, INTERVIEWS)


@pytest.fixture
def out(result: RunResult, tmp_path: Path) -> Path:
    """A folder with everything that the run leaves."""
    folder = tmp_path / "deep" / "out"
    assert write_outputs(into(result, folder)) == [folder / name for name in NAMES]
    return folder
