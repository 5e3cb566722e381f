#!/usr/bin/env bash
# Prints the path of a Python that has h5py, for the tests that read our files with it and theirs with
# ours, and, where it can be had, onnx and onnxruntime, for the tests of exported models. Makes .venv for
# it where python3 allows; prints nothing, and says so, where it does not.
set -uo pipefail
cd "$(dirname "$0")/.."

has() { "$1" -c "import $2" >/dev/null 2>&1; }

find_python() {
    for python in "${SHOWERFORGE_TEST_PYTHON:-}" .venv/bin/python python3 /usr/bin/python3; do
        if [[ -n "${python}" ]] && command -v "${python}" >/dev/null && has "${python}" "$1"; then
            realpath --no-symlinks "$(command -v "${python}")"
            return
        fi
    done
    return 1
}

find_python 'h5py, onnx, onnxruntime' && exit
printf 'making .venv with h5py, onnx and onnxruntime for the tests\n' >&2
if [[ -x .venv/bin/python ]] || python3 -m venv .venv >/dev/null 2>&1; then
    .venv/bin/python -m pip install --quiet h5py >&2
    .venv/bin/python -m pip install --quiet onnx onnxruntime >&2
fi
find_python 'h5py, onnx, onnxruntime' && exit
printf 'SKIPPED: the tests of exported models; no onnx and onnxruntime could be installed\n' >&2
find_python h5py && exit
printf 'SKIPPED: the tests against h5py; no Python with h5py is here and none could be installed\n' >&2
