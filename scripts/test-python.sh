#!/usr/bin/env bash
# Prints the path of a Python that has h5py, for the tests that read our files with it and theirs with
# ours. Makes .venv for it where python3 allows; prints nothing, and says so, where it does not.
set -uo pipefail
cd "$(dirname "$0")/.."

has_h5py() { "$1" -c 'import h5py' >/dev/null 2>&1; }

for python in "${SHOWERFORGE_TEST_PYTHON:-}" .venv/bin/python python3 /usr/bin/python3; do
    if [[ -n "${python}" ]] && command -v "${python}" >/dev/null && has_h5py "${python}"; then
        realpath --no-symlinks "$(command -v "${python}")"
        exit
    fi
done
printf 'making .venv with h5py for the tests\n' >&2
if python3 -m venv .venv >/dev/null 2>&1 && .venv/bin/python -m pip install --quiet h5py >&2; then
    realpath --no-symlinks .venv/bin/python
    exit
fi
printf 'SKIPPED: the tests against h5py; no Python with h5py is here and none could be installed\n' >&2
