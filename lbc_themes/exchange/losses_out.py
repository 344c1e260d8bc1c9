"""What another program does not see of a study."""

from collections.abc import Iterator

from lbc_themes.core.records import Bilingual, Decision
from lbc_themes.core.study_log import Contents, Retraction, latest
from lbc_themes.exchange.loss import Loss
from lbc_themes.exchange.qdc import head_loss
from lbc_themes.exchange.qdpx_write import Draft, remarks
from lbc_themes.exchange.tree import legal


def export_losses(contents: Contents, draft: Draft) -> Iterator[Loss]:
    """Yield what a REFI-QDA project has no place for."""
    turns = sum(len(transcript.turns) for transcript in contents.transcripts)
    if turns:
        yield _loss("turns", turns, "话轮的说话人、角色和时间", "speakers, roles and times of turns")
    if contents.passages:
        yield _loss("passages", len(contents.passages), "没有编码的段落边界", "the bounds of passages without codes")
    decisions = [entry.record for entry in contents.entries if isinstance(entry.record, Decision)]
    if decisions:
        en = "decisions as such: only the codes that stand are seen, not what was rejected, changed or taken back"
        yield _loss("decisions", len(decisions), "决定本身：只看得到现有的编码，看不到否决、修改和撤销", en)
    taken = sum(isinstance(entry.record, Retraction) for entry in contents.entries)
    if taken:
        yield _loss("retractions", taken, "撤销的记录", "what was taken back")
    silent = sum(not suggestion.codes for _, suggestion in latest(contents.runs).values())
    if silent:
        en = "suggestions of no code, with their reason"
        yield _loss("no-suggestion", silent, "机器没有建议的段落及其理由", en)
    if len(contents.runs) > 1:
        yield _loss("earlier-runs", len(contents.runs) - 1, "机器较早的建议", "earlier runs of the machine")
    if len(contents.codebooks) > 1:
        yield _loss("codebook-versions", len(contents.codebooks) - 1, "编码本的旧版本", "earlier codebook versions")
    yield from head_loss(contents.codebook)
    unbound = sum(memo.about == "theme" for memo in draft.memos)
    if unbound:
        yield _loss("theme-memos", unbound, "备忘录与主题的联系", "which theme a memo is about")
    joined = sum(len(memos) - 1 for memos in remarks(draft.memos).values())
    if joined:
        en = "memos of one coder on one passage: written as one, for QualCoder takes only one"
        yield _loss("memos-joined", joined, "同一人对同一段的几条备忘：合写为一条（QualCoder 只收一条）", en)
    ends = [transcript.id for transcript in contents.transcripts if "\r" in transcript.text]
    if ends:
        en = "line ends: written as \\n, positions moved accordingly"
        yield _loss("line-ends", len(ends), "换行符：一律写成 \\n，位置相应移动", en, ends[0])
    odd = [transcript.id for transcript in contents.transcripts if legal(transcript.text) != transcript.text]
    if odd:
        zh, en = (
            "选段名称里 XML 不允许的控制字符",
            "control characters in the names of selections, which XML does not allow",
        )
        yield _loss("control-characters", len(odd), zh, en, odd[0])


def _loss(topic: str, count: int, zh: str, en: str, where: str = "") -> Loss:
    return Loss(topic=topic, text=Bilingual(zh=zh, en=en), count=count, where=where)
