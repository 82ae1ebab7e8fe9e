"""Draw the picture of docs/identity.md: one made-up pair, judged by the shipped weights, for light and for dark pages.

python -m benchmarks.identity.picture
"""

from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap
from xml.sax.saxutils import escape

from conflicts.identity.party import Corpus, Party
from conflicts.identity.score import Match, decide, match

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "images"
COLOURS = {
    "light": {"page": "#ffffff", "line": "#d9dee6", "track": "#eef1f5", "ink": "#17202e", "muted": "#5b6675",
              "good": "#146a43", "bad": "#b3261e"},
    "dark": {"page": "#171e29", "line": "#2f3a49", "track": "#222c39", "ink": "#e8edf4", "muted": "#9aa7b8",
             "good": "#6fd6a5", "bad": "#ff9a92"},
}  # fmt: skip
TYPED = Party.of("Northgate Filtration", country="DE", city="Bremen", domain="northgate.example")
OURS = Party.of("Northgate Water Filtration GmbH", country="DE", city="Hamburg", domain="northgate.example")
WORDS = Corpus(5000, {"northgate": 2, "water": 90, "filtration": 12}, {}, {"northgate.example": 1})
HEADS = (
    ("Typed by the partner", "Northgate Filtration · Bremen, DE · northgate.example"),
    ("An account of ours", "Northgate Water Filtration GmbH · Hamburg, DE · northgate.example"),
)
WIDTH, LEFT, BARS, BAR_WIDTH, TOP, ROW = 760, 24, 400, 270, 92, 46
FONT = "ui-sans-serif,system-ui,-apple-system,Segoe UI,Roboto,DejaVu Sans,sans-serif"


def judged() -> Match:
    """The pair, by the shipped weights."""
    return match(TYPED, OURS, WORDS)


def draw(found: Match, colours: dict[str, str]) -> str:
    """The whole picture as SVG."""
    height = TOP + ROW * (len(found.reasons) + 1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'font-family="{FONT}" role="img"><title>What each field says of a match</title>',
        f'<rect x=".5" y=".5" width="{WIDTH - 1}" height="{height - 1}" rx="10" fill="{colours["page"]}" '
        f'stroke="{colours["line"]}"/>',
        *_heads(colours),
        *_rows(found, colours),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _heads(colours: dict[str, str]) -> Iterator[str]:
    for place, (who, what) in enumerate(HEADS):
        y = 32 + 26 * place
        yield _text(LEFT, y, who, colours["muted"], size=12)
        yield _text(LEFT + 146, y, what, colours["ink"], size=13, weight=600)


def _rows(found: Match, colours: dict[str, str]) -> Iterator[str]:
    ends = [0.0]
    for reason in found.reasons:
        ends.append(ends[-1] + reason.bits)
    low, span = min(ends), max(ends) - min(ends)
    for row, reason in enumerate(found.reasons):
        yield from _row(row, reason.field, reason.sentence, reason.bits, (ends[row] - low) / span, span, colours)
    decision = decide([("ours", found)])
    told = f"Odds of {2**found.bits:,.1f} to 1: {decision.probability:.0%} sure. The verdict is “{decision.verdict}”."
    yield from _row(len(found.reasons), "together", told, found.bits, -low / span, span, colours)


def _row(
    row: int, field: str, sentence: str, bits: float, begins: float, span: float, colours: dict[str, str]
) -> Iterator[str]:
    y = TOP + ROW * row
    width = abs(bits) / span * BAR_WIDTH
    x = BARS + begins * BAR_WIDTH - (width if bits < 0 else 0)
    yield f'<path d="M{LEFT} {y - 8}H{WIDTH - LEFT}" stroke="{colours["line"]}"/>'
    yield _text(LEFT, y + 15, field.replace("_", " ").capitalize(), colours["ink"], size=13, weight=600)
    lines = wrap(sentence, 43)[:2]
    for line, text in enumerate(lines):
        yield _text(LEFT + 86, y + (8 if len(lines) > 1 else 15) + 16 * line, text, colours["muted"], size=12)
    tone = colours["good" if bits > 0 else "bad"]
    yield f'<rect x="{BARS}" y="{y + 6}" width="{BAR_WIDTH}" height="10" rx="3" fill="{colours["track"]}"/>'
    yield f'<rect x="{x:.1f}" y="{y + 6}" width="{width:.1f}" height="10" rx="2" fill="{tone}"/>'
    yield _text(WIDTH - LEFT, y + 16, f"{bits:+.1f}".replace("-", "−"), colours["ink"], size=13, anchor="end")


def _text(x: float, y: float, text: str, fill: str, *, size: int, weight: int = 400, anchor: str = "start") -> str:
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" font-weight="{weight}" text-anchor="{anchor}" fill="{fill}">'
        f"{escape(text)}</text>"
    )


def main() -> None:
    """Write both files."""
    for theme, colours in COLOURS.items():
        (FOLDER / f"identity-why-{theme}.svg").write_text(draw(judged(), colours), encoding="utf-8")


if __name__ == "__main__":
    main()
