"""What the search found, for the tests that carry it out."""

from __future__ import annotations

import pytest
from testbed.protocol.vectors import built_in
from testbed.verification.verify import Row, verify


@pytest.fixture(scope="session", name="rows")
def _rows() -> list[Row]:
    """The rows of every method of the project, each with its shortest attacks.

    Each search looks at far more states than the longest of the attacks takes to be found;
    ``test_page.py`` looks at all of them.
    """
    return verify((method.name for method in built_in()), most_states=5_000)
