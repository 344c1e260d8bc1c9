"""The words of the report, in both languages."""

from lbc_themes.core.records import Bilingual

REASONS = {
    "too-short": Bilingual(zh="内容太短", en="too little said"),
    "nothing-fits": Bilingual(zh="像闲聊或事务性的话，没有合适的编码", en="small talk or logistics: no code fits"),
    "not-sure": Bilingual(zh="把握不够，请人来编码", en="not sure enough: for a person to code"),
    "llm-unclear": Bilingual(zh="语言模型的回答无法读取", en="the language model's answer could not be read"),
}
ROLES = {
    "interviewer": Bilingual(zh="访谈者", en="interviewer"),
    "child": Bilingual(zh="儿童", en="child"),
    "teacher": Bilingual(zh="教师", en="teacher"),
    "caregiver": Bilingual(zh="照顾者", en="caregiver"),
    "other": Bilingual(zh="其他", en="other"),
}
STATUS = {
    "covered": Bilingual(zh="编码已覆盖", en="covered by"),
    "splits": Bilingual(zh="细分了编码", en="splits"),
    "merges": Bilingual(zh="合并了编码", en="merges"),
    "mixed": Bilingual(zh="多个编码，没有主导的", en="several codes, none of which leads"),
    "new": Bilingual(
        zh="大多没有建议编码：可能是闲聊，也可能是编码本里没有的内容",
        en="most of it got no suggestion: small talk, or something that the codebook lacks",
    ),
}
DISTRESS = {
    "suicide": Bilingual(zh="自杀", en="suicide"),
    "self_harm": Bilingual(zh="自伤", en="self-harm"),
    "violence": Bilingual(zh="伤害他人", en="hurting others"),
    "abuse": Bilingual(zh="受到伤害", en="being hurt"),
    "unclear": Bilingual(zh="说不清哪一类", en="of no clear kind"),
    "neglect": Bilingual(zh="疏于照顾", en="neglect"),
}
FORMS = {
    "iflytek": "讯飞听见", "feishu": "飞书妙记", "tingwu": "通义听悟", "tencent": "腾讯会议", "labels": "手工标签",
    "spoken-tags": "语料库标签", "headings": "标题行", "turn-table": "一行一个话轮的表",
    "answer-table": "一行一位受访者的表", "word-table": "Word 表格",
    "srt": "SRT 字幕", "vtt": "WebVTT 字幕", "elan": "ELAN", "plain": "无标签文本",
}  # fmt: skip
STAGES = {
    "read": Bilingual(zh="读取", en="read"),
    "segment": Bilingual(zh="切分", en="segment"),
    "encode": Bilingual(zh="编码向量", en="encode"),
    "suggest": Bilingual(zh="建议编码", en="suggest"),
    "themes": Bilingual(zh="归并主题", en="themes"),
    "distress": Bilingual(zh="风险提示", en="distress cues"),
    "report": Bilingual(zh="写出报告", en="report"),
}
