"""``@value``: a dataclass that nobody may change, proven by the type checker instead of at run time.

A frozen dataclass pays for its promise at every construction (each field goes through ``object.__setattr__``, three
times the price of a plain one); a gateway makes dozens of such values for each event of the switch. Here mypy refuses
the assignment and the running program pays nothing. Values are slotted, equal by content, and hashable.
"""

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, eq_default=True)
def value(cls: type[T]) -> type[T]:
    """Make a class a value: ``@dataclass(frozen=True)`` to whoever reads or checks it."""
    return dataclass(slots=True, unsafe_hash=True)(cls)


@dataclass_transform(frozen_default=True, eq_default=True, order_default=True)
def ordered_value(cls: type[T]) -> type[T]:
    """A value that sorts by its fields in their order."""
    return dataclass(slots=True, unsafe_hash=True, order=True)(cls)
