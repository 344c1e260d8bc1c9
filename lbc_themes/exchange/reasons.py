"""Why the machine suggests a code, as text for programs that know no suggestions."""

from lbc_themes.core.records import RankedCode


def reason(ranked: RankedCode, rank: int) -> str:
    """Return the reason of one suggested code, a line each in Chinese and English, with its rank and probability."""
    why = ranked.evidence
    lines = [why.why_zh, why.why_en if why.why_en != why.why_zh else ""]
    if why.words:
        lines.append(f"依据词 / words: {'、'.join(why.words)}")
    if why.example:
        lines.append(f"最近的例子 / nearest example ({why.example_source or 'codebook'}): {why.example}")
    lines.append(
        f"机器建议第 {rank} 位，概率 {ranked.probability:.2f} / rank {rank}, probability {ranked.probability:.2f}"
    )
    return "\n".join(line for line in lines if line)
