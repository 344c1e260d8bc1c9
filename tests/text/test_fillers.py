"""Back-channels: what is only listening, and what is an answer."""

import pytest

from lbc_themes.text.words import is_backchannel, is_listening


@pytest.mark.parametrize(
    "text", ["", "  ", "嗯", "嗯嗯，嗯。", "eng eng eng", "Eng", "对呀对呀", "啊，哦", "是吗？", "好好好", "OK", "對的"]
)
def test_sounds_and_yes_words_are_back_channels(text: str) -> None:
    assert is_backchannel(text)
    assert is_listening(text)


@pytest.mark.parametrize(
    "text", ["没有", "不是", "想", "会", "english", "errand", "对不起", "好累", "嗯我想他", "是妈妈", "行李", "中学"]
)
def test_words_that_say_something_are_none(text: str) -> None:
    assert not is_backchannel(text)
    assert not is_listening(text)


@pytest.mark.parametrize("text", ["知道了", "明白", "然后呢", "你继续说", "嗯（笑）", "真的吗？", "瞭解"])
def test_some_words_only_listen_in_the_interviewers_mouth(text: str) -> None:
    assert is_listening(text) is True


@pytest.mark.parametrize("text", ["知道了", "明白", "行", "中", "可以", "（哭）"])
def test_the_same_words_answer_in_a_participants_mouth(text: str) -> None:
    assert not is_backchannel(text)


def test_a_long_run_of_back_channels_is_looked_at_as_speech() -> None:
    assert not is_backchannel("嗯" * 25)
