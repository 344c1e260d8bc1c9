"""For the reference: a doctest at the end of a docstring becomes its section of examples, shown as code."""

import re
import textwrap
from typing import Any

import griffe

_DOCTEST = re.compile(r"\n\n(>>> .*)\Z", re.DOTALL)


class ExamplesSection(griffe.Extension):
    """Puts ``Examples:`` before doctests, which Google's style asks for and readers of the source do not need."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:  # noqa: ANN401 (griffe passes more)
        """Rewrite the docstring that the reference is made from; the source stays as it is."""
        if obj.docstring is not None:
            text = textwrap.dedent(obj.docstring.value)
            obj.docstring.value = _DOCTEST.sub(
                lambda found: "\n\nExamples:\n" + textwrap.indent(found[1].rstrip(), "    "), text
            )
