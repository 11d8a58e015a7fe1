"""``testbed schema``: the JSON Schema of scenario files."""

from __future__ import annotations

from testbed.cli.console import print_json


def schema() -> None:
    """Print the JSON Schema of scenario files.

    It says what each key means, its type, its range and its default; keys that are assumptions
    also have their unit and source.  What one key demands of another, `testbed check` knows.
    """
    from testbed.scenario import Scenario

    told = Scenario.model_json_schema(by_alias=True, mode="validation")
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A scenario of the pump-link testbed",
    }
    print_json({**head, **{key: value for key, value in told.items() if key != "title"}})
