"""Numbers and addresses that point to a person: found by their form, in Latin, full-width and spoken digits."""

import re
from collections.abc import Iterator

from lbc_themes.privacy.found import Found
from lbc_themes.privacy.kinds import Kind

_RANK = 9
_D = r"[0-9０-９]"
_SPOKEN = "[零〇一二三四五六七八九幺两]"
_NO_DIGIT = r"(?![0-9０-９A-Za-z])"
_BARE = r"(?<![0-9０-９A-Za-z.])"
_IS = r"(?:号码|账号|帐号|号|[Ii][Dd])?\s*(?:[是为叫：:，]|就是)*\s*"
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_YEAR = rf"(?:(?:19|20){_D}{{2}}|(?:一九|二[零〇]){_SPOKEN}{{2}}|[零〇九]{_SPOKEN}|{_D}{{2}})"
_MONTH = r"(?:[0-9０-９]{1,2}|正|冬|腊|[一二三四五六七八九十]{1,3})"
_DAY = r"(?:初?[0-9０-９]{1,2}|初?[一二三四五六七八九十廿]{1,3})"
_DATE = rf"(?:{_YEAR}\s*[年./\-]\s*{_MONTH}\s*[月./\-]\s*{_DAY}[日号]?|{_YEAR}年?(?:农历|阴历)?{_MONTH}月(?:{_DAY}[日号]?)?|(?:农历|阴历|阳历)?{_MONTH}月{_DAY}[日号]?)"

_RULES: tuple[tuple[Kind, int, str], ...] = (
    (Kind.EMAIL, 0, r"[A-Za-z0-9_.+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+"),
    (Kind.ID_NUMBER, 0, rf"{_BARE}[1-9]{_D}{{5}}[ \-]?(?:18|19|20){_D}{{2}}(?:0[1-9]|1[0-2])(?:[0-2]{_D}|3[01])[ \-]?{_D}{{3}}[0-9Xx０-９Ｘｘ]{_NO_DIGIT}"),
    (Kind.ID_NUMBER, 0, rf"{_BARE}{_D}{{17}}[0-9Xx０-９Ｘｘ]{_NO_DIGIT}"),
    (Kind.ID_NUMBER, 1, rf"(?:身份证|学籍|学号|证件|护照|社保|银行卡|卡号|准考证)[^0-9０-９A-Za-z，。\n]{{0,6}}([A-Za-z]{{0,2}}{_D}(?:[ \-]?[0-9０-９Xx]){{5,22}})"),
    (Kind.PHONE, 0, rf"{_BARE}(?:(?:\+|00)?86[ \-]?)?[1１][3-9３-９]{_D}(?:[ \-]?{_D}){{8}}{_NO_DIGIT}"),
    (Kind.PHONE, 0, rf"{_BARE}[(（]?[0０]{_D}{{2,3}}[)）]?[ \-－]?{_D}{{7,8}}{_NO_DIGIT}"),
    (Kind.PHONE, 0, rf"(?<!{_SPOKEN})[一幺][三四五六七八九](?:[ ，、]?{_SPOKEN}){{9}}(?!{_SPOKEN})"),
    (Kind.PHONE, 1, rf"(?:电话|手机|座机|联系方式|号码|短号)[^0-9０-９，。\n]{{0,5}}({_D}(?:[ \-]?{_D}){{5,11}}){_NO_DIGIT}"),
    (Kind.ACCOUNT, 0, r"(?<![A-Za-z0-9])wxid_[A-Za-z0-9]{6,}"),
    (Kind.ACCOUNT, 1, rf"(?:[QqＱ]{{2}}|扣扣|企鹅号)(?:群|小号)?{_IS}([1-9１-９]{_D}{{4,11}}){_NO_DIGIT}"),
    (Kind.ACCOUNT, 1, rf"(?:微信|薇信|威信|[Vv][Xx]|[Ww][Xx]|[Ww]e[Cc]hat|[Vv]信|抖音|快手|支付宝|小红书){_IS}([A-Za-z0-9][A-Za-z0-9_\-]{{4,24}})(?![A-Za-z0-9])"),
    (Kind.PLATE, 0, rf"[{_PROVINCES}][A-Z][·\s\-]?[A-HJ-NP-Z0-9]{{4,5}}[A-HJ-NP-Z0-9挂学警港澳](?![A-Za-z0-9])"),
    (Kind.BIRTH_DATE, 1, rf"(?:出生(?:日期|年月|于|在|的)?|生日|生于|生辰|born)[^，。\n]{{0,6}}?({_DATE})"),
    (Kind.BIRTH_DATE, 1, rf"({_DATE})(?=\s*(?:出生|生的|生人|的生日|是我的?生日|过生日|生日))"),
    (Kind.ADDRESS, 0, rf"(?:{_D}{{1,4}}|[一二三四五六七八九十百]{{1,4}})(?:号楼|栋|幢|单元|弄|号院)(?:(?:{_D}{{1,4}}|[一二三四五六七八九十]{{1,3}})(?:单元|楼|层|室|号|户))*"),
    (Kind.ADDRESS, 1, rf"(?<=[路街巷道弄村])((?:{_D}{{1,5}}|[一二三四五六七八九十百]{{1,5}})号(?:之{_D}+)?)"),
    (Kind.ADDRESS, 1, rf"(?<=[村庄寨湾])((?:第?{_D}{{1,2}}|第?[一二三四五六七八九十]{{1,3}})(?:村民)?(?:组|队|社))"),
)  # fmt: skip
_COMPILED = tuple((kind, group, re.compile(rule)) for kind, group, rule in _RULES)


def numbers(text: str) -> Iterator[Found]:
    """Yield phones, identity and card numbers, accounts, e-mails, plates, house numbers and dates of birth in ``text``.

    Identity numbers are taken by their form (18 places with a date inside, or any 18 digits) and not by their check
    digit: one that was misheard still points to its owner. A date counts where the words beside it speak of birth.
    """
    for order, (kind, group, rule) in enumerate(_COMPILED):
        for match in rule.finditer(text):
            yield Found(start=match.start(group), end=match.end(group), kind=kind, rank=_RANK + (order < 4))
