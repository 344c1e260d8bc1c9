"""The words of documents that people read, in both languages."""

from lbc_themes.core.messages import word_table
from lbc_themes.core.records import Bilingual, Language, Role

STANCES = {
    "agreeing": Bilingual(zh="一致", en="agreeing"),
    "mixed": Bilingual(zh="两种说法都有", en="mixed"),
    "contrary": Bilingual(zh="相反", en="contrary"),
    "silent": Bilingual(zh="没有提到", en="silent"),
}
WORDS = {
    "theme": Bilingual(zh="主题", en="Theme"),
    "people_quotes": Bilingual(zh="{people} 人，{quotes} 处", en="participants: {people}, quotes: {quotes}"),
    "triangulation": Bilingual(
        zh="三角互证：儿童、教师与照顾者", en="Triangulation: children, teachers and caregivers"
    ),
    "triangulation_note": Bilingual(
        zh="按编码计数。“没有提到”可能只是没有问到；“相反”指只说了相反的编码。请回到原话判断。",
        en="Counted from codings. Silence may only mean that nobody asked; contrary means that only the opposite code "
        "occurs. Judge by the words themselves.",
    ),
    "report": Bilingual(zh="编码引文报告", en="Coded quotations"),
    "participants": Bilingual(zh="受访者", en="Participants"),
    "participant": Bilingual(zh="受访者", en="Participant"),
    "quotes": Bilingual(zh="引文数", en="Quotes"),
    "findings": Bilingual(zh="主题与引文", en="Themes and quotations"),
    "no_quotes": Bilingual(zh="（没有编码）", en="(nothing coded)"),
    "evidence": Bilingual(zh="理论与模型各部分的依据", en="What supports each part of the theories and the model"),
    "evidence_note": Bilingual(
        zh="按人的编码计数，机器的建议不算。一个编码可以属于几个部分。没有引文，也可能只是没有问到。",
        en="Counted from people's codings; suggestions of the machine do not count. A code may belong to several "
        "parts. Where there is no quotation, it may be that nobody asked.",
    ),
    "part": Bilingual(zh="部分", en="Part"),
    "count": Bilingual(zh="受访者和引文数", en="Participants and quotations"),
    "examples": Bilingual(zh="引文（至多三处）", en="Quotations (three at most)"),
    "unsupported": Bilingual(zh="没有引文的编码", en="Codes without a quotation"),
    "nothing_supports": Bilingual(zh="没有引文支持", en="nothing supports it"),
    "coded_by": Bilingual(zh="编码者：{names}", en="Coded by {names}"),
    "member_title": Bilingual(zh="请你看看，我们理解得对不对：{name}", en="Did we understand you? {name}"),
    "member_intro": Bilingual(
        zh="谢谢你跟我们聊。下面是我们听你说了以后的理解，引号里是你的原话。对的，在“对”下面打勾；不对或者不全的，"
        "打勾以后在后面的空格里告诉我们，怎么写都行。哪一句不想留着，也写上。",
        en="Thank you for talking with us. Below is what we understood, with your own words in quotation marks. Tick "
        "'right' where it is; where it is not, or not quite, tick that and tell us in the space, in any words. If "
        "there is a sentence that you would rather not have kept, write that too.",
    ),
    "member_understood": Bilingual(zh="我们的理解", en="What we understood"),
    "member_words": Bilingual(zh="你的原话", en="Your own words"),
    "member_right": Bilingual(zh="对", en="Right"),
    "member_wrong": Bilingual(zh="不对或不全", en="Not right, or not quite"),
    "member_say": Bilingual(zh="你想说的", en="What you want to say"),
    "member_more": Bilingual(zh="还有什么要告诉我们的？", en="Is there anything else you want to tell us?"),
    "child_told": Bilingual(zh="你跟我们说到了：{what}。", en="You told us about {what}."),
    "child_title": Bilingual(zh="我们听懂你了吗？{name}", en="Did we understand you? {name}"),
    "child_intro": Bilingual(
        zh="谢谢你跟我们聊天。下面写的是我们听到的，引号里是你自己说的话。说对了，就在“对”下面打勾；不对，或者没说全，"
        "就在后面那一格打勾，想怎么写就怎么写，也可以让我们念给你听、帮你写。哪句话你不想留着，告诉我们，我们就去掉。"
        "不想填也没关系。",
        en="Thank you for talking with us. This is what we heard; your own words are in quotation marks. If it is "
        "right, tick 'right'. If it is not, or something is missing, tick the next box and write what you like, or "
        "let us read it to you and write for you. If there are words you do not want us to keep, tell us and we take "
        "them out. You need not fill this in at all.",
    ),
    "child_understood": Bilingual(zh="我们听到的", en="What we heard"),
    "child_words": Bilingual(zh="你自己说的话", en="Your own words"),
    "child_say": Bilingual(zh="你想说的", en="What you want to say"),
    "answer_right": Bilingual(zh="认为理解正确", en="says we understood"),
    "answer_wrong": Bilingual(zh="认为理解不对或不全", en="says we did not quite understand"),
    "answer_said": Bilingual(zh="补充", en="adds"),
}
ATTRIBUTES = {
    "role": Bilingual(zh="角色", en="Role"),
    "gender": Bilingual(zh="性别", en="Gender"),
    "age": Bilingual(zh="年龄", en="Age"),
    "grade": Bilingual(zh="年级", en="Grade"),
    "carer": Bilingual(zh="照顾者", en="Carer"),
    "siblings": Bilingual(zh="兄弟姐妹", en="Siblings"),
    "years_teaching": Bilingual(zh="教龄", en="Years of teaching"),
}


def role_name(role: Role, language: Language) -> str:
    """Return what a group is called."""
    return word_table("words.groups")[role.value].said(language)
