"""Pairs gathered into clusters: what is linked belongs together, unless two of them may not (Kruskal with cannot-links). Pure."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
MOST_MEMBERS = 50  # beyond this nobody can look through a cluster; what is left over is found by the next scan


@dataclass
class Cluster(Generic[Key]):
    """Members in the order in which they joined, and the probability of the weakest link that holds them together."""

    members: list[Key]
    probability: float = 1.0


def gather_clusters(pairs: Iterable[tuple[Key, Key, float]], apart: Callable[[Key, Key], bool]) -> list[Cluster[Key]]:
    """Clusters of two and more, the surest links first; of two that are `apart` the weaker link gives way."""
    home: dict[Key, Cluster[Key]] = {}
    for left, right, probability in sorted(pairs, key=lambda pair: -pair[2]):
        one = home.setdefault(left, Cluster([left]))
        other = home.setdefault(right, Cluster([right]))
        if one is other or len(one.members) + len(other.members) > MOST_MEMBERS:
            continue
        if any(apart(a, b) for a in one.members for b in other.members):
            continue
        large, small = (one, other) if len(one.members) >= len(other.members) else (other, one)
        large.members += small.members
        large.probability = probability  # links come in falling order
        home.update(dict.fromkeys(small.members, large))
    found = {id(cluster): cluster for cluster in home.values() if len(cluster.members) > 1}
    return list(found.values())
