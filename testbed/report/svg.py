"""A figure as SVG to stand in a page: small, the same every time, and in the page's own colours.

The page names its colours in custom properties (``--ink``, ``--blue`` and so on); where it names
none, a picture has the house style's.  Text stays text: it can be searched, copied and read aloud.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from testbed.report.plots import style
from testbed.report.plots.style import house_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SVG: Final = "http://www.w3.org/2000/svg"
_XLINK: Final = "http://www.w3.org/1999/xlink"
_THEMED: Final = {
    style.BLACK: "ink",
    style.TEXT: "text",
    style.PAPER: "paper",
    style.GREY: "grey",
    style.PALE: "pale",
    style.BLUE: "blue",
    style.SKY: "sky",
    style.GREEN: "green",
    style.ORANGE: "orange",
    style.VERMILION: "vermilion",
    style.PURPLE: "purple",
}
"""The custom property of each of the house style's colours."""
_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}\b")
_REFERENCE: Final = re.compile(r"url\(#([^)]+)\)")
_HREF: Final = f"{{{_XLINK}}}href"
_NUMBER: Final = re.compile(r"-?\d+\.\d+")
_PLACED: Final = ("d", "x", "y", "width", "height", "transform", "points", "cx", "cy", "r")
_LEFT_OUT: Final = (f"{{{_SVG}}}metadata", f"{{{_SVG}}}style")
"""A style would hold for the whole page; it joins lines, which the root does as well."""
_STYLED: Final = ("fill", "stroke", "stop-color")


def svg_of(figure: Figure, name: str, words: str) -> str:
    """Return a figure as an ``svg`` element for a page.

    Args:
        figure: The figure, drawn in the house style.
        name: A name that no other picture of the page has; it begins every id.
        words: What the picture shows, for those who do not see it.
    """
    out = io.BytesIO()
    with house_style():
        figure.savefig(
            out, format="svg", transparent=True, metadata={"Date": None, "Creator": None}
        )
    root = ET.fromstring(out.getvalue())
    for parent in root.iter():
        for each in list(parent):
            if each.tag in _LEFT_OUT:
                parent.remove(each)
    _rename(root, name)
    for element in root.iter():
        _recolour(element)
        for key in _PLACED:
            if key in element.attrib:
                element.set(key, " ".join(_NUMBER.sub(_rounded, element.attrib[key]).split()))
    root.set("stroke-linejoin", "round")
    for key in ("width", "height", "version"):
        root.attrib.pop(key, None)
    root.set("role", "img")
    root.set("aria-label", words)
    ET.register_namespace("", _SVG)
    ET.register_namespace("xlink", _XLINK)
    return ET.tostring(root, encoding="unicode")


def _rename(root: ET.Element, name: str) -> None:
    """Let ids that are referred to begin with a name of the picture's own, and drop all others."""
    wanted = {
        found
        for element in root.iter()
        for value in element.attrib.values()
        for found in _REFERENCE.findall(value)
    } | {element.attrib[_HREF][1:] for element in root.iter() if _HREF in element.attrib}
    numbers: dict[str, str] = {}
    for element in root.iter():
        identity = element.attrib.pop("id", None)
        if identity in wanted and identity is not None:
            numbers[identity] = f"{name}-{len(numbers) + 1}"
            element.set("id", numbers[identity])
    for element in root.iter():
        for key, value in element.attrib.items():
            element.set(key, _REFERENCE.sub(lambda found: f"url(#{numbers[found[1]]})", value))
        if _HREF in element.attrib:
            element.set(_HREF, f"#{numbers[element.attrib[_HREF][1:]]}")


def _rounded(found: re.Match[str]) -> str:
    """Return a place to a hundredth of a point, which nobody sees and every machine agrees on."""
    text = f"{float(found[0]):.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _recolour(element: ET.Element) -> None:
    """Let the house style's colours be the page's."""
    written = element.get("style", "")
    for key in _STYLED:
        value = element.attrib.pop(key, None)
        if value is not None:
            written = f"{key}: {value}; {written}"
    if element.tag == f"{{{_SVG}}}text" and "fill" not in written:
        written = f"fill: {style.BLACK.lower()}; {written}"
    if written:
        element.set("style", _COLOUR.sub(_themed, written).strip("; "))


def _themed(found: re.Match[str]) -> str:
    name = _BY_LOWER.get(found[0].lower())
    return found[0] if name is None else f"var(--{name}, {found[0].lower()})"


_BY_LOWER: Final = {colour.lower(): name for colour, name in _THEMED.items()}
