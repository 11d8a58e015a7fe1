"""The report of a study or a matrix: one page to read, and its tables for a security risk file."""

from testbed.report.page.document import Document, document_of
from testbed.report.page.evidence import Evidence
from testbed.report.page.html import html_page, html_report
from testbed.report.page.matrix import KeptMatrix, matrix_document
from testbed.report.page.sections import sheets_of
from testbed.report.page.sheet import Sheet

__all__ = [
    "Document",
    "Evidence",
    "KeptMatrix",
    "Sheet",
    "document_of",
    "html_page",
    "html_report",
    "matrix_document",
    "sheets_of",
]
