"""What the header of a column means."""

import re

from lbc_themes.reading.vocabulary import plain_label

_NAMES: dict[str, str] = {
    "speaker": """说话人 說話人 发言人 發言人 讲话人 讲述人 讲述者 说话者 发言者 对话者 人物 姓名 名字 昵称
        受访者 受訪者 被访者 参与者 speaker speakername speakerid speakerlabel who name person participant
        interlocutor actor""",
    "text": """内容 內容 文本 原文 正文 话语 发言 發言 對話 对话 转写 逐字稿 语料 文字 句子 回答 答案 答复 text
        content contents utterance utterancetext utterances speech said words transcript transcription sentence
        dialogue answer answers response responses""",
    "time": """时间 時間 时间戳 時間戳 开始 开始时间 開始時間 起始时间 起始 时间点 时刻 time start starttime
        begin begintime timestamp timecode onset from""",
    "role": "角色 身份 类别 人群 role identity group speakerrole",
    "question": "问题 問題 提问 题目 題目 访谈问题 question questions prompt item",
    "respondent": """序号 序號 编号 編號 id no number 受访者编号 被试 被试编号 学号 问卷编号 答卷编号 答题序号
        代码 化名 code respondent respondentid participantid subject subjectid caseid case""",
    "aside": """性别 性別 年龄 年齡 年级 年級 班级 班級 学校 學校 民族 日期 提交时间 提交答卷时间 所用时间 来源
        来源详情 来自ip ip 总分 备注 備註 录音 文件 gender sex age grade class school date duration file
        filename source note notes remark remarks comment comments 注释 註釋 评论 批注""",
}
_MEANINGS = {word: name for name, words in _NAMES.items() for word in words.split()}
_SPLIT = re.compile(r"[\s/|()（）\[\]【】]+")
_JOIN = re.compile(r"[\s_\-.:：*]+")
_SPEECH = re.compile(r".{1,4}(?:内容|內容|文本|原文|文字)")
_LONGEST = 40


def meaning(header: str) -> str:
    """Return what a column header means: speaker, text, time, role, question, respondent, aside, or nothing known ("").

    Where a header gives its name twice, in Chinese and English, both must mean the same.

    >>> meaning("说话人 (Speaker)"), meaning("start_time"), meaning("你想妈妈吗？")
    ('speaker', 'time', '')
    """
    if len(header) > _LONGEST:
        return ""
    label = plain_label(header).lower()
    whole = _MEANINGS.get(_JOIN.sub("", label), "")
    parts = {_MEANINGS.get(_JOIN.sub("", part), "") for part in _SPLIT.split(label) if part}
    both = parts.pop() if len(parts) == 1 else ""
    if both == "aside" and "/" in label:
        # 性别/年龄 asks for two things at once, and what is said to it is an answer.
        both = ""
    return whole or both or ("text" if _SPEECH.fullmatch(label) else "")
