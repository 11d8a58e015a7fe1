"""How long five minutes of physiology take by each model, and a day; beside scipy doing the same.

Run from the project's root: ``python benchmarks/integrator.py``.  Times are the best of several
rounds in microseconds; the ratio is measured in the same run on the same machine.
"""

from __future__ import annotations

import csv
import math
import time
import timeit
from collections.abc import Callable, Mapping
from importlib import resources

import numpy as np
from scipy.integrate import solve_ivp
from testbed.physiology import ERROR_MODELS, MODELS, Body, hovorka, patient, s2008

DAY = 1440
CALL = 5
MEALS = ((480, 45.0), (750, 70.0), (1110, 80.0))
BOLUS_U = 5.0


def best_us(work: Callable[[], object], number: int, rounds: int = 7) -> float:
    """Return the best time of one ``work()`` in microseconds."""
    return min(timeit.repeat(work, number=number, repeat=rounds)) / number * 1e6


def fed_body(name: str) -> Body:
    """Return a body with basal insulin, three meals and their boluses scheduled for a day."""
    who = patient(name)
    body = Body(who, DAY)
    body.insulin_U[:] = who.basal_U_per_min
    for minute, grams in MEALS:
        body.eat(minute, grams)
        body.insulin_U[minute] += BOLUS_U
    return body


def live_in_calls(name: str) -> Body:
    """Live a day as the simulator does, five minutes a call."""
    body = fed_body(name)
    advance = body.advance
    for minute in range(CALL, DAY + 1, CALL):
        advance(minute)
    return body


def live_at_once(name: str) -> Body:
    """Live a day in one call."""
    body = fed_body(name)
    body.advance(DAY)
    return body


def s2008_rates(
    _t: float, x: np.ndarray, p: Mapping[str, float], carbs: float, insulin: float, dbar: float
) -> list[float]:
    """Return the S2008 derivatives as one writes them in Python (while no state is negative)."""
    q1, q2, q3, gp, gt, ip, action, i1, i2, il, sc1, sc2, gs = x.tolist()
    kgut = p["kmax"]
    if dbar > 0:
        a, c = 5 / (2 * dbar * (1 - p["b"])), 5 / (2 * dbar * p["d"])
        q = q1 + q2
        bend = math.tanh(a * (q - p["b"] * dbar)) - math.tanh(c * (q - p["d"] * dbar)) + 2
        kgut = p["kmin"] + (p["kmax"] - p["kmin"]) / 2 * bend
    egp = max(0.0, p["kp1"] - p["kp2"] * gp - p["kp3"] * i2)
    appearance = p["f"] * p["kabs"] * q3 / p["BW"]
    excretion = p["ke1"] * max(0.0, gp - p["ke2"])
    uptake = (p["Vm0"] + p["Vmx"] * action) * gt / (p["Km0"] + gt)
    level = ip / p["Vi"]
    return [
        -p["kmax"] * q1 + 1000 * carbs,
        p["kmax"] * q1 - kgut * q2,
        kgut * q2 - p["kabs"] * q3,
        egp + appearance - p["Fsnc"] - excretion - p["k1"] * gp + p["k2"] * gt,
        -uptake + p["k1"] * gp - p["k2"] * gt,
        -(p["m2"] + p["m4"]) * ip + p["m1"] * il + p["ka1"] * sc1 + p["ka2"] * sc2,
        -p["p2u"] * action + p["p2u"] * (level - p["Ib"]),
        -p["ki"] * (i1 - level),
        -p["ki"] * (i2 - i1),
        -(p["m1"] + p["m30"]) * il + p["m2"] * ip,
        6000 * insulin / p["BW"] - (p["ka1"] + p["kd"]) * sc1,
        p["kd"] * sc1 - p["ka2"] * sc2,
        p["ksc"] * (gp - gs),
    ]


def hovorka_rates(
    _t: float, x: np.ndarray, p: Mapping[str, float], carbs: float, insulin: float
) -> list[float]:
    """Return the derivatives of Hovorka's model as one writes them in Python."""
    d1, d2, sc1, sc2, level, transport, disposal, liver, q1, q2, c = x.tolist()
    g = q1 / p["VG"]
    fixed = p["F01"] * min(1.0, g / 4.5)
    renal = 0.003 * max(0.0, g - 9.0) * p["VG"]
    egp = p["EGP0"] * max(0.0, 1.0 - liver)
    return [
        p["AG"] * carbs * 1000 / 180.16 / p["BW"] - d1 / p["tmaxG"],
        (d1 - d2) / p["tmaxG"],
        1000 * insulin / p["BW"] - sc1 / p["tmaxI"],
        (sc1 - sc2) / p["tmaxI"],
        sc2 / p["tmaxI"] / p["VI"] - p["ke"] * level,
        p["ka1"] * (p["SIT"] * level - transport),
        p["ka2"] * (p["SID"] * level - disposal),
        p["ka3"] * (p["SIE"] * level - liver),
        d2 / p["tmaxG"] + egp - fixed - renal - transport * q1 + p["k12"] * q2,
        transport * q1 - (p["k12"] + disposal) * q2,
        p["kint"] * (g - c),
    ]


# Tolerances at which scipy and we agree about as well as either does with the truth.
TOLERANCES = {"rtol": 1e-6, "atol": 1e-6}


def s2008_with_scipy(name: str, minutes: int) -> np.ndarray:
    """Return plasma glucose of the day's first minutes, with solve_ivp each minute."""
    file = resources.files("testbed.physiology") / "data" / "vpatient_params.csv"
    rows = csv.DictReader(file.read_text(encoding="ascii").splitlines())
    row = next(row for row in rows if row["Name"] == name)
    p = {key: float(text) for key, text in row.items() if key != "Name"}
    schedule = fed_body(name)
    x = s2008.states(patient(name).packed).copy()
    dbar = before = 0.0
    glucose = [x[3] / p["Vg"]]
    for minute in range(minutes):
        carbs = float(schedule.carbs_g[minute])
        if carbs > 0:
            dbar = (dbar if before > 0 else x[0] + x[1]) + 1000 * carbs
        before = carbs
        inputs = (p, carbs, float(schedule.insulin_U[minute]), dbar)
        x = solve_ivp(s2008_rates, (0, 1), x, args=inputs, **TOLERANCES).y[:, -1]
        glucose.append(x[3] / p["Vg"])
    return np.array(glucose)


def hovorka_with_scipy(name: str, minutes: int) -> np.ndarray:
    """Return plasma glucose of the day's first minutes, with solve_ivp each minute."""
    memory = patient(name).packed
    p = dict(zip(hovorka.PARAMETERS, memory.tolist(), strict=False))
    schedule = fed_body(name)
    x = hovorka.states(memory).copy()
    glucose = [x[8] / p["VG"]]
    for minute in range(minutes):
        inputs = (p, float(schedule.carbs_g[minute]), float(schedule.insulin_U[minute]))
        x = solve_ivp(hovorka_rates, (0, 1), x, args=inputs, **TOLERANCES).y[:, -1]
        glucose.append(x[8] / p["VG"])
    return 18.016 * np.array(glucose)


def measure(name: str, with_scipy: Callable[[str, int], np.ndarray]) -> None:
    """Measure and print one person's day."""
    found = live_in_calls(name).plasma_mgdl  # also compiles
    expected = with_scipy(name, DAY)
    schedule = best_us(lambda: fed_body(name), 50)
    in_calls = best_us(lambda: live_in_calls(name), 10) - schedule
    at_once = best_us(lambda: live_at_once(name), 20) - schedule
    scipy_day = best_us(lambda: with_scipy(name, DAY), 1, rounds=3) - schedule
    calls = DAY // CALL
    print(f"{name}, {len(MEALS)} meals, best times")
    print(f"  Body.advance by {CALL} min          {in_calls / calls:12.2f} us a call")
    print(f"  a day in {calls} calls           {in_calls:12.1f} us")
    print(f"  a day in one call            {at_once:12.1f} us")
    print(f"  making and feeding a Body    {schedule:12.1f} us")
    print(f"  a day with scipy solve_ivp   {scipy_day:12.1f} us")
    print(f"  ratio, scipy to calls        {scipy_day / in_calls:12.0f}")
    print(f"  largest difference           {np.abs(found - expected).max():12.1e} mg/dL")


def main() -> None:
    """Measure and print."""
    measure("adult#001", s2008_with_scipy)
    measure("hovorka#000", hovorka_with_scipy)
    generator = np.random.Generator(np.random.Philox(key=1))
    sensor = ERROR_MODELS["breton-kovatchev"]()
    noise = best_us(lambda: sensor.series(generator, DAY // CALL, CALL), 500)
    print(f"a day's CGM errors             {noise:12.1f} us")
    start = time.perf_counter()
    MODELS["hovorka"].people()
    print(f"sampling Hovorka's people      {(time.perf_counter() - start) * 1e3:12.1f} ms")


if __name__ == "__main__":
    main()
