"""How much memory a program has held."""

import resource
import sys
from pathlib import Path


def peak_mb(process: int | str = "self") -> float:
    """The most that a process has held, in MB.

    Linux passes on in ru_maxrss what the starting program held, so the process's own high-water mark is read where
    there is one. Elsewhere another process than this one cannot be asked: 0.
    """
    status = Path(f"/proc/{process}/status")
    if status.exists():
        marks = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
        return int(marks[0].split()[1]) / 1024 if marks else 0.0
    if process != "self":
        return 0.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
