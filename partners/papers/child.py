"""The child process: it limits itself, reads one file from its standard input, and says in JSON what it found.

`python -m partners.papers.child look NAME` or `... table MOST_ROWS`; started by `apart`.
"""

import json
import resource
import sys

MEMORY = 256 * 1024**2  # bytes of address space
SECONDS = 10  # of processor time; `apart` counts as many on the clock


def limit() -> None:
    """No more memory, time, files or processes than looking at one file takes."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def main() -> None:
    """Answer {"good": ...} or {"refused": [words, values]}; anything else that goes wrong ends the process."""
    limit()
    from partners.papers.looking import look
    from partners.papers.refusing import RefusedFileError
    from partners.papers.refusing import mark as _
    from partners.papers.table import table

    task, argument = sys.argv[1:3]
    try:
        data = sys.stdin.buffer.read()
        answer = {"good": look(data, argument) if task == "look" else table(data, int(argument))}
    except RefusedFileError as error:
        answer = {"refused": error.part}  # type: ignore[dict-item]
    except MemoryError:
        answer = {"refused": (_("takes more memory to read than a file may."), {})}  # type: ignore[dict-item]
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
