"""The way out: decided outcomes are written to other systems from rows, once in effect."""
