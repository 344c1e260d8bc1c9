"""A small invented study for the tests of themes: six subjects, ten participants, vectors one can compute by hand."""

import zlib

import numpy as np

from lbc_themes.core.records import Passage, Role

SUBJECTS = {
    "电话": ("晚上给妈妈打电话", "视频通话里妈妈问我吃饭", "电话打不通我就一直等", "爸爸的电话信号不好"),
    "数学": ("数学作业太难做不出来", "数学考试分数又下降", "老师讲数学题听不懂", "做数学题做到半夜"),
    "奶奶": ("奶奶腿疼走不动路", "我给奶奶熬药端水", "奶奶生病住进医院", "陪奶奶去卫生所拿药"),
    "同学": ("同学笑话我没有新衣服", "几个同学把我书包藏起来", "同学骂人还推我", "班里同学不和我玩"),
    "种地": ("放假去地里掰玉米", "插秧的时候泥巴到膝盖", "玉米地里太阳晒", "收稻子忙到天黑"),
    "宿舍": ("宿舍熄灯以后想家", "住宿舍的床铺很冷", "宿舍阿姨查房", "在宿舍偷偷哭"),
}
PEOPLE = [f"P{number:02d}" for number in range(10)]
ENDS = ("", "，每天都是这样", "，真的没办法", "，我也习惯了")


def study() -> tuple[list[str], list[str], list[str]]:
    """Return texts, participants and subjects of 96 passages."""
    texts, people, subjects = [], [], []
    for at, (subject, said) in enumerate(SUBJECTS.items()):
        for number, text in enumerate(said):
            for more, end in enumerate(ENDS):
                texts.append(text + end)
                people.append(PEOPLE[(at + number * 3 + more * 7) % len(PEOPLE)])
                subjects.append(subject)
    return texts, people, subjects


def vectors_of(texts: list[str]) -> np.ndarray:
    """Return unit vectors, (n, 48): a fixed random direction for the subject and one a character; zero if blank."""
    rows = np.zeros((len(texts), 48), np.float32)
    for row, text in enumerate(texts):
        own = [subject for subject, said in SUBJECTS.items() if text.startswith(said)]
        for word in [*text, *own, *own, *own]:
            rows[row] += np.random.default_rng(zlib.crc32(word.encode())).normal(size=48)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(length > 0, length, 1)


def passages_of(texts: list[str], people: list[str], *, question: str = "") -> list[Passage]:
    """Return the texts as passages, the participant as transcript; T-participants are teachers."""
    return [
        Passage(
            id=f"{person}:{number:04d}", transcript_id=person, spans=((0, len(text)),), text=text,
            speaker=f"说话人{person}", role=Role.CHILD if int(person[1:]) < 6 else Role.TEACHER, question=question,
        )
        for number, (text, person) in enumerate(zip(texts, people, strict=True))
    ]  # fmt: skip
