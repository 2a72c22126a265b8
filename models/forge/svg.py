"""SVG files by matplotlib: the same picture always gives the same bytes.

Colours are those of Okabe and Ito (https://jfly.uni-koeln.de/color/), which people tell apart whatever their
colour vision. Text stays text: it is smaller than outlines, and every viewer has a font for every language.
"""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # matplotlib is imported when something is drawn: it takes half a second
    from matplotlib.figure import Figure

BLUE, ORANGE, GREY, BLACK = "#0072B2", "#D55E00", "#6F6F6F", "#000000"
BEHIND_WORDS = {"facecolor": "#FFFFFF", "edgecolor": "none", "pad": 1, "alpha": 0.8}
SIZE_INCHES = (6.8, 4.4)
STYLE: dict[Any, Any] = {
    "svg.hashsalt": "coldframe",
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.family": "sans-serif",
    "font.size": 11,
    "axes.titlesize": 12,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "lines.linewidth": 2.0,
}


@contextmanager
def drawn_figure(size_inches: tuple[float, float] = SIZE_INCHES) -> Iterator["Figure"]:
    """Give an empty figure; what is drawn on it in the meantime has the style of all pictures."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # in the font that only measures the text
        yield Figure(size_inches, layout="constrained")


def to_svg(figure: "Figure") -> bytes:
    """Return the SVG file; to be called before the figure is left."""
    file = io.BytesIO()
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return file.getvalue()
