"""The wording of notices, by topic, with places for the figures."""

from lbc_themes.core.records import Bilingual

REMARKS: dict[str, Bilingual] = {
    "uncoded-counted": Bilingual(
        zh="没有任何人编码的{unit_zh}也计入，算作一致；多数文本未编码时，一致率会因此偏高。"
        "uα 把未编码处当作空白，cuα 不计空白。",
        en="Uncoded text counts: {unit_en} that nobody coded count as agreement, which lifts percent agreement where "
        "most text is uncoded. In uα uncoded text is a gap; in cuα gaps do not count.",
    ),
    "uncoded-left-out": Bilingual(
        zh="没有任何人编码的{unit_zh}不计入；每一行只看至少一人给了所比较编码之一的{unit_zh}。"
        "uα 仍以全部可编码文本为准。",
        en="Uncoded text does not count: every row looks only at {unit_en} that at least one coder gave one of the "
        "codes. uα still looks at all codable text.",
    ),
    "no-draws": Bilingual(zh="未计算置信区间（draws=0）。", en="No intervals were asked for (draws=0)."),
    "no-interval": Bilingual(
        zh="只有 {n} 位参与者，不足以给出置信区间（至少 {fewest} 位）。",
        en="Participants: {n}, too few for an interval (at least {fewest}).",
    ),
    "few-participants": Bilingual(
        zh="方括号内为按参与者重抽样 {draws} 次的 95 % 百分位自助区间。参与者只有 {n} 位，区间很可能过窄。",
        en="Brackets hold 95 % percentile bootstrap intervals over participants ({draws} draws). "
        "With {n} participants they are probably too narrow.",
    ),
    "interval": Bilingual(
        zh="方括号内为按参与者重抽样 {draws} 次的 95 % 百分位自助区间。",
        en="Brackets hold 95 % percentile bootstrap intervals over participants ({draws} draws).",
    ),
    "not-read": Bilingual(
        zh="{coder} 在 {n} 份文本中没有编码（{some}），视为没有编过，而不是“什么都没有”；若编过，请用 read 说明。",
        en="{coder} has no coding in some transcripts ({n}): {some}. They count as not worked through, not as empty. "
        "Where that is wrong, say so with read.",
    ),
    "not-compared": Bilingual(
        zh="{coders} 没有共同编过的内容，没有比较。", en="Not compared, for there is nothing that both coded: {coders}."
    ),
    "dropped-codings": Bilingual(
        zh="{coder} 有 {n} 条编码不落在任何{unit_zh}上（例如在访谈者的话里），没有计入。",
        en="Codings of {coder} that count for none of the {unit_en} (for one, in the interviewer's speech) "
        "are left out: {n}.",
    ),
    "bars": Bilingual(
        zh="参照标准：κ 按 Landis 与 Koch（1977），.61 起为高度一致，.81 起为几乎完全一致；"
        "α 按 Krippendorff，.800 起可靠，.667 起仅供初步结论。这些是惯例而非检验，请连同区间与出现率一起看。",
        en="Bars: kappa after Landis & Koch (1977), .61 substantial, .81 almost perfect; alpha after Krippendorff, "
        ".800 reliable, .667 tentative. They are customs, not tests; read intervals and prevalence with them.",
    ),
    "many-coders": Bilingual(
        zh="编码者多于两位：κ 为 Fleiss κ，另列两两 Cohen κ 的平均。",
        en="More than two coders: kappa is Fleiss' kappa, with the mean of pairwise Cohen's kappas beside it.",
    ),
    "prevalence-paradox": Bilingual(
        zh="{name_zh}：一致率 {percent:.2f}、AC1 {ac1:.2f}，而 κ 只有 {kappa:.2f}。"
        "出现率偏向一端（{shares}）；不要只报告其中一个数。",
        en="{name_en}: agreement {percent:.2f} and AC1 {ac1:.2f}, but kappa {kappa:.2f}. "
        "Prevalence is lopsided ({shares}); never report one of them alone.",
    ),
    "undefined": Bilingual(
        zh="{name_zh}：所有编码者在所有单位上都一样，κ 与 α 无从计算。",
        en="{name_en}: every coder says the same of every unit, so that kappa and alpha are undefined.",
    ),
}


def remark(topic: str, **figures: object) -> Bilingual:
    """Return the wording of ``topic`` with its figures filled in."""
    said = REMARKS[topic]
    return Bilingual(zh=said.zh.format(**figures), en=said.en.format(**figures))
