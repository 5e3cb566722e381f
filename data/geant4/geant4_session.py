"""What a process with Geant4 needs around it: data variables, a quiet standard output, a way to
leave."""

import contextlib
import importlib.metadata
import os
import sys
from pathlib import Path

DEFAULT_DATA = Path(__file__).resolve().parent / "g4data"

# Geant4 has a variable for each of its data packages; the tables made here are all in one folder.
DATA_VARIABLES = (
    "GEANT4_DATA_DIR",
    "G4ABLADATA",
    "G4ENSDFSTATEDATA",
    "G4INCLDATA",
    "G4LEDATA",
    "G4LEVELGAMMADATA",
    "G4NEUTRONHPDATA",
    "G4PARTICLEXSDATA",
    "G4PIIDATA",
    "G4RADIOACTIVEDATA",
    "G4REALSURFACEDATA",
    "G4SAIDXSDATA",
)


def use_data(folder):
    """Point Geant4 to the tables in `folder`. Before `geant4_pybind` is imported: it looks for the
    data then, and offers a download if it finds none."""
    folder = Path(folder).resolve()
    if not (folder / "brem_SB").is_dir():
        raise SystemExit(f"no Geant4 tables in {folder}: make them with make_g4data.py")
    for variable in DATA_VARIABLES:
        os.environ[variable] = str(folder)


def need_neutron_tables(folder):
    """Stop if the tables that only hadronic physics reads are missing."""
    if not (Path(folder) / "neutron").is_dir():
        raise SystemExit(f"no neutron tables in {folder}: make them with make_neutron_stub.py")


@contextlib.contextmanager
def quiet():
    """Geant4 prints banners and tables to the standard output; here they go nowhere."""
    sys.stdout.flush()
    before = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(before, 1)
        os.close(before)
        os.close(nowhere)


def version():
    """Geant4's version and the wheel's, for the attributes of a file."""
    import geant4_pybind

    number = geant4_pybind.G4VERSION_NUMBER
    geant4 = f"{number // 100}.{number // 10 % 10}.{number % 10}"
    return f"Geant4 {geant4} (geant4-pybind {importlib.metadata.version('geant4-pybind')})"


def leave():
    """End the process without Geant4's teardown, which crashes after hadronic runs."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
