"""``@value``: frozen to the type checker, plain at run time, for the classes that every event is made of.

The twin of ``model.value``, which the simulator must not reach: building a frozen dataclass costs three times as much.
"""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, eq_default=True, field_specifiers=(field,))
def value(cls: type[T]) -> type[T]:
    """Make a class a slotted value, equal by content and hashable; mypy refuses to change it."""
    return dataclass(slots=True, unsafe_hash=True)(cls)
