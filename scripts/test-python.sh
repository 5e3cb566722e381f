#!/usr/bin/env bash
# Prints the path of a Python that has h5py, for the tests that read our files with it and theirs with
# ours, and htcondor, if that can be had, whose parser reads our submit file. Makes .venv for it where python3
# allows; prints nothing, and says so, where it does not.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

has_h5py() { "$1" -c 'import h5py' >/dev/null 2>&1; }

# Into .venv alone. Later versions cannot expand a submit file without a pool.
add_htcondor() {
    .venv/bin/python -c 'import htcondor' >/dev/null 2>&1 ||
        .venv/bin/python -m pip install --quiet 'htcondor<25' >&2 ||
        printf 'SKIPPED: the test with HTCondor; its Python module could not be installed\n' >&2
}

for python in "${SHOWERFORGE_TEST_PYTHON:-}" .venv/bin/python python3 /usr/bin/python3; do
    if [[ -n "${python}" ]] && command -v "${python}" >/dev/null && has_h5py "${python}"; then
        [[ "${python}" != .venv/bin/python ]] || add_htcondor
        realpath --no-symlinks "$(command -v "${python}")"
        exit
    fi
done
printf 'making .venv with h5py for the tests\n' >&2
if python3 -m venv .venv >/dev/null 2>&1 && .venv/bin/python -m pip install --quiet h5py >&2; then
    add_htcondor
    realpath --no-symlinks .venv/bin/python
    exit
fi
printf 'SKIPPED: the tests against h5py; no Python with h5py is here and none could be installed\n' >&2
