#!/usr/bin/env bash
# Builds the wheel of the Python module with maturin in a virtual environment of its own
# (target/python-venv), installs it there and runs its tests. Where PyPI cannot be had it says so and
# stops with success, so that everything else is tested on such machines.
# SHOWERFORGE_TEST_PYTHON names a Python other than python3.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly venv="${PWD}/target/python-venv"
python="${SHOWERFORGE_TEST_PYTHON:-python3}"

skip() {
    printf 'SKIPPED: the tests of the Python module; %s\n' "$*" >&2
    exit 0
}

command -v "${python}" >/dev/null || skip "there is no ${python}"
mkdir -p target
if [[ ! -x "${venv}/bin/python" ]]; then
    "${python}" -m venv "${venv}" >/dev/null 2>&1 || skip "${python} cannot make a virtual environment"
fi
"${venv}/bin/python" -m pip install --quiet 'maturin>=1.9,<2' numpy pytest h5py >&2 ||
    skip "maturin, numpy, pytest and h5py could not be installed"
# Without it only the comparison of the type stubs is skipped.
"${venv}/bin/python" -m pip install --quiet mypy >&2 || true

readonly wheels=target/wheels
rm -f "${wheels}"/showerforge-*.whl
# In the folder of all other builds, so that the dependencies are compiled once.
"${venv}/bin/maturin" build --release --locked --manifest-path bindings/python/Cargo.toml \
    --target-dir target --out "${wheels}" --interpreter "${venv}/bin/python"
"${venv}/bin/python" -m pip install --quiet --no-deps --force-reinstall "${wheels}"/showerforge-*.whl
ls -l "${wheels}"/showerforge-*.whl
PYTHONDONTWRITEBYTECODE=1 "${venv}/bin/python" -m pytest -q -p no:cacheprovider bindings/python/tests
