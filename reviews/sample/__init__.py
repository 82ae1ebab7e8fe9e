"""The sample program: Halden Flow, a maker of pumps, valves and controls, with 40 partners and their collisions."""

from reviews.sample.play import CODE, Played, play
from reviews.sample.reset import reset

__all__ = ["CODE", "Played", "play", "reset"]
