"""Invented coded texts of five children, in four codes, and an encoder that hashes pairs of characters."""

from collections.abc import Sequence
from itertools import pairwise
from zlib import crc32

import numpy as np

from lbc_themes.core.records import Passage, Role
from lbc_themes.encoding import Advance, TextKind, Vectors

SAID = {
    "family": ("晚上想妈妈", "奶奶说爸爸过年才回", "梦见妈妈抱我", "爸爸打电话来了", "舍不得妈妈走", "想和爸爸住", "妈妈的衣服我留着", "奶奶也想爸爸"),  # noqa: E501
    "study": ("作业不会写", "课听不懂", "老师讲得太快", "数学题好难", "书背不下来", "考试没及格", "英语作业空着", "上课老走神"),  # noqa: E501
    "money": ("家里没钱", "校服太贵了", "钱要省着花", "买不起鞋", "学费拖着没交", "零花钱一块", "爷爷卖菜攒钱", "车票太贵不回来"),  # noqa: E501
    "illness": ("发烧没人管", "肚子疼忍着", "药自己找的", "奶奶病了我陪", "牙疼好几天", "感冒自己喝热水", "腿疼走不动", "医院太远没去"),  # noqa: E501
}  # fmt: skip
CHILDREN = ("甲", "乙", "丙", "丁", "戊")
ENDINGS = ("。", "，就这样。", "，真的。", "，没跟别人讲过。", "，去年冬天的事。")
CODES = tuple(SAID)


class BigramEncoder:
    """Counts pairs of characters in 64 bins; rows are of unit length."""

    name = "bigrams.v1"

    def __init__(self, dimensions: int = 64) -> None:
        self.dimensions = dimensions

    def encode(self, texts: Sequence[str], kind: TextKind = "passage", advance: Advance | None = None) -> Vectors:  # noqa: ARG002
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for first, second in pairwise(f"^{text}$"):
                row[crc32(f"{first}{second}".encode()) % self.dimensions] += 1
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def coded() -> tuple[list[str], list[list[str]], list[str]]:
    """160 texts, their code sets, and the child who said each; codes and children are mixed through the list."""
    rows = [
        (f"{said}{ending}", [code], child)
        for child, ending in zip(CHILDREN, ENDINGS, strict=True)
        for number in range(8)
        for code in CODES
        for said in [SAID[code][number]]
    ]
    texts, sets, groups = zip(*rows, strict=True)
    return list(texts), list(sets), list(groups)


def indicator(sets: Sequence[Sequence[str]]) -> "np.ndarray[tuple[int, int], np.dtype[np.int64]]":
    return np.array([[int(code in some) for code in CODES] for some in sets])


def passages_of(texts: Sequence[str], transcript: str = "t") -> list[Passage]:
    starts = np.concatenate([[0], np.cumsum([len(text) + 1 for text in texts])]).tolist()
    return [
        Passage(
            id=f"{transcript}-{n}", transcript_id=transcript, spans=((start, start + len(text)),), text=text,
            speaker="甲", role=Role.CHILD,
        )
        for n, (text, start) in enumerate(zip(texts, starts, strict=False))
    ]  # fmt: skip
