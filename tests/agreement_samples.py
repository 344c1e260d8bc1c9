"""Invented codings of two coders, 李 and 王, on ten passages of ten characters, and a talk of three turns."""

from lbc_themes.core.records import Coding, Passage, Role, Transcript, Turn

TALK = "妈妈在外面打工。我很想她！\n你会跟她打电话吗？\n会，一个星期打一次。有时候她太忙了。"
ASKED = TALK.index("你会")
ANSWER = TALK.index("会，")
TURNS = ((Role.CHILD, 0, ASKED), (Role.INTERVIEWER, ASKED, ANSWER), (Role.CHILD, ANSWER, len(TALK)))


def transcript(name="T1"):
    return Transcript(id=name, text=TALK, turns=tuple(Turn(speaker="", role=r, start=a, end=b) for r, a, b in TURNS))


def passage(name, start, end, transcript_id="T1"):
    return Passage(
        id=name,
        transcript_id=transcript_id,
        spans=((start, end),),
        text="字" * (end - start),
        speaker="",
        role=Role.CHILD,
    )


def coding(coder, start, end, code, transcript_id="T1"):
    return Coding(transcript_id=transcript_id, start=start, end=end, code_id=code, coder=coder)


TEN = [passage(f"p{i}", 10 * i, 10 * i + 10) for i in range(10)]


def on(coder, code, *numbers, transcript_id="T1"):
    return [coding(coder, 10 * n, 10 * n + 10, code, transcript_id) for n in numbers]


STUDY = [*on("李", "父母", 0, 1, 2, 3), *on("王", "父母", 0, 1, 2, 8), *on("李", "学习", 4, 5), *on("王", "学习", 3, 4)]


def topics(table):
    return [notice.topic for notice in table.notices]
