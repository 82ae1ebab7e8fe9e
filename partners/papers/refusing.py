"""What stops a file: a sentence for the person who brought it, which follows the file's name."""


class RefusedFileError(Exception):
    """The file cannot be taken; the text ends a sentence that begins with its name."""


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
