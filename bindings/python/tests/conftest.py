import os
from pathlib import Path

import pytest

import showerforge

REPOSITORY = Path(__file__).resolve().parents[3]
MODEL = REPOSITORY / "data/models/photons-geant4.safetensors"


@pytest.fixture(scope="session")
def model():
    return showerforge.Model(MODEL, threads=1)


@pytest.fixture(scope="session")
def program():
    """The command-line program, for comparison."""
    path = Path(os.environ.get("SHOWERFORGE_PROGRAM", REPOSITORY / "target/release/showerforge"))
    if not path.exists():
        pytest.skip(f"there is no {path}; set SHOWERFORGE_PROGRAM")
    return path
