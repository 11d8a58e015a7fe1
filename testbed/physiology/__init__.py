"""Glucose-insulin physiology: models, virtual patients, and the error of sensors and meters.

This room owns what a body does with carbohydrate and insulin (:class:`Body`, :func:`simulate`),
by which model and as whom (:data:`MODELS`, :func:`patient`), and how far a continuous monitor
(:func:`breton_kovatchev`, :func:`read_cgm`) or a meter (:func:`read_meter`) is off.  Numbers
only: it knows no clock, no devices and no events.
"""

from testbed.physiology.body import EAT_RATE, Body, simulate
from testbed.physiology.meter import read_meter
from testbed.physiology.model import Model, Patient
from testbed.physiology.models import (
    DEFAULT_MODEL,
    MODELS,
    PATIENT_NAMES,
    UnknownPatientError,
    patient,
)
from testbed.physiology.sensor import breton_kovatchev, read_cgm

__all__ = [
    "DEFAULT_MODEL",
    "EAT_RATE",
    "MODELS",
    "PATIENT_NAMES",
    "Body",
    "Model",
    "Patient",
    "UnknownPatientError",
    "breton_kovatchev",
    "patient",
    "read_cgm",
    "read_meter",
    "simulate",
]
