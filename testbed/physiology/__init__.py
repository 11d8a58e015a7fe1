"""Glucose-insulin physiology: virtual patients, and the error of sensors and meters.

This room owns what a body does with carbohydrate and insulin (:class:`Body`, :func:`simulate`;
UVA/Padova S2008), who the 30 virtual patients are (:func:`patient`, :data:`COHORTS`), and how
far a continuous monitor (:func:`breton_kovatchev`, :func:`read_cgm`) or a meter
(:func:`read_meter`) is off.  Numbers only: it knows no clock, no devices and no events.
"""

from testbed.physiology.body import EAT_RATE, Body, simulate
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
from testbed.physiology.sensor import breton_kovatchev, read_cgm

__all__ = [
    "COHORTS",
    "EAT_RATE",
    "PATIENT_NAMES",
    "Body",
    "ParameterIdentityError",
    "Patient",
    "UnknownPatientError",
    "breton_kovatchev",
    "patient",
    "read_cgm",
    "read_meter",
    "read_patients",
    "simulate",
]
