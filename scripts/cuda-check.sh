#!/usr/bin/env bash
# Checks and measures the GPU of this machine, and PyTorch on it, in one command; writes a report in Markdown.
#
#   scripts/cuda-check.sh target/release/examples/device_check [--output cuda-check.md] [--device cuda:0]
#       [--python python3] [--iterations 1000] [--seconds 5] [--twin-iterations 200] [--batches '256 1024 4096']
#
# The binary comes from a machine with Rust: cargo build --release --features cuda --example device_check
# Here it needs an NVIDIA driver, libhdf5, and libnvrtc with CUDA's headers, of a toolkit or of PyTorch's wheels;
# docs/cuda.md has the details. Exit codes: 0 all is well, 1 something is not, 2 usage, 66 no binary,
# 69 no GPU, or something of what it needs is missing.
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)

say() { printf '%s\n' "$*" >&2; }
fail() {
    local code=$1
    shift
    say "error: $*"
    exit "${code}"
}
usage() { fail 2 "usage: cuda-check.sh BINARY [--output FILE] [--device cuda:N] [--python PYTHON] (see its first lines)"; }

[[ $# -ge 1 && "$1" != -* ]] || usage
binary=$1
shift
output=cuda-check.md device=cuda:0 python=python3 iterations=1000 seconds=5 twin_iterations=200 batches='256 1024 4096'
while [[ $# -gt 0 ]]; do
    [[ $# -ge 2 ]] || usage
    case $1 in
        --output) output=$2 ;;
        --device) device=$2 ;;
        --python) python=$2 ;;
        --iterations) iterations=$2 ;;
        --seconds) seconds=$2 ;;
        --twin-iterations) twin_iterations=$2 ;;
        --batches) batches=$2 ;;
        *) usage ;;
    esac
    shift 2
done
on_gpu=true
[[ "${device}" == cpu ]] && on_gpu=false

scratch=$(mktemp -d) || fail 73 "no temporary folder"
trap 'rm -rf "${scratch}"' EXIT

# Folders of NVIDIA's wheels beside PyTorch.
wheels() { "${python}" -c 'import nvidia; print(*nvidia.__path__, sep="\n")' 2>/dev/null; }

# CUDA_PATH for the kernels that are compiled at run time: a toolkit's, else one made of links to the wheels'
# headers, with their libraries in LD_LIBRARY_PATH.
find_cuda() {
    local folder toolkit
    if [[ -z "${CUDA_PATH:-}" ]]; then
        for toolkit in /usr/local/cuda /opt/cuda; do
            [[ -e "${toolkit}/include/mma.h" ]] && CUDA_PATH=${toolkit}
        done
    fi
    if [[ -z "${CUDA_PATH:-}" ]]; then
        CUDA_PATH=${scratch}/cuda
        mkdir -p "${CUDA_PATH}/include"
        while read -r folder; do
            for part in "${folder}"/*/include; do
                [[ -d "${part}" ]] && cp -rs "${part}/." "${CUDA_PATH}/include/" 2>/dev/null
            done
            for part in "${folder}"/*/lib; do
                [[ -d "${part}" ]] && LD_LIBRARY_PATH=${part}${LD_LIBRARY_PATH:+:${LD_LIBRARY_PATH}}
            done
        done < <(wheels)
    else
        LD_LIBRARY_PATH=${CUDA_PATH}/lib64${LD_LIBRARY_PATH:+:${LD_LIBRARY_PATH}}
    fi
    export CUDA_PATH LD_LIBRARY_PATH
    local header
    for header in cuda_runtime.h mma.h crt/mma.h; do
        [[ -e "${CUDA_PATH}/include/${header}" ]] || fail 69 "CUDA's header ${header} is missing; \
install a CUDA toolkit and set CUDA_PATH, or: pip install torch nvidia-cuda-crt \
(of PyTorch's CUDA version; with CUDA 12: nvidia-cuda-nvcc-cu12)"
    done
}

if ${on_gpu} && ! nvidia-smi -L 2>/dev/null | grep -q '^GPU'; then
    fail 69 "no NVIDIA GPU: nvidia-smi is missing or finds none"
fi
[[ -x "${binary}" ]] || fail 66 "no program at ${binary}; build it with: cargo build --release --features cuda --example device_check"
binary=$(realpath "${binary}")
if ! version=$("${binary}" --version 2>"${scratch}/error"); then
    fail 69 "${binary} does not start: $(head -n1 "${scratch}/error")"
fi
${on_gpu} && find_cuda
torch=$("${python}" -c 'import torch; print(torch.__version__)' 2>/dev/null)

report=${scratch}/report.md
failed=false
add() { printf '%s\n' "$*" >>"${report}"; }

# Runs a part of the program, shows its output and keeps it; an error goes into the report, too.
part() {
    local title=$1
    shift
    add "" "## ${title}" ""
    say "== ${title}"
    if ! "${binary}" "$@" --device "${device}" 2>"${scratch}/error" | tee -a "${report}" >&2; then
        failed=true
        add "" "**Failed.** \`$(head -n1 "${scratch}/error")\`"
    fi
}

# One row of PyTorch: work, mode, batch.
twin() {
    local row="| $1 | PyTorch ${torch}, $2 | $3 |" options=() line
    ${on_gpu} && options=(--device "${device}")
    ${tf32} && options+=(--tf32)
    line=$("${python}" "${root}/benches/peers/training_iteration.py" "${options[@]}" \
        --twin "$1" "$2" "$3" "${twin_iterations}" 2>"${scratch}/error")
    local each
    each=$(sed -nE 's/.*: ([0-9.]+) (CPU )?ms per iteration.*/\1/p' <<<"${line}")
    if [[ -n "${each}" ]]; then
        row+=" ${twin_iterations} | ${each} | $(awk -v ms="${each}" 'BEGIN { printf "%.2f", 1000 / ms }') |"
    else
        failed=true
        row+=" **failed**: $(tail -n1 "${scratch}/error" | tr '|' '/') | | |"
    fi
    add "${row}"
    say "${row}"
}

# Ours and PyTorch's in turn: configuration, batch, PyTorch's modes.
compare() {
    local mode
    "${binary}" speed --config "$1" --batch "$2" --seconds "${seconds}" --no-head --device "${device}" \
        2>"${scratch}/error" | tee -a "${report}" >&2 || failed=true
    [[ -n "${torch}" ]] || return 0
    for mode in "${@:3}"; do twin "$1" "${mode}" "$2"; done
}

add "# Check of ${device}" ""
add "- ${version}, binary $(sha256sum "${binary}" | cut -c1-16), $(date -u +%F)"
add "- PyTorch: ${torch:-none found by ${python}}"
add "- CPU: $(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2 | xargs), $(nproc) cores"
if ${on_gpu}; then
    while read -r line; do add "- GPU: ${line}"; done \
        < <(nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader)
fi

part "One iteration on the CPU and on ${device}" parity
tf32=false
${on_gpu} && grep -q 'are those of TF32' "${report}" && tf32=true
part "${iterations} iterations" endurance --iterations "${iterations}"

add "" "## Time per iteration, by the clock" ""
add "On a GPU PyTorch's products of matrices are in $(${tf32} && echo TF32, as ours || echo 32-bit floats)."
add "On the CPU its time is CPU time of one thread." ""
add "| configuration | program | batch | iterations | ms per iteration | iterations/s |"
add "|---|---|---|---|---|---|"
say "== Time per iteration"
for batch in ${batches}; do
    compare photons "${batch}" eager compile graphs
    compare fastcalogan "${batch}" eager compile graphs
    compare photons-relativistic "${batch}"
done
if ${on_gpu}; then
    compare cramer-rich 5000 eager
    compare grid25 32 eager
fi

cp "${report}" "${output}.part" && mv "${output}.part" "${output}" || fail 73 "${output} cannot be written"
say "the report is ${output}"
${failed} && fail 1 "something has failed; see ${output}"
exit 0
