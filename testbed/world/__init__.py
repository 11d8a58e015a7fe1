"""The world: assembles one scenario for one seed, runs it, and hands out its trace."""

from testbed.world.world import live, patient_of

__all__ = ["live", "patient_of"]
