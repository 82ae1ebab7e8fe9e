"""How a scan goes through the stock: by the index, by Splink, or in memory for partners; each in steps that can be repeated."""

import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conflicts.identity.bulk.apart import Pair, apart, in_order
from conflicts.identity.bulk.blocks import corpus_of, pairs_of
from conflicts.identity.bulk.export import write_accounts
from conflicts.identity.bulk.judging import judge_pair, without_itself, worth_proposing
from conflicts.identity.candidates import candidates
from conflicts.identity.learning import weights_in_force
from conflicts.identity.party import Corpus, Party
from conflicts.identity.score import Match
from conflicts.identity.stock import LiveStock
from conflicts.models import DuplicateScan, Engine
from partners.identity import standing_partners
from partners.models import Account, Partner

if TYPE_CHECKING:
    from conflicts.identity.bulk.linking import Linking

STEP = 100  # accounts that the index looks for at a time
PIECE = 250_000  # records that Splink looks for at a time
JUDGED = 2000  # pairs that are judged at a time
MOST = 10  # pairs of one account that Splink may propose


@dataclass(frozen=True)
class Step:
    """What one step found, how many it looked at, and from where to go on ("" = that was the last)."""

    pairs: dict[Pair, Match]
    looked_at: int
    resume_at: str


def search_of(scan: DuplicateScan) -> Any:
    """The search that a scan was started with."""
    if scan.of_partners:
        return PartnerSearch(scan)
    return SplinkSearch(scan) if scan.engine == Engine.SPLINK else IndexSearch(scan)


def parties_of(scan: DuplicateScan, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Party]:
    """Accounts or partners as the scorer compares them."""
    if not scan.of_partners:
        return LiveStock(scan.program_id).parties(list(ids))
    rows = Partner.objects.filter(program_id=scan.program_id, pk__in=list(ids))
    return {row.pk: Party.of(row.name, country=row.country, domain=row.domain) for row in rows}


class _Search:
    """What the searches share: pairs are judged, and those that may not be proposed left out."""

    def __init__(self, scan: DuplicateScan) -> None:
        self.scan = scan

    def close(self) -> None:
        """Nothing is held."""

    @cached_property
    def _judge_pair(self) -> Callable[..., Match]:
        """By the weights that are in force in the program."""
        weights, thresholds = weights_in_force(self.scan.program_id)
        return partial(judge_pair, weights=weights, thresholds=thresholds)

    def _judge(self, pairs: Iterable[Pair], parties: Mapping[uuid.UUID, Party], corpus: Corpus) -> dict[Pair, Match]:
        wanted = {in_order(*pair) for pair in pairs if pair[0] != pair[1]}
        ids = {one for pair in wanted for one in pair}
        known = apart(self.scan.program_id, ids, of_partners=self.scan.of_partners)
        others = without_itself(corpus)
        judged = {
            pair: self._judge_pair(parties[pair[0]], parties[pair[1]], others)
            for pair in sorted(wanted - known)
            if pair[0] in parties and pair[1] in parties
        }
        return {pair: found for pair, found in judged.items() if worth_proposing(found, self.scan.threshold)}


class IndexSearch(_Search):
    """Every account is looked up as if somebody had typed it: some milliseconds each, nothing to install."""

    def step(self, resume_at: str) -> Step:
        """The next STEP accounts in the order of their ids."""
        rows = Account.objects.filter(program_id=self.scan.program_id, merged_into=None).order_by("pk")
        ids = list((rows.filter(pk__gt=resume_at) if resume_at else rows).values_list("pk", flat=True)[:STEP])
        stock = LiveStock(self.scan.program_id)
        parties = stock.parties(ids)
        pairs = [(key, other) for key in ids for other in candidates(self.scan.program_id, parties[key])]
        parties |= stock.parties(list({other for _, other in pairs} - parties.keys()))
        judged = self._judge(pairs, parties, stock.corpus(parties.values())) if pairs else {}
        return Step(judged, len(ids), str(ids[-1]) if len(ids) == STEP else "")


class SplinkSearch(_Search):
    """Splink proposes pairs in DuckDB, from a copy of the stock; made anew when a killed scan goes on."""

    def __init__(self, scan: DuplicateScan) -> None:
        super().__init__(scan)
        self.folder = tempfile.TemporaryDirectory(prefix="duplicates-")
        self.linking: Linking | None = None

    def step(self, resume_at: str) -> Step:
        """The next piece of the records."""
        linking = self.linking or self._prepare()
        pieces = max(1, -(-self.scan.total // PIECE))
        piece = int(resume_at or 0) + 1
        found: dict[Pair, Match] = {}
        for chunk in _chunks(linking.pairs(piece, pieces, most=MOST)):
            found |= self._judge_chunk(chunk)
        return Step(found, self.scan.total // pieces + 1, str(piece) if piece < pieces else "")

    def close(self) -> None:
        """Give memory and files back."""
        if self.linking:
            self.linking.close()
        self.folder.cleanup()

    def _prepare(self) -> "Linking":
        from conflicts.identity.bulk.linking import Linking  # the optional extra

        file = Path(self.folder.name) / "accounts.csv"
        write_accounts(self.scan.program_id, file)
        self.linking = Linking(Path(self.folder.name))
        self.linking.load(file)
        self.linking.prepare()
        return self.linking

    def _judge_chunk(self, chunk: list[Pair]) -> dict[Pair, Match]:
        stock = LiveStock(self.scan.program_id)
        parties = stock.parties(list({key for pair in chunk for key in pair}))
        return self._judge(chunk, parties, stock.corpus(parties.values()))


class PartnerSearch(_Search):
    """Partners are some thousands: all of them at once, in memory, under the names that they registered with."""

    def step(self, resume_at: str) -> Step:
        """Everything."""
        merged = standing_partners(self.scan.program_id)
        ids = Partner.objects.filter(program_id=self.scan.program_id).values_list("pk", flat=True)
        parties = parties_of(self.scan, [key for key in ids if key not in merged])
        judged = self._judge(pairs_of(parties), parties, corpus_of(parties))
        return Step(judged, len(parties), "")


def _chunks(pairs: Iterator[tuple[str, str, float]]) -> Iterator[list[Pair]]:
    chunk: list[Pair] = []
    for left, right, _ in pairs:
        chunk.append((uuid.UUID(left), uuid.UUID(right)))
        if len(chunk) == JUDGED:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
