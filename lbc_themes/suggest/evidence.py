"""Why a code is suggested, as a sentence in each language."""

from lbc_themes.core.records import Evidence


def evidence(words: tuple[str, ...], example: str, source: str, alike: int = 0) -> Evidence:
    """Return the evidence with a sentence in each language made of what there is.

    ``source`` is "codebook", or "coded" where ``example`` is a passage coded by hand; then ``alike`` is how many of the
    ten passages nearest to this one carry the code.
    """
    zh, en = [], []
    if words:
        zh.append("提到" + "、".join(f"“{word}”" for word in words))
        en.append("it says " + ", ".join(f"“{word}”" for word in words))
    if example and source == "coded":
        zh.append(
            f"与您已这样编码的 {alike} 个段落相近，如：“{example}”"
            if alike
            else f"与您已这样编码的段落相近：“{example}”"
        )
        en.append(
            f"like {alike} passages that you coded so, e.g. “{example}”"
            if alike
            else f"like a passage that you coded so: “{example}”"
        )
    elif example:
        zh.append(f"与编码本的例句相近：“{example}”")
        en.append(f"close to the codebook's example “{example}”")
    return Evidence(
        words=words,
        example=example,
        example_source=source if example else "",
        why_zh="；".join(zh) or "整段意思与编码定义相近",
        why_en="; ".join(en) or "as a whole it is close to the code's definition",
    )
