"""A small invented study for the tests of study and exchange."""

from lbc_themes.codebook import load_codebook
from lbc_themes.core.records import (
    Bilingual,
    Code,
    Codebook,
    Decision,
    Evidence,
    Example,
    RankedCode,
    Role,
    Rule,
    Suggestion,
    Transcript,
    Turn,
    Verdict,
)
from lbc_themes.study import Study

CHILD = (
    "访谈者：放假了都干些啥？\n小麦：跟外婆去菜园拔草，😀拔完就在田埂上坐着。有时候想我妈，想得睡不着。\n"
    "访谈者：那你怎么办？\n小麦：我就数羊，数到一百再想一遍她走的那天。老师也会找我说说话。\n"
)
TEACHER = "访谈者：您班上的孩子怎么样？\n周老师：有几个爹妈都在外头，作业没人看。我放学留他们一个钟头，当面改完再走。\n"


def turns(text, *labels):
    found, at = [], 0
    for line in text.splitlines(keepends=True):
        label, _, said = line.rstrip("\r\n").partition("：")
        role = dict(labels).get(label, Role.INTERVIEWER)
        start = at + len(label) + 1
        found.append(Turn(speaker=label, role=role, start=start, end=start + len(said)))
        at += len(line)
    return tuple(found)


def transcript(name, text, *labels, **metadata):
    return Transcript(id=name, text=text, turns=turns(text, *labels), form="labels", metadata=metadata, sha256="ab")


def transcripts():
    return [
        transcript("K01", CHILD, ("小麦", Role.CHILD), participant="K01", role="child", gender="女", age="10"),
        transcript("L01", TEACHER, ("周老师", Role.TEACHER), participant="L01", role="teacher", gender="男"),
    ]


def both(zh, en):
    return Bilingual(zh=zh, en=en)


def code(code_id, zh, en, parent=None, **more):
    return Code(
        id=code_id, name=both(zh, en), brief=both(f"{zh}的说法。", f"Talk of {en}."), parent=parent,
        definition=both(f"说到{zh}，不论好坏。", f"Anything said of {en}."), **more,
    )  # fmt: skip


def book(version="1"):
    longing = code(
        "longing", "想念", "longing", "feeling", colour="#AA3300", indicators=("想我妈", "睡不着"),
        include=(Rule(text=both("说想谁、盼谁回来", "longs for someone")),),
        exclude=(Rule(text=both("只说没人管", "only says nobody cares"), use="homework"),),
        typical=(Example(text=both("一到晚上就想她。", "At night I miss her."), speaker=Role.CHILD, code="longing"),),
    )  # fmt: skip
    codes = (
        code("feeling", "心情", "feelings"), longing, code("school", "学校", "school"),
        code("homework", "作业", "homework", "school"), code("help.positive", "帮上忙", "help that helped"),
        code("help.negative", "没帮上", "help that failed"),
    )  # fmt: skip
    return Codebook(id="fields", version=version, name=both("田埂", "Fields"), codes=codes)


def made(folder, name="s.lbc"):
    return Study.create(folder / name, transcripts(), book())


def ranked(code_id, probability=0.5, **evidence):
    return RankedCode(code_id=code_id, score=probability, probability=probability, evidence=Evidence(**evidence))


def suggested(study):
    """Suggestions of two codes for the first passage, one for the second, none with a reason for the last."""
    first, second, *_, last = study.passages
    why = {"words": ("想我妈",), "why_zh": "提到想念", "why_en": "speaks of longing", "example": "一到晚上就想她。"}
    return [
        Suggestion(passage_id=first.id, codes=(ranked("longing", 0.7, **why), ranked("school", 0.2))),
        Suggestion(passage_id=second.id, codes=(ranked("homework", 0.6),)),
        Suggestion(passage_id=last.id, codes=(), reason="nothing-fits", options={"nothing-fits": "0.3"}),
    ]


def suggested_study(folder):
    """Make the study with its suggestions in it, as one run."""
    study = made(folder)
    study.add_suggestions(suggested(study), run="a")
    return study


def twice_coded_study(folder):
    """Make the study with suggestions; 李 and 王 decided on every passage, and differ on one."""
    with made(folder) as study:
        study.add_suggestions(suggested(study), run="first")
        for number in range(len(study.passages)):
            study.record(decision(study, number, "accepted", "longing"))
            study.record(decision(study, number, "changed", "longing" if number else "homework", coder="王"))
    return folder / "s.lbc"


def decision(study, number, verdict, *codes, coder="李", time="2025-03-01T08:00:00Z", **fields):
    return Decision(
        passage_id=study.passages[number].id,
        verdict=Verdict(verdict),
        code_ids=codes,
        coder=coder,
        time=time,
        **fields,
    )


def reference():
    return load_codebook("left-behind-children")
