"""Reading, segmenting and marking cues take time in proportion to the text, whatever stands in it."""

import time
from collections.abc import Callable

import pytest

from lbc_themes.core.records import Role, Transcript, Turn
from lbc_themes.reading.document import Document
from lbc_themes.reading.formats import read_document
from lbc_themes.segmenting import cues, segment

pytestmark = pytest.mark.slow

SMALL, TIMES = 1_000, 8
ENOUGH = 0.5  # seconds below which a ratio says nothing


def one_turn(text: str) -> Transcript:
    return Transcript(id="t", text=text, turns=(Turn(speaker="小云", role=Role.CHILD, start=0, end=len(text)),))


def many_turns(piece: str, number: int, roles: tuple[Role, ...]) -> Transcript:
    size = len(piece) + 1
    turns = tuple(
        Turn(speaker=str(n % len(roles)), role=roles[n % len(roles)], start=n * size, end=n * size + len(piece))
        for n in range(number)
    )
    return Transcript(id="t", text=f"{piece}\n" * number, turns=turns)


def is_proportional(work: Callable[[int], object]) -> bool:
    """Say whether eight times the text takes far less than the 64 times as long that a square would."""

    def seconds(size: int) -> float:
        begin = time.process_time()
        work(size)
        return time.process_time() - begin

    few = min(seconds(SMALL) for _ in range(2))
    many = min(seconds(SMALL * TIMES) for _ in range(2))
    return many < ENOUGH or many < 3 * TIMES * max(few, 0.01)


@pytest.mark.parametrize(
    "piece",
    [
        "我奶奶说，天黑了就回家。",
        "然后我就跟我弟去河边抓鱼",
        "嗯嗯嗯",
        "abcdef ",
        "1234.",
        "“我奶奶说（",
        "”』）。",
        "……。！？",
        "\n \n",
        "<city>去了<",
        "，、",
        "我妈说：“",
        "—— ",
    ],
)
def test_one_long_turn_is_segmented_in_proportion(piece: str) -> None:
    segment(one_turn("先装好词典。"))
    assert is_proportional(lambda size: segment(one_turn(piece * size)))


def test_blanks_between_two_words_are_no_burden() -> None:
    assert is_proportional(lambda size: segment(one_turn("我" + " " * 12 * size + "走")))


@pytest.mark.parametrize("roles", [(Role.CHILD,), (Role.CHILD, Role.INTERVIEWER), (Role.CHILD, Role.TEACHER)])
@pytest.mark.parametrize("piece", ["嗯", "你跟谁住？", "然后我就去"])
def test_many_turns_are_segmented_in_proportion(piece: str, roles: tuple[Role, ...]) -> None:
    assert is_proportional(lambda size: segment(many_turns(piece, size, roles)))


@pytest.mark.parametrize("piece", ["我奶奶说“", "奶奶妈妈", "可能会想家"])
def test_cues_are_marked_in_proportion(piece: str) -> None:
    assert is_proportional(lambda size: cues(piece * size))


@pytest.mark.parametrize(
    "piece",
    [
        "访谈者：去哪儿了？\n小林：河边。\n",
        "说话人1 00:01\n去河边。\n",
        "[00:01] 去河边\n",
        "：\n",
        "1、你去哪儿了？\n去河边。\n",
        "| 去 | 河边 |\n",
        "1\n00:00:01,000 --> 00:00:02,000\n去河边\n\n",
        "### 小林\n去河边\n",
        "**",
        "[[((",
        "a1 b2 c3 ",
        "访谈者：去？小林：去。",
        "12:34:",
        "王五 张三 ",
    ],
)
def test_a_text_is_read_in_proportion(piece: str) -> None:
    assert is_proportional(lambda size: read_document(Document(suffix=".txt", text=piece * size)))
