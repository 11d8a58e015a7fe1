"""The reservoir of a pump: what was filled in, what went out, and what is left, to the nanounit."""

from __future__ import annotations


class Reservoir:
    """One reservoir after the other, and the account of them all.

    At every moment ``filled_nU == delivered_nU + discarded_nU + left_nU``.

    Args:
        nanounits: What the first one holds.

    Attributes:
        filled_nU: Everything that was ever filled in.
        delivered_nU: Everything booked as delivered.
        discarded_nU: What was left in the reservoirs that were taken out.
        left_nU: What is in this one, as far as deliveries are booked.
    """

    __slots__ = ("delivered_nU", "discarded_nU", "filled_nU", "left_nU")

    def __init__(self, nanounits: int) -> None:
        self.filled_nU = self.left_nU = nanounits
        self.delivered_nU = self.discarded_nU = 0

    def take(self, nanounits: int) -> None:
        """Book what has gone out.

        Raises:
            RuntimeError: If that is more than was in it: the drive is to stop before.
        """
        if nanounits > self.left_nU:
            raise RuntimeError(f"{nanounits} nU out of a reservoir that holds {self.left_nU} nU")
        self.left_nU -= nanounits
        self.delivered_nU += nanounits

    def replace(self, nanounits: int) -> None:
        """Take it out with what is left in it, and put in a new one."""
        self.discarded_nU += self.left_nU
        self.filled_nU += nanounits
        self.left_nU = nanounits
