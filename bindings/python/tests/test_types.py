"""The type stubs are those of the module."""

import subprocess
import sys

import pytest


def test_the_stubs_fit_the_module():
    pytest.importorskip("mypy")
    checked = subprocess.run(
        [sys.executable, "-m", "mypy.stubtest", "showerforge", "--ignore-missing-stub"],
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
