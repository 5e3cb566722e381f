#!/usr/bin/env bash
# Prints the path of a Python for the tests: with h5py, to read our files with it and theirs with ours, and,
# where they can be had, onnx and onnxruntime for exported models and htcondor for its parser of submit files.
# Makes .venv for it where python3 allows; prints nothing, and says so, where it does not.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

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

# Into .venv alone: modules, what to install, and which tests go without.
add() {
    has .venv/bin/python "$1" && return
    .venv/bin/python -m pip install --quiet ${2} >&2 || printf 'SKIPPED: %s; %s could not be installed\n' "$3" "$2" >&2
}

find_python 'h5py, onnx, onnxruntime, htcondor' && exit
printf 'making .venv with h5py, onnx, onnxruntime and htcondor for the tests\n' >&2
if [[ -x .venv/bin/python ]] || python3 -m venv .venv >/dev/null 2>&1; then
    add h5py h5py 'the tests against h5py'
    add 'onnx, onnxruntime' 'onnx onnxruntime' 'the tests of exported models'
    # Later versions cannot expand a submit file without a pool.
    add htcondor 'htcondor<25' 'the test with HTCondor'
fi
for modules in 'h5py, onnx, onnxruntime, htcondor' 'h5py, onnx, onnxruntime' h5py; do
    find_python "${modules}" && exit
done
printf 'SKIPPED: the tests against h5py; no Python with h5py is here and none could be installed\n' >&2
