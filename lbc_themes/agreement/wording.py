"""What measures, bars and columns are called, in Chinese and English."""

from lbc_themes.core.records import Bilingual

MEASURES: dict[str, Bilingual] = {
    "percent": Bilingual(zh="一致率", en="Percent agreement"),
    "cohen_kappa": Bilingual(zh="Cohen κ", en="Cohen's kappa"),
    "fleiss_kappa": Bilingual(zh="Fleiss κ", en="Fleiss' kappa"),
    "mean_cohen_kappa": Bilingual(zh="两两 Cohen κ 的平均", en="Mean pairwise Cohen's kappa"),
    "alpha": Bilingual(zh="Krippendorff α（名义）", en="Krippendorff's alpha (nominal)"),
    "ac1": Bilingual(zh="Gwet AC1", en="Gwet's AC1"),
    "brennan_prediger": Bilingual(zh="Brennan–Prediger κ", en="Brennan-Prediger"),
    "alpha_jaccard": Bilingual(zh="α（Jaccard 距离）", en="Alpha (Jaccard distance)"),
    "alpha_masi": Bilingual(zh="α（MASI 距离）", en="Alpha (MASI distance)"),
    "u_alpha": Bilingual(zh="分段 uα", en="Unitizing uα"),
    "bar_u_alpha": Bilingual(zh="分段 |uα（只看是否编码）", en="Unitizing |uα (coded or not)"),
    "cu_alpha": Bilingual(zh="分段 cuα（只看共同编码处）", en="Unitizing cuα (where both coded)"),
}
COLUMNS = {
    "kind": Bilingual(zh="比较", en="Comparison"),
    "coders": Bilingual(zh="编码者", en="Coders"),
    "code": Bilingual(zh="编码", en="Code"),
    "units": Bilingual(zh="单位数", en="Units"),
    "prevalence": Bilingual(zh="出现率", en="Prevalence"),
    "reading": Bilingual(zh="参照标准", en="Against the bars"),
    "notes": Bilingual(zh="说明", en="Notes"),
    "title": Bilingual(zh="编码者一致性", en="Agreement between coders"),
}
SCOPES = {
    "overall": Bilingual(zh="总体（整组编码相同才算一致）", en="Overall (the same set of codes)"),
    "pooled": Bilingual(zh="合并（每个编码在每个单位上各算一次）", en="Pooled (each code on each unit)"),
}
KINDS = {
    "all": Bilingual(zh="全部", en="All"),
    "human-human": Bilingual(zh="人—人", en="Human-human"),
    "human-machine": Bilingual(zh="人—机", en="Human-machine"),
}
UNITS = {
    "character": Bilingual(zh="字符", en="characters"),
    "sentence": Bilingual(zh="句子", en="sentences"),
    "passage": Bilingual(zh="段落", en="passages"),
    "turn": Bilingual(zh="话轮", en="turns"),
}

_LANDIS_KOCH = (
    (0.81, Bilingual(zh="几乎完全一致", en="almost perfect")),
    (0.61, Bilingual(zh="高度一致", en="substantial")),
    (0.41, Bilingual(zh="中等", en="moderate")),
    (0.21, Bilingual(zh="一般", en="fair")),
    (0.0, Bilingual(zh="轻微", en="slight")),
)
_KRIPPENDORFF = (
    (0.800, Bilingual(zh="可靠（≥ .800）", en="reliable (.800 or more)")),
    (0.667, Bilingual(zh="仅供初步结论（≥ .667）", en="tentative (.667 or more)")),
)


def landis_koch(kappa: float) -> Bilingual:
    """Return the word of Landis & Koch (1977, Biometrics 33, 165) for a kappa.

    >>> landis_koch(0.61).en, landis_koch(-0.1).en
    ('substantial', 'poor')
    """
    return next((word for bar, word in _LANDIS_KOCH if kappa >= bar), Bilingual(zh="差", en="poor"))


def krippendorff_bar(alpha: float) -> Bilingual:
    """Return which bar of Krippendorff (2019, Content Analysis, section 12.4) an alpha reaches.

    >>> krippendorff_bar(0.7).en
    'tentative (.667 or more)'
    """
    return next(
        (word for bar, word in _KRIPPENDORFF if alpha >= bar),
        Bilingual(zh="不足（< .667）", en="not reliable (under .667)"),
    )
