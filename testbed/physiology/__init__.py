"""Glucose-insulin physiology: models, virtual patients, and the error of sensors and meters.

This room owns what a body does with carbohydrate and insulin (:class:`Body`, :func:`simulate`),
by which model and as whom (:data:`MODELS`, :func:`patient`), and how far a continuous monitor
(:data:`ERROR_MODELS`, :func:`missing_readings`) or a meter (:func:`read_meter`) is off.  Numbers
only: it knows no clock, no devices and no events.
"""

from testbed.physiology.body import EAT_RATE, Body, simulate
from testbed.physiology.display import shown_mgdl
from testbed.physiology.gaps import missing_readings
from testbed.physiology.meter import read_meter
from testbed.physiology.model import Model, Patient
from testbed.physiology.models import (
    DEFAULT_MODEL,
    MODELS,
    PATIENT_NAMES,
    UnknownPatientError,
    patient,
)
from testbed.physiology.sensor_errors import ERROR_MODELS, ErrorModel, ErrorSeries

__all__ = [
    "DEFAULT_MODEL",
    "EAT_RATE",
    "ERROR_MODELS",
    "MODELS",
    "PATIENT_NAMES",
    "Body",
    "ErrorModel",
    "ErrorSeries",
    "Model",
    "Patient",
    "UnknownPatientError",
    "missing_readings",
    "patient",
    "read_meter",
    "shown_mgdl",
    "simulate",
]
