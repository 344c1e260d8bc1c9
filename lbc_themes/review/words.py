"""Words that several pages share, in both languages."""

from lbc_themes.core.records import Bilingual, Verdict
from lbc_themes.report.wording import DISTRESS, REASONS, ROLES

VERDICTS = {
    Verdict.ACCEPTED: Bilingual(zh="接受建议", en="accepted"),
    Verdict.CHANGED: Bilingual(zh="自选编码", en="own choice"),
    Verdict.REJECTED: Bilingual(zh="不用建议", en="turned down"),
}
STORED = {
    "codes": Bilingual(zh="已保存：{}", en="Stored: {}"),
    "reject": Bilingual(zh="已保存：建议都不合适", en="Stored: none of the suggestions"),
    "nothing": Bilingual(zh="已保存：没有合适的编码", en="Stored: no code applies"),
    "memo": Bilingual(zh="备忘已保存", en="Memo stored"),
    "span": Bilingual(zh="选中的文字已编码：{}", en="Selection coded: {}"),
    "undone": Bilingual(zh="已撤销上一步", en="Last step taken back"),
    "undo-nothing": Bilingual(zh="没有可撤销的内容", en="There is nothing to take back"),
    "settled": Bilingual(zh="已裁定：{}", en="Settled: {}"),
    "settled-nothing": Bilingual(zh="已裁定：没有合适的编码", en="Settled: no code applies"),
    "none": Bilingual(zh="没有勾选编码，没有保存", en="No code is ticked; nothing was stored"),
    "done": Bilingual(zh="全部段落都已编码。", en="Every passage is coded."),
}
WORDS = {"roles": ROLES, "reasons": REASONS, "distress": DISTRESS, "verdicts": VERDICTS}
