"""What the templates need to draw our look: icons by name, and chips in place of the admin's boolean pictures."""

import re

from django import template
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# Bodies of 24 x 24 outline icons; the colour is the text's. An unknown name draws a dot.
ICONS = {
    "alert": '<path d="M12 4 2.8 19.5h18.4z"/><path d="M12 10v4M12 17v.01"/>',
    "arrow-left": '<path d="M19 12H5M11 6l-6 6 6 6"/>',
    "arrow-right": '<path d="M5 12h14M13 6l6 6-6 6"/>',
    "auto": '<circle cx="12" cy="12" r="8.5"/><path d="M12 3.5a8.5 8.5 0 0 1 0 17z" fill="currentColor"/>',
    "bell": '<path d="M6 10a6 6 0 0 1 12 0c0 5 2 6 2 7H4c0-1 2-2 2-7M10 20.5h4"/>',
    "book": '<path d="M5 5.5A1.5 1.5 0 0 1 6.5 4H19v16H6.5A1.5 1.5 0 0 1 5 18.5zM5 17h14"/>',
    "box": '<path d="m12 3 8 4.5v9L12 21l-8-4.5v-9zM4 7.5l8 4.5 8-4.5M12 12v9"/>',
    "building": '<path d="M5 21V4h9v17M14 9h5v12M3 21h18M8 8h3M8 12h3M8 16h3"/>',
    "calendar": '<rect x="4" y="5" width="16" height="16" rx="2"/><path d="M4 10h16M8 3v4M16 3v4"/>',
    "chart": '<path d="M4 4v16h16M8 16v-4M12 16V8M16 16v-6"/>',
    "check": '<path d="m5 12.5 4.5 4.5L19 7.5"/>',
    "check-circle": '<circle cx="12" cy="12" r="8.5"/><path d="m8.5 12.5 2.5 2.5 5-5.5"/>',
    "chevron-down": '<path d="m6 9.5 6 6 6-6"/>',
    "chevron-right": '<path d="m9.5 6 6 6-6 6"/>',
    "chevron-up": '<path d="m6 14.5 6-6 6 6"/>',
    "clock": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7.5V12l3 2"/>',
    "cog": '<circle cx="12" cy="12" r="3"/><path d="M12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.1 2.1'
    'M16.3 16.3l2.1 2.1M5.6 18.4l2.1-2.1M16.3 7.7l2.1-2.1"/>',
    "cross": '<path d="m6.5 6.5 11 11M17.5 6.5l-11 11"/>',
    "differs": '<path d="M12 5 4 19h16z"/>',
    "doc": '<path d="M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6"/>',
    "dot": '<circle cx="12" cy="12" r="3.5"/>',
    "download": '<path d="M12 4v11M7 11l5 5 5-5M4 20h16"/>',
    "exception": '<path d="m12 3 7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6zM9 9.5l6 5M15 9.5l-6 5"/>',
    "eye": '<path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z"/>'
    '<circle cx="12" cy="12" r="2.5"/>',
    "filter": '<path d="M4 6h16M7 12h10M10 18h4"/>',
    "flag": '<path d="M5 21V4h13l-2.5 4.5L18 13H5"/>',
    "gavel": '<path d="m13 4 7 7M10.5 6.5l7 7M11.5 5.5l-2.5 2.5 7 7 2.5-2.5M12.5 11.5 4 20"/>',
    "help": '<circle cx="12" cy="12" r="8.5"/><path d="M9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.7M12 16.5v.01"/>',
    "history": '<path d="M4 12a8 8 0 1 0 2.5-5.8L4 8.5M4 4v4.5h4.5M12 8v4l3 2"/>',
    "home": '<path d="m4 11 8-7 8 7v9h-5v-6H9v6H4z"/>',
    "inbox": '<path d="M4 13 7 5h10l3 8v6H4zM4 13h5l1 2.5h4L15 13h5"/>',
    "info": '<circle cx="12" cy="12" r="8.5"/><path d="M12 11v5M12 8v.01"/>',
    "key": '<circle cx="8" cy="15" r="4"/><path d="m11 12 8-8M16 7l3 3"/>',
    "link": '<path d="M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-6-5.6l-1.5 1.5M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 6 5.6'
    'l1.5-1.5"/>',
    "lock": '<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>',
    "logout": '<path d="M10 4H5v16h5M10 12h10M16 8l4 4-4 4"/>',
    "map": '<path d="m3.5 6 5.5-2 6 2 5.5-2v14L15 20l-6-2-5.5 2zM9 4v14M15 6v14"/>',
    "menu": '<path d="M4 7h16M4 12h16M4 17h16"/>',
    "message": '<path d="M4 5h16v11h-9l-4 4v-4H4z"/>',
    "minus": '<path d="M6 12h12"/>',
    "moon": '<path d="M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z"/>',
    "pause": '<path d="M9 6v12M15 6v12"/>',
    "pencil": '<path d="m4 20 1-4L16 5l3 3L8 19zM13.5 7.5l3 3"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "pulse": '<path d="M3 12h4l3-7 4 14 3-7h4"/>',
    "question": '<path d="M8.5 8.5a3.5 3.5 0 1 1 5 3.2c-1 .5-1.5 1.2-1.5 2.3M12 18v.01"/>',
    "rules": '<path d="m4 6.5 1.5 1.5L8 5M4 13l1.5 1.5L8 11.5M4 19.5 5.5 21 8 18M12 6.5h8M12 13h8M12 19.5h8"/>',
    "scale": '<path d="M12 4v16M7 20h10M5 7h14M5 7l-2.5 7h5zM19 7l-2.5 7h5z"/>',
    "search": '<circle cx="11" cy="11" r="6.5"/><path d="m16 16 4.5 4.5"/>',
    "send": '<path d="M4 12 20 4l-5 16-4-6zM20 4l-9 10"/>',
    "shield": '<path d="m12 3 7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6zM9 11.5l2 2 4-4"/>',
    "split": '<path d="M12 21v-7M12 14c0-4-6-3-6-9M12 14c0-4 6-3 6-9M3.5 7.5 6 5l2.5 2.5M15.5 7.5 18 5l2.5 2.5"/>',
    "star": '<path d="m12 3.5 2.6 5.4 5.9.8-4.3 4.1 1 5.9-5.2-2.8-5.2 2.8 1-5.9-4.3-4.1 5.9-.8z"/>',
    "sun": '<circle cx="12" cy="12" r="4"/><path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4'
    'M5.6 18.4 7 17M17 7l1.4-1.4"/>',
    "swap": '<path d="M4 8.5h15M15 4.5l4 4-4 4M20 15.5H5M9 11.5l-4 4 4 4"/>',
    "trash": '<path d="M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5"/>',
    "undo": '<path d="M9 5 4 10l5 5M4 10h10a6 6 0 0 1 0 11h-3"/>',
    "upload": '<path d="M12 16V5M7 9l5-5 5 5M4 20h16"/>',
    "user": '<circle cx="12" cy="8" r="4"/><path d="M4.5 20.5c1-4 4-5.5 7.5-5.5s6.5 1.5 7.5 5.5"/>',
    "users": '<circle cx="9" cy="8.5" r="3.5"/><path d="M2.5 20c.7-3.5 3.3-5 6.5-5s5.8 1.5 6.5 5M15.5 5.3a3.5 3.5 0 0 1'
    ' 0 6.4M17.5 15.3c2.2.6 3.6 2.2 4 4.7"/>',
}

_BOOLEAN = re.compile(r'<img src="[^"]*icon-(yes|no|unknown)[^"]*" alt="[^"]*">')
_BOOLEAN_CHIPS = {
    "yes": ("good", "check", "Yes"),
    "no": ("quiet", "cross", "No"),
    "unknown": ("quiet", "minus", "Unknown"),
}
_SLUG_SCRIPTS = re.compile(r"xregexp|urlify|prepopulate")


@register.filter
def plain(code: str) -> str:
    """A word of the product's own as people say it: exclusive_territory -> exclusive territory."""
    return str(code).replace("_", " ")


@register.filter
def lean(media: object) -> SafeString:
    """Leave out the admin's slug scripts, 140 kB that a page without prepopulated fields never runs."""
    kept = (tag for tag in str(media).splitlines() if not _SLUG_SCRIPTS.search(tag))
    return mark_safe("\n".join(kept))  # noqa: S308 Django made it


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Draw the icon `name`; without a `label` it is decoration and hidden from screen readers."""
    role = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    body = mark_safe(ICONS.get(name, ICONS["dot"]))  # noqa: S308 from the table above
    return format_html('<svg class="icon" viewBox="0 0 24 24" {}>{}</svg>', role, body)


@register.simple_tag
def chip(text: str, tone: str = "", icon_name: str = "") -> SafeString:
    """Draw a chip; `tone` is good, warn, bad, acc, quiet or nothing. Colour is never alone: give text and icon."""
    drawn = icon(icon_name) if icon_name else ""
    return format_html('<span class="chip {}">{}{}</span>', tone, drawn, text)


@register.filter
def boolean_chips(html: object) -> SafeString:
    """Replace the admin's boolean pictures in an already escaped cell by chips with icon and text."""

    def draw(found: re.Match[str]) -> str:
        tone, name, text = _BOOLEAN_CHIPS[found[1]]
        return chip(text, tone, name)

    if not isinstance(html, SafeString):
        return escape(html)
    return mark_safe(_BOOLEAN.sub(draw, html))  # noqa: S308 it was safe before


@register.filter
def letter(text: str) -> SafeString:
    """A plain text as paragraphs; lines that begin with a dash become a list under the line before them."""
    parts = (part.strip("\n").split("\n") for part in text.split("\n\n") if part.strip())
    return format_html_join("\n", "{}", ((_paragraph(lines),) for lines in parts))


def _paragraph(lines: list[str]) -> SafeString:
    items = [line[2:] for line in lines if line.startswith("- ")]
    words = format_html_join(mark_safe("<br>"), "{}", ((line,) for line in lines if not line.startswith("- ")))
    listed = format_html_join("", "<li>{}</li>", ((item,) for item in items))
    return format_html("<p>{}</p><ul>{}</ul>", words, listed) if items else format_html("<p>{}</p>", words)
