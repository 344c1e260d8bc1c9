"""A llama.cpp engine behind an OpenAI-compatible address, for ``make bench-llm``: llm_server.py MODEL PORT.

It is the server of the package cyllama with two faults mended: the memory of one request was kept for the next, which
then failed, and messages were joined without the turns that Gemma was trained on.
"""

import sys
import time
from typing import Any

from cyllama.llama.server import python as served


def main(model: str, port: int) -> None:
    """Answer on loopback until the process is ended."""
    kept = served.ServerSlot.reset

    def reset(slot: Any) -> None:  # noqa: ANN401 (the package's own class)
        kept(slot)
        slot.context.kv_cache_clear()

    def turns(_: Any, messages: list[Any]) -> str:  # noqa: ANN401
        said = "\n\n".join(message.content for message in messages)
        return f"<start_of_turn>user\n{said}<end_of_turn>\n<start_of_turn>model\n"

    served.ServerSlot.reset = reset
    served.PythonServer._messages_to_prompt = turns
    served.start_python_server(model, host="127.0.0.1", port=port, n_ctx=4096, n_gpu_layers=0)
    while True:
        time.sleep(60)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
