#!/usr/bin/env bash
# Runs tests/slurm/run.sh, after installing Slurm where apt-get can. Skips it, loudly, where there is none.
#
#   scripts/test-slurm.sh target/release/showerforge [LOG]
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

have_slurm() { (PATH=${PATH}:/usr/sbin:/sbin && command -v slurmctld slurmd munged sbatch >/dev/null); }

install_slurm() {
    local -a as_root=()
    if [[ "$(id -u)" -ne 0 ]]; then
        command -v sudo >/dev/null && sudo -n true 2>/dev/null || return 1
        as_root=(sudo -n)
    fi
    command -v apt-get >/dev/null || return 1
    printf 'installing: slurm-wlm munge\n' >&2
    "${as_root[@]}" apt-get -qq update >&2
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get -qq install --yes --no-install-recommends slurm-wlm munge >&2
}

have_slurm || install_slurm
if ! have_slurm; then
    printf 'SKIPPED: the test on Slurm; slurm-wlm and munge are missing and could not be installed\n' >&2
    exit 0
fi
tests/slurm/run.sh "$@"
code=$?
if [[ ${code} -eq 69 && "$(id -u)" -ne 0 ]]; then
    printf 'SKIPPED: the test on Slurm; it does not start for this user, who is not root\n' >&2
    exit 0
fi
exit "${code}"
