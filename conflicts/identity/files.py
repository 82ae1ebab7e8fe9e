"""Company records in CSV files for match_accounts: columns may be missing, and whatever is wrong is named by its line."""

import csv
import gzip
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from conflicts.identity.party import Party

COLUMNS = ("id", "name", "domain", "country", "city", "postal_code", "phone", "lei", "vat_id", "duns")
LONGEST_CELL = 100_000


class BadFileError(ValueError):
    """The file cannot be used; the text says which, where and why."""


def read_companies(path: Path) -> list[dict[str, str]]:
    """The records of a file with an `id` each, all different; every column of COLUMNS is there, perhaps empty."""
    rows, seen = [], dict[str, int]()
    for line, row in _rows(path, needed=("id",)):
        ref = row["id"]
        if not ref:
            raise BadFileError(f"{path}, line {line}: the id is missing.")
        if ref in seen:
            raise BadFileError(f"{path}, line {line}: the id '{ref[:60]}' is also that of line {seen[ref]}.")
        if len(ref) > 200:
            raise BadFileError(f"{path}, line {line}: the id has more than 200 characters.")
        seen[ref] = line
        rows.append({name: row.get(name, "") for name in COLUMNS})
    return rows


def read_pairs(path: Path) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """The two sides of each row of a file with left_* and right_* columns; without ids the line number is one."""
    for line, row in _rows(path, needed=()):
        if not any(name.startswith("left_") for name in row) or not any(name.startswith("right_") for name in row):
            raise BadFileError(
                f"{path} needs columns that begin with left_ and right_, such as left_name and right_name."
            )
        sides = [{name: row.get(f"{side}_{name}", "") for name in COLUMNS} for side in ("left", "right")]
        yield tuple(side | {"id": side["id"] or str(line)} for side in sides)  # type: ignore[misc]


def party_of(row: Mapping[str, str]) -> Party:
    """A record as the scorer compares it."""
    return Party.of(
        row["name"], country=row["country"], city=row["city"], postal_code=row["postal_code"], domain=row["domain"],
        phone=row["phone"], identifiers={"lei": row["lei"], "vat": row["vat_id"], "duns": row["duns"]},
    )  # fmt: skip


def _rows(path: Path, needed: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    csv.field_size_limit(LONGEST_CELL)
    try:
        with _open(path) as file:
            reader = csv.DictReader(file, strict=True)
            _check_header(path, reader.fieldnames, needed)
            for row in reader:
                if None in row or None in row.values():
                    raise BadFileError(f"{path}, line {reader.line_num}: it has not as many columns as the header.")
                yield reader.line_num, {k.strip().lower(): v.replace("\0", "").strip() for k, v in row.items()}
    except OSError as error:
        raise BadFileError(f"{path} cannot be read: {error.strerror or error}.") from None
    except EOFError:
        raise BadFileError(f"{path} ends too early: the compressed file is damaged.") from None
    except UnicodeDecodeError:
        raise BadFileError(f"{path} is not UTF-8 text.") from None
    except csv.Error as error:
        raise BadFileError(f"{path} is no proper CSV: {error}.") from None


def _open(path: Path) -> IO[Any]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _check_header(path: Path, names: Any, needed: tuple[str, ...]) -> None:
    if not names:
        raise BadFileError(f"{path} is empty: its first line must name the columns.")
    plain = [name.strip().lower() for name in names]
    for name in needed:
        if name not in plain:
            raise BadFileError(f"{path} has no column '{name}'; its columns are {', '.join(plain)[:200]}.")
    twice = next((name for name in plain if plain.count(name) > 1), None)
    if twice is not None:
        raise BadFileError(f"{path} names the column '{twice}' twice.")
