"""How sure a recommendation is, as people can check it: how often deciders did what was recommended at this confidence."""

from conflicts.recommend.confidence import bin_of
from reviews.calibrating import bins_of
from reviews.desk.material import Material


def sure(m: Material) -> str:
    """One sentence beside the confidence; it names how many decisions it was counted from."""
    if m.answer.abstained:
        return "Nothing is recommended: the records do not decide, so a person does."
    found = bin_of(bins_of(m.calibration), m.answer.confidence) if m.calibration else None
    if found is None:
        return f"Confidence {m.answer.confidence:.2f} by the rules. How often deciders agree is not measured yet."
    low, high = found.interval
    return (
        f"Deciders did what was recommended in {found.share:.0%} of {found.n} cases of about this confidence "
        f"(true share {low:.0%} to {high:.0%}; {m.calibration})."
    )
