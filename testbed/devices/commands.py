"""What a pump was told to do, by whomever, and whether it did it."""

from __future__ import annotations

from testbed.devices.bench import Bench
from testbed.devices.history import History
from testbed.protocol.payloads import Status
from testbed.trace import CommandAccepted, CommandRefused


class Commands:
    """What a pump was told to do, written down: carried out or refused.

    Args:
        bench: What the pump stands on.
        history: Where refusals are noted.
    """

    def __init__(self, bench: Bench, history: History) -> None:
        self._bench = bench
        self._history = history

    def accept(self, command: str, cause: int) -> int:
        """Write down that a command is carried out; return the position in the trace."""
        bench = self._bench
        return bench.recorder.record(CommandAccepted(bench.env.now, cause, "pump", command))

    def refuse(self, command: str, source: str, status: Status, cause: int) -> Status:
        """Write down that a command is refused, and why; return the status given."""
        bench = self._bench
        now = bench.env.now
        why = status.name.lower().replace("_", "-")
        bench.recorder.record(CommandRefused(now, cause, "pump", command, why))
        self._history.add(now, "refused", source, f"{command}: {why}")
        return status
