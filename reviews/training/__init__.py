"""Training: a library of exercises, and stepping through one against the real engine in a program that leaves no trace."""
