"""Suggestions ranked and explained by a language model, among the codes that the suggester put first."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Codebook, Passage, RankedCode, Suggestion
from lbc_themes.llm.address import checked_address
from lbc_themes.llm.chat import Server
from lbc_themes.llm.hidden import Said, as_said, pseudonymised
from lbc_themes.llm.prompt import SYSTEM, VERSION, Answer, asked, read_answer
from lbc_themes.suggest.text_language import language_of

UNCLEAR = "llm-unclear"
NOTHING_FITS = "nothing-fits"


def second_opinion(
    suggestions: Sequence[Suggestion],
    passages: Sequence[Passage],
    codebook: Codebook | None = None,
    *,
    address: str,
    model: str,
    timeout: float = 60.0,
    allow_remote: bool = False,
    api_key: str = "",
    advance: Callable[[int], object] | None = None,
) -> list[Suggestion]:
    """Ask a language model to rank the suggested codes of each passage and to say why. A person still decides.

    Args:
        suggestions: What ``CodeSuggester.suggest`` returned, with as many candidates as the model shall see (``top``).
            Those without codes are returned as they are and not asked about.
        passages: The passages of the suggestions, in the same order.
        codebook: The codebook whose definitions the model reads; without it the ids stand for themselves.
        address: The base of an OpenAI-compatible interface (Ollama, vLLM, llama.cpp's server) on this machine, such as
            http://127.0.0.1:8080/v1.
        model: The model's name there.
        timeout: Seconds that one answer may take.
        allow_remote: Allow another machine, by https. Then only pseudonymised text leaves, for which the extra
            ``privacy`` must be installed; no method finds every name.
        api_key: Sent as a bearer token where the server wants one.
        advance: Called with 1 after each passage.

    Returns:
        A suggestion for each passage. Codes that the model left out are gone; probabilities are still the suggester's,
        ``score`` counts down from the number of codes. ``options`` records the model, its address and the wording of
        the question. Where the model says that nothing fits, the reason is "nothing-fits", and where its answer cannot
        be read, "llm-unclear": then nothing else is put in its place.

    Raises:
        InputError: an address that is refused, a server that does not answer as it should, rows that do not fit.
        MissingExtraError: ``allow_remote`` without the extra ``privacy``.
    """
    _refuse_what_does_not_fit(suggestions, passages, model, timeout, api_key)
    where = checked_address(address, allow_remote=allow_remote)
    server = Server(address=where, model=model, timeout=timeout, api_key=api_key)
    spoken = [row for row, suggestion in enumerate(suggestions) if suggestion.codes]
    shown = [passages[row] for row in spoken]
    result = list(suggestions)
    for row, said in zip(spoken, as_said(shown) if where.loopback else pseudonymised(shown), strict=True):
        result[row] = _asked_about(suggestions[row], said, codebook, server)
        if advance:
            advance(1)
    return result


def _asked_about(suggestion: Suggestion, said: Said, codebook: Codebook | None, server: Server) -> Suggestion:
    language = language_of(said.text)
    candidates = [codebook[code.code_id] if codebook else code.code_id for code in suggestion.codes]
    answer = server.answer(SYSTEM[language], asked(said.text, said.question, candidates, language))
    options = dict(suggestion.options) | {
        "ranked_by": f"llm:{server.model}", "llm_address": server.address.shown, "llm_prompt": VERSION,
        "llm_text": "as said" if server.address.loopback else "pseudonymised",
    }  # fmt: skip
    read = read_answer(answer, len(candidates))
    if read is None or not read.order:
        reason = UNCLEAR if read is None else NOTHING_FITS
        return replace(suggestion, codes=(), reason=reason, options=options)
    return replace(suggestion, codes=_ranked(suggestion.codes, read, server.model), options=options)


def _ranked(codes: Sequence[RankedCode], answer: Answer, model: str) -> tuple[RankedCode, ...]:
    chosen = [replace(codes[at], score=float(len(answer.order) - n)) for n, at in enumerate(answer.order)]
    if answer.why:
        zh, en = f"语言模型 {model} 的说法：{answer.why}", f"the language model {model} says: {answer.why}"
        first = chosen[0].evidence
        chosen[0] = replace(chosen[0], evidence=replace(first, why_zh=zh, why_en=en))
    return tuple(chosen)


def _refuse_what_does_not_fit(
    suggestions: Sequence[Suggestion], passages: Sequence[Passage], model: str, timeout: float, api_key: str
) -> None:
    if [suggestion.passage_id for suggestion in suggestions] != [passage.id for passage in passages]:
        raise InputError("second_opinion takes one suggestion for each passage, in the order of the passages")
    if not model.strip() or not model.isprintable():
        raise InputError("name the model as the server knows it, for example model='qwen3:8b'")
    if not timeout > 0:
        raise InputError(f"timeout is a number of seconds above 0, not {timeout}")
    if not (api_key.isascii() and api_key.isprintable()):
        raise InputError("api_key must be of ASCII characters without line breaks")
