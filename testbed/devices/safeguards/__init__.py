"""Safeguards of a pump against commands and readings that verify and are still not wanted.

Each is one module with its settings, and off as shipped.  None knows who is behind a command:
all go by what a pump can see, press and measure.
"""
