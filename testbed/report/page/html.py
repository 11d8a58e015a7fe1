"""The report as one HTML file that needs nothing else: no script, style or picture from outside.

Whatever a scenario says is escaped by the template, everywhere; only pictures that this program
drew are markup.  The page forbids itself all outside resources and every script but its own one,
which it names by a hash, so that even a text that got through would not run.
"""

from __future__ import annotations

import base64
import hashlib
import re
from importlib.resources import files
from typing import Final

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup, escape

from testbed.report.page.document import Document, document_of
from testbed.report.page.evidence import Evidence
from testbed.report.tables import CONDITIONAL
from testbed.version import VERSION

_TEMPLATE: Final = "report.html"
_JOINT: Final = re.compile(r"(?<=\w)([_.])(?=\w)")


def html_report(evidence: Evidence) -> str:
    """Return the report of a study; the same study gives the same text."""
    return html_page(document_of(evidence))


def html_page(document: Document) -> str:
    """Return a page as one HTML file; the same document gives the same text."""
    script = _read("report.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    environment = Environment(
        autoescape=True,
        loader=FunctionLoader(_read),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["breakable"] = _breakable
    page = environment.get_template(_TEMPLATE).render(
        document=document,
        conditional=CONDITIONAL,
        version=VERSION,
        style=Markup(_read("report.css")),
        script=Markup(script),
        digest=digest,
        drawn=Markup,
    )
    return f"{page.strip()}\n"


def _breakable(text: str) -> Markup:
    """Return a name, escaped, that may be broken after what joins its words."""
    return Markup(_JOINT.sub(r"\1<wbr>", str(escape(text))))


def _read(name: str) -> str:
    return (files("testbed.report.page") / "template" / name).read_text(encoding="utf-8")
