"""The insulin pump, as it is worn: everything a person can see or press on it.

The pump knows what was pressed on it and what arrived and verified, and nothing else.  Its
parts stand beside this module, one noun each; here they are put together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from testbed.devices.accessories import also_from_accessories
from testbed.devices.alerts import Alerts, Loudness
from testbed.devices.bench import Bench
from testbed.devices.boluses import Boluses
from testbed.devices.calculator import Calculator
from testbed.devices.calibration import CalibrationMenu
from testbed.devices.commands import Commands
from testbed.devices.controller import Controller
from testbed.devices.drive import Drive
from testbed.devices.endpoint import Endpoint, Link
from testbed.devices.history import BUTTONS, History, HistoryRow
from testbed.devices.link_requests import LinkRequests
from testbed.devices.monitor import Monitor
from testbed.devices.operation import Operation
from testbed.devices.programme import Programme
from testbed.devices.pump_settings import PumpSettings
from testbed.devices.requests import Requests
from testbed.devices.safeguards.foresight import Foresight
from testbed.devices.safeguards.habit import Habit
from testbed.devices.setup import Ratios, Setup, SetupMenu
from testbed.devices.upkeep import Upkeep
from testbed.protocol.payloads import (
    CgmReading,
    HistoryReply,
    HistoryRequest,
    MeterReading,
    Payload,
    Status,
)
from testbed.protocol.roles import Role
from testbed.units import NANOUNITS_PER_UNIT, to_nanounits, to_units

_MILLI = NANOUNITS_PER_UNIT // 1000


class Pump:
    """One pump, worn.

    Args:
        bench: What it stands on.
        settings: How it is set up.
        drive: Its motor.
        default_basal_U_per_min: The rate where the profile is empty.
        start_us: Clock time of the scenario's start, in microseconds since midnight.
        ratios: What the wearer was told to bolus by, where the settings do not say.

    Attributes:
        endpoint: Its radio.
        habit: What it remembers of boluses.
        menu: What can be set with its own buttons.
        history: Its own account of what it did.
        link_requests: The prompt for a device that asks to be linked.
    """

    def __init__(
        self,
        bench: Bench,
        settings: PumpSettings,
        drive: Drive,
        default_basal_U_per_min: float,
        start_us: int,
        ratios: Ratios,
    ) -> None:
        self._bench = bench
        self._drive = drive
        setup = self._setup = Setup(settings, ratios)
        self.menu = SetupMenu(setup)
        history = self.history = History()
        commands = Commands(bench, history)
        alerts = self._alerts = Alerts(bench, setup, history)
        programme = self._programme = Programme(
            bench, setup, drive, history, default_basal_U_per_min, start_us
        )
        shared = (bench, setup, drive, programme, alerts, history, commands)
        habit = self.habit = Habit(setup, start_us)
        self._boluses = Boluses(*shared, habit)
        self._operation = Operation(*shared)
        listens = settings.therapy.listens
        controller = Controller(setup, programme, drive) if listens else None
        self._monitor = Monitor(bench, setup, alerts, controller)
        calculator = self._calculator = Calculator(bench.env, setup, history, drive, self._monitor)
        requests = self._requests = Requests(
            bench,
            setup,
            self._boluses,
            self._operation,
            alerts,
            commands,
            Foresight(setup, calculator, self._monitor),
            habit,
        )
        takes: dict[tuple[str, type[Payload]], Any] = {
            ("cgm", CgmReading): self._monitor.take_cgm,
            ("meter", MeterReading): self._take_meter,
            ("usb", HistoryRequest): self._take_download,
            **requests.takes,
        }
        self.endpoint = Endpoint(bench, "pump", {**takes, **also_from_accessories(takes)})
        requests.answer_over(self.endpoint)
        pairing = self.endpoint.pairing
        self.link_requests = LinkRequests(bench, setup, alerts, history, pairing, requests.prompts)
        self.calibration = CalibrationMenu(self.endpoint)
        Upkeep(bench, self.endpoint, alerts, settings.review_links_every)

    # Alerts ---------------------------------------------------------------------------

    def when_alerting(self, call: Callable[[str, int], None]) -> None:
        """Have ``call`` called with kind and position in the trace when the pump rings.

        How loud the ring is, :meth:`alert_loudness` says.
        """
        self._alerts.when_alerting(call)

    @property
    def alerts_on_screen(self) -> tuple[str, ...]:
        """The kinds of the alerts that nobody has acknowledged, oldest first."""
        return self._alerts.active

    def alert_loudness(self, kind: str) -> Loudness:
        """Return how loud an alert last rang; silent if none of the kind is to acknowledge."""
        return self._alerts.loudness(kind)

    def alert_since(self, kind: str) -> int | None:
        """Return when an alert began, however often it rang since; None if there is none."""
        return self._alerts.since(kind)

    def press_acknowledge(self, kind: str) -> bool:
        """Acknowledge an alert, so that it does not ring again; return whether there was one."""
        return self._alerts.acknowledge(kind)

    # Boluses --------------------------------------------------------------------------

    @property
    def bolus_on_screen(self) -> str | None:
        """Where the bolus under way came from: ``pump``, its buttons, or the kind of a device.

        None without one.
        """
        last = self.history.last_bolus
        return last.source if last is not None and self._drive.bolus_running else None

    @property
    def last_bolus(self) -> HistoryRow | None:
        """The newest bolus in the history on the screen, None if there is none."""
        return self.history.last_bolus

    @property
    def bolus_so_far_U(self) -> float:
        """What the bolus under way has delivered so far, U; 0 without one."""
        return to_units(self._drive.bolus_nU)

    @property
    def largest_bolus_U(self) -> float:
        """The largest dose in U that can be dialled."""
        return self._boluses.largest_U

    @property
    def bolus_left_U(self) -> float:
        """The largest dose in U that would be taken now, by the pump's limit and its caps."""
        return self._boluses.left_U

    @property
    def dose_step_U(self) -> float:
        """The step in U in which a dose is dialled."""
        return self._setup.now.bolus_step_U

    def press_bolus(self, units: float, cause: int) -> Status:
        """Ask for a bolus with the pump's own buttons."""
        return self._boluses.start(to_nanounits(units), BUTTONS, cause)

    def press_cancel(self, cause: int) -> float:
        """Cancel the bolus under way, and one that waits; return the U that had gone in."""
        self._requests.holding.cancel()
        return self._boluses.cancel()

    @property
    def prompt_on_screen(self) -> float | None:
        """The dose in U that the pump asks to confirm, None where it asks nothing.

        It is 0 where the question is about something else than a dose.
        """
        waiting = self._requests.prompts.waiting
        return None if waiting is None else to_units(waiting.nanounits)

    @property
    def prompts_look_alike(self) -> float:
        """Share of the habit from earlier prompts that counts at the next."""
        return self._setup.now.prompts.look_alike

    def press_answer(self, confirm: bool) -> None:
        """Answer the prompt on the screen, if there is one."""
        self._requests.prompts.answer(confirm)

    @property
    def insulin_on_board_U(self) -> float:
        """What the boluses in the history still have to do, by the pump's own curve, U."""
        return self._calculator.on_board_U()

    def suggest_bolus(self, carbs_g: float) -> float:
        """Return what the pump's calculator suggests for a meal, U: an offer, not a dose."""
        return min(self._calculator.suggest(carbs_g), self.largest_bolus_U)

    @property
    def held_bolus_until(self) -> int | None:
        """When the bolus will start that waits on the screen, None without one."""
        held = self._requests.holding.waiting
        return None if held is None else held.until

    # Basal ----------------------------------------------------------------------------

    @property
    def suspended(self) -> bool:
        """Whether the screen says that delivery is suspended."""
        return self._programme.suspended

    @property
    def basal_U_per_h(self) -> float:
        """The rate at which basal flows, U/h."""
        return self._programme.U_per_h

    @property
    def temporary_basal_until(self) -> int | None:
        """When the temporary basal on the screen ends, None without one."""
        temporary = self._programme.temporary
        return None if temporary is None else temporary.until

    @property
    def therapy_on_screen(self) -> str:
        """The name of the therapy that the pump runs."""
        return str(self._setup.now.therapy.name)

    def press_suspend(self, cause: int) -> Status:
        """Suspend all delivery: the bolus under way ends, and no basal flows."""
        return self._operation.suspend(BUTTONS, cause)

    def press_resume(self, cause: int) -> Status:
        """Resume delivery; a bolus that was stopped stays stopped."""
        return self._operation.resume(BUTTONS, cause)

    def press_temporary_rate(self, U_per_h: float, duration: int, cause: int) -> Status:
        """Set a basal of some U/h for some microseconds, in place of another."""
        return self._operation.temporary_basal(U_per_h, False, duration, BUTTONS, cause)

    def press_temporary_percent(self, percent: float, duration: int, cause: int) -> Status:
        """Set a basal of some percent of the programme's for some microseconds."""
        return self._operation.temporary_basal(percent / 100, True, duration, BUTTONS, cause)

    def press_end_temporary(self, cause: int) -> Status:
        """End the temporary basal, if one runs."""
        return self._operation.temporary_basal(0.0, False, 0, BUTTONS, cause)

    # Reservoir, glucose and links -----------------------------------------------------

    @property
    def reservoir_on_screen_U(self) -> float:
        """What is left in the reservoir, U."""
        return to_units(self._drive.left_nU)

    def press_new_reservoir(self, cause: int) -> None:
        """Put in a new, full reservoir; a bolus under way ends, basal runs on."""
        self._operation.replace_reservoir(cause)

    @property
    def sensor_mgdl(self) -> int | None:
        """What the sensor last said, mg/dL; None before its first reading."""
        return self._monitor.sensor_mgdl

    def press_enter_reading(self, mgdl: int) -> None:
        """Enter a meter reading, for the calculator to correct by."""
        self._monitor.enter(mgdl)

    def press_discard_reading(self, mgdl: int) -> None:
        """Throw the newest meter reading away, if it is this one, so that nothing goes by it."""
        self._monitor.discard(mgdl)

    @property
    def linked_devices(self) -> tuple[tuple[str, bytes], ...]:
        """The list on the screen: kind and address of each device that is linked."""
        return tuple((link.kind, link.address) for link in self.endpoint.links.values())

    def press_unlink(self, address: bytes) -> bool:
        """Remove a device from the list, and what it asked for; return whether it was there."""
        self._requests.forget(address)
        return self.endpoint.unlink(address)

    def press_link(self, kind: str, cause: int) -> None:
        """Choose "link a device" in the menu, for a device of one kind."""
        self.endpoint.pairing.open(Role.RESPONDER, kind, cause)

    # By itself ------------------------------------------------------------------------

    def _take_meter(self, link: Link, reading: MeterReading, cause: int) -> None:
        stored, believed = self._monitor.take_meter(link, reading, cause)
        if believed:
            self.calibration.show(reading.mgdl, stored)
        else:
            self.calibration.doubt(reading.mgdl, stored)

    def _take_download(self, link: Link, _request: HistoryRequest, cause: int) -> None:
        history = self.history
        delivered = (history.bolus_nU + self._drive.bolus_nU) // _MILLI
        self.endpoint.send(link, HistoryReply(history.boluses, delivered), cause)
