"""Words by which transcripts name their speakers, and what they say of the speaker's role."""

import re
import unicodedata

from lbc_themes.core.records import Role


def _any(words: str) -> str:
    return f"(?:{'|'.join(words.split())})"


def _pattern(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


_NUMBER = r"[\dA-Z一二三四五甲乙丙]{0,2}"
# A number or a name, which begins in upper case: Teacher Wang, but not "teacher says".
_WHO = r"(?:\s?\d{1,2}|(?-i:\s[A-Z][A-Za-z]{0,11}))?"
_RESPONDENT = _pattern(
    _any(
        """受访 被访 被采访 被试 被試 受訪 被訪 访谈对象 采访对象 研究对象 訪談對象 採訪對象 研究對象 参与者 參與者
        受试 来访
        被調查 被调查 受调查 访问对象"""
    )
    + r"(?:者|人|人员|方|学生|教师|老师|家长|儿童|同学)?(?:.{0,4})",
    _any("答 回答 回答者 respondent interviewee participant") + r"\s?\d{0,3}",
)
# What follows 访谈 in a word for a person; 访谈内容 and 访谈记录 are words for a thing.
_PERSON = r"(?:者|员|員|人员|人員|人|方|师|師|官|老师|老師|组|組)"
_INTERVIEWER = _pattern(
    _any("访谈 采访 访问 訪談 採訪 訪問 调查 調查 研究 督导 咨询 諮詢")
    + _PERSON
    + r"[\s·-]?(?:[\dA-Z一二三四五甲乙丙]{0,2}|(?![说說讲講问問])[\u4e00-\u9fff]{1,4})",
    _any("访谈 采访 访问 訪談 採訪 訪問 主持") + r"\s?[\dA-Z]{0,2}",
    _any("主持人 主持者 记者 記者 访员 訪員") + r"[\s·-]?[\dA-Z\u4e00-\u9fff]{0,4}",
    _any("提问 提問 interviewer researcher moderator facilitator") + ".{0,4}",
    _any("访 訪 采 採 问 問 host q s00 iv int ir") + r"[.\s]?\d{0,3}",
)
_CAREGIVER = _pattern(
    ".{0,6}"
    + _any(
        """奶奶 爷爷 爺爺 外婆 外公 姥姥 姥爷 妈妈 媽媽 爸爸 母亲 母親 父亲 父親 祖母 祖父 婆婆 姑姑 姑妈 叔叔
        伯伯 舅舅 舅妈 阿姨 家长 家長 监护人 監護人 照顾者 照顧者 照料者"""
    )
    + _NUMBER,
    "[妈爸奶爷媽爺]",
    _any("caregiver parent mother father grandma grandpa grandmother grandfather guardian") + _WHO,
)
_TEACHER = _pattern(
    ".{0,6}" + _any("老师 老師 教师 教師 班主任 校长 校長 辅导员 輔導員") + _NUMBER,
    r"[师師]\d{0,2}",
    "teacher" + _WHO,
)
_CHILD = _pattern(
    ".{0,6}" + _any("学生 學生 孩子 小孩 儿童 兒童 同学 同學 男孩 女孩 男生 女生") + _NUMBER,
    r"[生童]\d{0,2}",
    r"小(?![时時学學心说說组組])[\u4e00-\u9fff]",
    _any("student child pupil") + _WHO,
)
_NEUTRAL = _pattern(
    _any("说话人 說話人 发言人 發言人 讲话人 講話人 speaker spk 现场 現場 翻译 翻譯 旁白 众人 眾人 全体")
    + r"[\s_]?[\dA-Z]{0,3}"
)
_BRACKETED = re.compile(r"(.+?)\s?[（(\[【](.+)[）)\]】]")
_BETWEEN = re.compile(r"\s*[/／·|｜—–-]\s*")
_CODE = re.compile(r"[A-Za-z]{1,3}[-_]?\d{0,3}", re.ASCII)
_PRONOUN = _pattern(
    "[我你他她它您咱这那這哪就但]|第[一二三四五六七八九十0-9]",
    _any("大家 人家 有的 有些 有人 还有 还是 然后 因为 所以 如果"),
)
_SAYING = _pattern(
    ".*[说說讲講道想喊叫骂罵写寫问問是的了着著吧吗呢啊]",
    ".*"
    + _any(
        """告诉 告訴 觉得 覺得 比如 例如 包括 如下 一句 回答 问题 問題 原因 结果 結果 其实 总之 最后 首先 其次
        另外 时候 時候 以前 以后 现在"""
    ),
)
_METADATA = _pattern(
    _any(
        "访谈 采访 录音 訪談 採訪 錄音 受访 受访者 访谈者 采访者 学生 受訪者 被访者 会议 會議 录制 文字 本次 基本 被访"
    )
    + "?"
    + _any(
        """姓名 名字 化名 性别 性別 年龄 年齡 日期 时间 時間 地点 地點 地址 编号 編號 学校 學校 年级 年級 班级
        班級 主题 主題 题目 題目 标题 標題 时长 時長 文件 备注 備註 说明 說明 背景 关键词 關鍵詞 摘要 对象 對象
        方式 转写 转录 整理 校对 记录 记录人 記錄 职业 职务 教龄 民族 籍贯 内容 內容 实录 實錄 正文 提纲 大纲 提綱
        目的 过程
        過程 环境 環境 语言 語言 人数 人數 总结 摘记 形式 工具 设备 資料 资料 情况 情況 概况 场景 场所 场地 录音 文本
        原文 名称 名稱 开始 结束 开始时间 结束时间 起止时间 关系 联系方式 电话 附件 说明书 须知 承诺 守则 要求 伦理 类型
        内容类型 录制时间 导出时间 会议时间 会议主题 会议关键词 创建时间 来源 备忘 观察 观察记录 印象
        整理人 转写人 校对人 录入人 审核人 整理者
        转写者 校对者 记录员 转录人 转录者"""
    ),
    "(?:date|time|place|name|age|gender|sex|school|grade|id|topic|title|keywords?|notes?|duration|location|participants?)",
)

_LONGEST = 60
_ORDER: tuple[tuple[re.Pattern[str], Role], ...] = (
    (_INTERVIEWER, Role.INTERVIEWER),
    (_CAREGIVER, Role.CAREGIVER),
    (_TEACHER, Role.TEACHER),
    (_CHILD, Role.CHILD),
)
_ROLE_VALUES = {
    **{role.value: role for role in Role},
    "其他": Role.OTHER, "其它": Role.OTHER, "participant": Role.OTHER, "client": Role.OTHER,
    "therapist": Role.INTERVIEWER, "counselor": Role.INTERVIEWER, "counsellor": Role.INTERVIEWER,
}  # fmt: skip


def plain_label(label: str) -> str:
    """Return ``label`` without invisible characters and with full-width letters and digits narrowed."""
    kept = "".join(c for c in label if unicodedata.category(c) not in {"Cf", "Cc"})
    return unicodedata.normalize("NFKC", kept).strip()


def role_of_word(label: str) -> Role | None:
    """Return the role that a label says, or None where it says none.

    >>> [role_of_word(label) for label in ("访谈者", "小明奶奶", "王老师", "说话人1")]
    [<Role.INTERVIEWER: 'interviewer'>, <Role.CAREGIVER: 'caregiver'>, <Role.TEACHER: 'teacher'>, None]
    """
    word = plain_label(label) if len(label) <= _LONGEST else ""
    if is_respondent(word) and not _BETWEEN.search(word):
        return None
    for pattern, role in _ORDER:
        if pattern.fullmatch(word):
            return role
    return _role_of_parts(word)


def _role_of_parts(word: str) -> Role | None:
    """Return the role of a label of two parts: 周老师（访谈者）, 访谈员（王）, 小林/受访者.

    Whoever is called interviewer in either part is the interviewer, whatever else they are.
    """
    bracketed = _BRACKETED.fullmatch(word)
    parts = [bracketed[1], bracketed[2]] if bracketed else []
    parts = [piece for part in parts or [word] for piece in _BETWEEN.split(part)]
    # A blank parts a name from its role only where the role is one of the interview: 周老师 访谈者.
    words = word.split() if not bracketed and len(parts) == 1 else []
    if len(words) == 2 and any(is_respondent(part) or role_of_word(part) is Role.INTERVIEWER for part in words):
        parts = words
    roles = [role for part in parts if part != word and (role := role_of_word(part.strip())) is not None]
    return Role.INTERVIEWER if Role.INTERVIEWER in roles else next(iter(roles), None)


def role_of_value(value: str) -> Role | None:
    """Return the role that a cell of a table or a setting names, or None where it names none."""
    return _ROLE_VALUES.get(value.strip().lower()) or role_of_word(value)


def is_respondent(label: str) -> bool:
    """Say whether a label names the person who is asked, without saying who that is (受访者, 答)."""
    return _RESPONDENT.fullmatch(plain_label(label)) is not None


def is_metadata_key(label: str) -> bool:
    """Say whether a label is the key of a line about the interview (姓名, 访谈日期) rather than a speaker."""
    return _METADATA.fullmatch(plain_label(label)) is not None


def is_code(label: str) -> bool:
    """Say whether a label is a short code in Latin letters (I, P, Q1, C01)."""
    return _CODE.fullmatch(plain_label(label)) is not None


def is_speaker_word(label: str) -> bool:
    """Say whether a label is a word that names a speaker wherever it stands before a colon."""
    if is_code(label) or speaks_of(label):
        return False
    return is_respondent(label) or role_of_word(label) is not None or _NEUTRAL.fullmatch(plain_label(label)) is not None


def speaks_of(label: str) -> bool:
    """Say whether what stands before a colon is speech (我妈说) rather than a name."""
    word = plain_label(label)
    if len(word) == 1 or role_of_word(word) is Role.INTERVIEWER or is_respondent(word):
        return False
    return _PRONOUN.match(word) is not None or _SAYING.fullmatch(word) is not None
