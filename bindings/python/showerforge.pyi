"""Events of particle detectors from a trained model."""

import os
from collections.abc import Mapping, Sequence
from typing import Any, Literal, final

import numpy as np
import numpy.typing as npt

__version__: str

@final
class Condition:
    """A condition that events are generated for."""

    @property
    def name(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def kind(self) -> Literal["number", "category", "image"]: ...
    @property
    def minimum(self) -> float | None:
        """Of the training; None unless it is a number."""
    @property
    def maximum(self) -> float | None: ...
    @property
    def categories(self) -> list[str]:
        """Names of the categories, in the order of their numbers."""

@final
class Layer:
    """A layer of cells."""

    @property
    def id(self) -> int:
        """The experiment's number of it."""
    @property
    def name(self) -> str: ...
    @property
    def first_value(self) -> int:
        """Where its cells stand among the values of an event."""
    @property
    def values(self) -> int: ...

@final
class Model:
    """A trained model, ready to generate events.

    It is never changed, so that threads may share it; event k depends on the seed, its conditions and k
    alone.
    """

    def __new__(
        cls,
        path: str | os.PathLike[str],
        *,
        threads: int = 0,
        sha256: str | None = None,
    ) -> Model:
        """Opens a model file.

        threads: 0 for as many as there are cores, 1 for the thread that calls.
        sha256: of the file, if another one is to be refused.
        Raises FileNotFoundError, OSError, or ValueError for a file that is not a model.
        """
    def generate(
        self,
        energies: npt.ArrayLike | None = None,
        *,
        seed: int,
        first_event: int = 0,
        event_numbers: Sequence[int] | npt.NDArray[np.unsignedinteger[Any]] | None = None,
        events: int | None = None,
        conditions: Mapping[str, Any] | None = None,
        threads: int | None = None,
        strict: bool = False,
    ) -> npt.NDArray[np.float32]:
        """Generates events, [events, values] in the unit of the model, and lets other threads run.

        energies: incident energies in MeV, one for all events or one for each.
        first_event: the number of the first event; or event_numbers: those of all.
        events: how many, where that does not follow from an array.
        conditions: the others by name, one for all events or one for each; categories by name or number.
        threads: for this call, else those of the model.
        strict: conditions outside of the training's range are refused; else they are warned of.
        Raises ValueError for conditions that no model can be told, and wrong names or shapes.
        """
    @property
    def detector(self) -> str:
        """Name of the detector."""
    @property
    def unit(self) -> str:
        """Unit of the values."""
    @property
    def values(self) -> int:
        """Values of one event."""
    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one event: (nz, ny, nx) of a grid, (ny, nx) of an image, else (values,)."""
    @property
    def conditions(self) -> list[Condition]: ...
    @property
    def layers(self) -> list[Layer]:
        """Layers of cells; none for a table."""
    @property
    def sha256(self) -> str:
        """SHA-256 of the model file."""
    @property
    def path(self) -> os.PathLike[str]: ...
    def describe(self) -> dict[str, Any]:
        """All that is known of the model."""
