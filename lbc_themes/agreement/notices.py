"""What must be said beside the figures."""

from collections.abc import Iterator, Sequence

from lbc_themes.agreement.material import Material
from lbc_themes.agreement.remarks import remark
from lbc_themes.agreement.resample import FEWEST
from lbc_themes.agreement.table import AgreementRow, AgreementTable, Notice
from lbc_themes.agreement.wording import SCOPES, UNITS

FEW = 20
HIGH_PERCENT, LOW_KAPPA, APART = 0.8, 0.6, 0.2


def notices_of(table: AgreementTable, material: Material) -> tuple[Notice, ...]:
    """Return the notices of a table, the general ones first."""
    general = (_uncoded(table), _interval(table), *_not_read(material), *_dropped(table, material), *_bars(table))
    return (*general, *(notice for row in table.rows for notice in (*_paradox(row), *_undefined(row))))


def _notice(topic: str, *, code_id: str = "", **figures: object) -> Notice:
    return Notice(topic=topic, code_id=code_id, text=remark(topic, **figures))


def not_compared(coders: Sequence[str]) -> Notice:
    """Return that coders who share no unit are not compared."""
    return _notice("not-compared", coders=" × ".join(coders))


def _uncoded(table: AgreementTable) -> Notice:
    unit = UNITS[table.unit]
    topic = "uncoded-counted" if table.include_uncoded else "uncoded-left-out"
    return _notice(topic, unit_zh=unit.zh, unit_en=unit.en)


def _interval(table: AgreementTable) -> Notice:
    n = table.participants
    if not table.draws:
        return _notice("no-draws")
    if n < FEWEST:
        return _notice("no-interval", n=n, fewest=FEWEST)
    return _notice("few-participants" if n < FEW else "interval", n=n, draws=table.draws)


def _not_read(material: Material) -> Iterator[Notice]:
    everything = frozenset().union(*material.read.values())
    for coder in material.grid.coders:
        missing = sorted(everything - material.read[coder])
        if missing:
            some = ", ".join(missing[:5]) + (" …" if len(missing) > 5 else "")
            yield _notice("not-read", coder=coder, n=len(missing), some=some)


def _dropped(table: AgreementTable, material: Material) -> Iterator[Notice]:
    unit = UNITS[table.unit]
    for coder, n in sorted(material.grid.dropped.items()):
        yield _notice("dropped-codings", coder=coder, n=n, unit_zh=unit.zh, unit_en=unit.en)


def _bars(table: AgreementTable) -> Iterator[Notice]:
    yield _notice("bars")
    if len(table.coders) > 2:
        yield _notice("many-coders")


def _paradox(row: AgreementRow) -> Iterator[Notice]:
    percent, kappa, ac1 = row.measures["percent"].value, row.kappa.value, row.measures["ac1"].value
    if percent is None or kappa is None or ac1 is None:
        return
    if percent >= HIGH_PERCENT and kappa < LOW_KAPPA and ac1 - kappa >= APART:
        known = {coder: share.value for coder, share in row.prevalence.items() if share.value is not None}
        shares = ", ".join(f"{coder} {share:.2f}" for coder, share in known.items())
        figures = {"percent": percent, "kappa": kappa, "ac1": ac1, "shares": shares}
        yield _notice("prevalence-paradox", code_id=row.code_id, **_names(row), **figures)


def _undefined(row: AgreementRow) -> Iterator[Notice]:
    if row.kappa.value is None:
        yield _notice("undefined", code_id=row.code_id, **_names(row))


def _names(row: AgreementRow) -> dict[str, object]:
    if row.scope == "code":
        return {"name_zh": row.code_id, "name_en": row.code_id}
    return {"name_zh": SCOPES[row.scope].zh, "name_en": SCOPES[row.scope].en}
