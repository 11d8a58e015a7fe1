"""The report of a study: one page to read, and its tables for a security risk file."""

from testbed.report.page.evidence import Evidence
from testbed.report.page.html import html_report
from testbed.report.page.sections import sheets_of
from testbed.report.page.sheet import Sheet

__all__ = ["Evidence", "Sheet", "html_report", "sheets_of"]
