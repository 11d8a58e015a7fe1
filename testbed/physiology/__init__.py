"""Glucose-insulin physiology: virtual patients, and the error of sensors and meters.

This room owns what a body does with carbohydrate and insulin (:class:`Body`, :func:`simulate`;
UVA/Padova S2008), who the 30 virtual patients are (:func:`patient`, :data:`COHORTS`), and how
far a continuous monitor (:data:`ERROR_MODELS`, :func:`missing_readings`) or a meter
(:func:`read_meter`) is off.  Numbers only: it knows no clock, no devices and no events.
"""

from testbed.physiology.body import EAT_RATE, Body, simulate
from testbed.physiology.display import shown_mgdl
from testbed.physiology.gaps import missing_readings
from testbed.physiology.meter import read_meter
from testbed.physiology.patients import (
    COHORTS,
    PATIENT_NAMES,
    ParameterIdentityError,
    Patient,
    UnknownPatientError,
    patient,
    read_patients,
)
from testbed.physiology.sensor_errors import ERROR_MODELS, ErrorModel, ErrorSeries

__all__ = [
    "COHORTS",
    "EAT_RATE",
    "ERROR_MODELS",
    "PATIENT_NAMES",
    "Body",
    "ErrorModel",
    "ErrorSeries",
    "ParameterIdentityError",
    "Patient",
    "UnknownPatientError",
    "missing_readings",
    "patient",
    "read_meter",
    "read_patients",
    "shown_mgdl",
    "simulate",
]
