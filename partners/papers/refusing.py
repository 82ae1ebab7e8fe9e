"""What stops a file: a sentence for the person who brought it, which follows the file's name."""

from collections.abc import Callable
from typing import Any

Part = tuple[str, dict[str, Any]]  # words, and what stands in their %(places)s: a text, a number, or such a part again


class RefusedFileError(Exception):
    """The file cannot be taken; the words end a sentence that begins with its name. They are put together when told."""

    def __init__(self, words: str, **values: Any) -> None:
        super().__init__(words, values)
        self.part: Part = (words, values)

    def told(self, translate: Callable[[str], str], counted: Callable[[int], str]) -> str:
        """The words in the language of `translate`, with numbers as `counted` writes them."""

        def put(value: Any) -> Any:
            if isinstance(value, tuple | list):
                words, values = value
                return (
                    translate(words) % {name: put(inner) for name, inner in values.items()}
                    if values
                    else translate(words)
                )
            return counted(value) if isinstance(value, int) else value

        return str(put(self.part))

    def __str__(self) -> str:
        return self.told(str, "{:,}".format)


def mark(words: str) -> str:
    """The words, marked for translation: this room does not know Django, whoever tells them does."""
    return words


# What is seen in a file that is taken all the same: code -> what the desk says of it.
FLAGS = {
    "path": "its name held a path",
    "control": "its name held control characters",
    "right_to_left": "its name holds right-to-left characters",
    "script": "holds a script or an automatic action",
    "attached": "holds other files",
    "protected": "is protected: a password may be needed",
    "outside": "refers to files elsewhere",
    "tail": "carries something after its end",
}
