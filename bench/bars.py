"""A bar chart as SVG, which is read on light and on dark pages."""

from collections.abc import Mapping
from html import escape

from bench.summary import Figure

_ROW, _BAR, _LABELS, _WIDTH, _VALUES = 30, 18, 230, 460, 60
_OURS, _OTHERS, _TEXT = "#2f81f7", "#8b949e", "#7d8590"


def bars(title: str, values: Mapping[str, Figure]) -> str:
    """A bar for each median, with its range as a line; those of ours stand out."""
    longest = max(each.most for each in values.values())
    width, height = _LABELS + _WIDTH + _VALUES, _ROW * (len(values) + 1) + 8
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="13" fill="{_TEXT}">',
        f"<title>{escape(title)}</title>",
        f'<text x="{_LABELS}" y="20" font-weight="600">{escape(title)}</text>',
    ]
    for number, (name, value) in enumerate(values.items(), 1):
        top = number * _ROW + 4
        middle = top + _BAR / 2
        end, least, most = (_LABELS + each / longest * _WIDTH for each in value)
        color = _OURS if name.startswith("ours") else _OTHERS
        parts += [
            f'<text x="{_LABELS - 10}" y="{middle + 5}" text-anchor="end">{escape(name)}</text>',
            f'<rect x="{_LABELS}" y="{top}" width="{end - _LABELS:.1f}" height="{_BAR}" rx="2" fill="{color}"/>',
            f'<path d="M{least:.1f} {middle}H{most:.1f}" stroke="{_TEXT}" stroke-width="2"/>',
            f'<text x="{most + 8:.1f}" y="{middle + 5}">{value.median:.2f}</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])
