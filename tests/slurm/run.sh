#!/usr/bin/env bash
# A production on a real Slurm of one node, which this script starts in a private folder and stops.
#
#   tests/slurm/run.sh target/release/showerforge [LOG]
#
# An array of six tasks that `showerforge plan` wrote: in the middle one is cancelled, one is told to
# stop, one is requeued, one is killed without warning; the array is submitted again. The merged parts must equal a single run, byte for byte.
# LOG gets what was done and what Slurm said. Needs slurmctld, slurmd and munged (Debian: slurm-wlm, munge).
# Exit codes: 0 all is as it must be, 1 something is not, 2 usage, 69 Slurm is missing or does not start.
set -uo pipefail

usage() { echo "usage: tests/slurm/run.sh PROGRAM [LOG]" >&2; exit 2; }
[[ $# -ge 1 && $# -le 2 && -x "$1" ]] || usage
program=$(realpath "$1")
log=$(realpath -m "${2:-/dev/null}")
repository=$(cd "$(dirname "$0")/../.." && pwd)
model=${repository}/data/models/photons-geant4.safetensors
# About how long a task takes when so many run at once.
readonly task_seconds=12 concurrent=4

: >"${log}" || exit 1
say() { printf '[%3d s] %s\n' "${SECONDS}" "$*" | tee -a "${log}"; }
# Shows a command and what it prints.
show() { say "\$ $*"; "$@" 2>&1 | tee -a "${log}"; return "${PIPESTATUS[0]}"; }
unavailable() { say "SKIPPED: $*"; exit 69; }
fail() {
    say "FAILED: $*"
    squeue --all 2>&1 | tee -a "${log}"
    tail -n 15 "${slurm}"/log/* "${production}"/logs/* 2>/dev/null | tee -a "${log}"
    exit 1
}

PATH=${PATH}:/usr/sbin:/sbin
for needed in slurmctld slurmd munged sbatch scontrol squeue scancel; do
    command -v "${needed}" >/dev/null || unavailable "${needed} is missing; install slurm-wlm and munge"
done

slurm=$(mktemp -d "${TMPDIR:-/tmp}/showerforge-slurm.XXXXXX") || exit 1
# A name that is wrong wherever it is not quoted.
production="${slurm}/my production's \$1"
daemons=()
stop() {
    if [[ ${#daemons[@]} -gt 0 ]]; then
        scancel --user="$(id -un)" --signal=KILL --full 2>/dev/null
        scancel --user="$(id -un)" 2>/dev/null
        sleep 1
        # The controller first: it talks to the others.
        local daemon
        for daemon in "${daemons[@]}"; do kill "${daemon}" 2>/dev/null; done
        for _ in {1..50}; do
            kill -0 "${daemons[@]}" 2>/dev/null || break
            sleep 0.1
        done
        for daemon in "${daemons[@]}"; do kill -KILL "${daemon}" 2>/dev/null; done
        wait "${daemons[@]}" 2>/dev/null
    fi
    rm -rf "${slurm}"
}
trap stop EXIT
trap 'exit 1' INT TERM HUP

free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 12000))
        (exec 3<>"/dev/tcp/127.0.0.1/${port}") 2>/dev/null || break
    done
    echo "${port}"
}

start_slurm() {
    local host memory_mb controller_port node_port
    host=$(hostname -s)
    memory_mb=$(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)
    controller_port=$(free_port)
    node_port=$(free_port)
    export SLURM_CONF=${slurm}/slurm.conf
    mkdir -p "${slurm}"/{munge,spool/controller,spool/node,log}
    chmod 755 "${slurm}" "${slurm}/munge"
    (umask 377 && head -c 1024 /dev/urandom >"${slurm}/munge/munge.key")
    cat >"${SLURM_CONF}" <<CONF
ClusterName=showerforge
SlurmctldHost=${host}(127.0.0.1)
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
CryptoType=crypto/munge
# A task that is requeued is eligible again after this time, which is two minutes otherwise.
AuthInfo=socket=${slurm}/munge/munge.sock,cred_expire=15
SlurmctldPort=${controller_port}
SlurmdPort=${node_port}
StateSaveLocation=${slurm}/spool/controller
SlurmdSpoolDir=${slurm}/spool/node
SlurmctldPidFile=${slurm}/controller.pid
SlurmdPidFile=${slurm}/node.pid
SlurmctldLogFile=${slurm}/log/controller.log
SlurmdLogFile=${slurm}/log/node.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
MpiDefault=none
ReturnToService=2
NodeName=${host} NodeAddr=127.0.0.1 CPUs=${concurrent} Boards=1 SocketsPerBoard=1 CoresPerSocket=${concurrent} ThreadsPerCore=1 RealMemory=${memory_mb} State=UNKNOWN
PartitionName=debug Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
    munged --foreground --key-file="${slurm}/munge/munge.key" --socket="${slurm}/munge/munge.sock" \
        --pid-file="${slurm}/munge/munged.pid" --log-file="${slurm}/log/munged.log" \
        --seed-file="${slurm}/munge/munged.seed" >"${slurm}/log/munged.out" 2>&1 &
    daemons+=($!)
    for _ in {1..50}; do
        [[ -S "${slurm}/munge/munge.sock" ]] && break
        sleep 0.1
    done
    slurmctld -D -f "${SLURM_CONF}" >"${slurm}/log/controller.out" 2>&1 &
    daemons=($! "${daemons[@]}")
    slurmd -D -f "${SLURM_CONF}" >"${slurm}/log/node.out" 2>&1 &
    daemons=("${daemons[0]}" $! "${daemons[@]:1}")
    for _ in {1..60}; do
        [[ "$(sinfo --noheader --format=%T 2>/dev/null)" == idle ]] && return
        sleep 0.5
    done
    tail -n 5 "${slurm}"/log/*
    unavailable "Slurm did not start within 30 s (user $(id -un))"
}

# State of a task, such as RUNNING.
state() { scontrol --oneliner show job "$1" 2>/dev/null | grep -o 'JobState=[A-Z_]*' | head -n 1 | cut -d= -f2; }
# What scontrol says of a job, the interesting part.
outcome() {
    scontrol --oneliner show job "$1" | grep -oE '(ArrayTaskId|JobState|Reason|Restarts|ExitCode|RunTime)=[^ ]+' | tr '\n' ' '
}
# The number that an array's task has as a job.
job_of() { scontrol --oneliner show job "$1" | grep -o 'JobId=[0-9]*' | head -n 1 | cut -d= -f2; }
wait_until() {
    local seconds=$1
    shift
    for ((tries = 0; tries < 5 * seconds; tries++)); do
        "$@" && return
        sleep 0.2
    done
    return 1
}
running() { [[ "$(state "$1")" == RUNNING ]]; }
all_left() { [[ -z "$(squeue --noheader --jobs="$1" 2>/dev/null)" ]]; }
parts() { find "${production}/parts" -name 'showers_test_*.h5' | sort; }
submit() {
    say "\$ bash slurm-submit.sh"
    local said
    said=$(bash "${production}/slurm-submit.sh" 2>&1) || fail "the submission: ${said}"
    say "${said}"
    array=$(sed -n 's/^arrays: \([0-9]*\);.*/\1/p' <<<"${said}")
    merge=$(sed -n 's/.*merging: \([0-9]*\)$/\1/p' <<<"${said}")
    [[ -n "${array}" && -n "${merge}" ]] || fail "no numbers of jobs in: ${said}"
}

start_slurm
say "Slurm $(slurmctld -V | cut -d' ' -f2), one node, ${concurrent} tasks at once"

# How many events take a task about so long, when more tasks run than there are cores?
plan=("${program}" plan --model "${model}" --seed 11 --energies '2^8..2^13' --scheduler slurm --run test)
slowdown=$(awk -v n="${concurrent}" -v cores="$(nproc)" 'BEGIN { print (n > cores ? n / cores : 1) }')
minutes=$(awk -v s="${task_seconds}" -v slow="${slowdown}" 'BEGIN { printf "%.4f", s / slow / 60 }')
"${plan[@]}" --nevents 1000000000 --output-dir "${slurm}/trial" --task-minutes "${minutes}" --measure-seconds 3 \
    --json >"${slurm}/trial.json" || fail "the plan"
per_task=$(sed -n 's/.*"events_per_task": \([0-9]*\).*/\1/p' "${slurm}/trial.json" | head -n 1)
# A busy machine measures too little: at least so many that no machine is done before it is told to stop.
per_task=$((per_task > 400000 ? per_task : 400000))
events=$((6 * per_task - per_task / 3))
say "tasks of ${per_task} events, about ${task_seconds} s each; ${events} events in all"
show "${plan[@]}" --nevents "${events}" --events-per-task "${per_task}" --output-dir "${production}" \
    --measure-seconds 1 || fail "the plan"

submit
first_array=${array}
for task in 0 1 2 3; do
    wait_until 60 running "${array}_${task}" || fail "task ${task} does not run"
done
writing() { [[ "$(find "${production}/parts" -name '.showers_test_*.partial.tmp' -size +100k | wc -l)" -eq 4 ]]; }
wait_until 60 writing || fail "four tasks do not write at once"
show squeue --array --format='%.12i %.9T %.6M %R' --sort=i
# As a node without memory does: script and program get no warning.
killed=$(scontrol listpids "$(job_of "${array}_3")" | awk 'NR > 1 && $1 > 0 { print $1 }')
[[ -n "${killed}" ]] || fail "no processes of task 3"
say "kill -KILL the $(wc -w <<<"${killed}") processes of ${array}_3"
xargs kill -KILL <<<"${killed}" || fail "kill"
show scontrol requeue "${array}_2" || fail "scontrol"
# A cancellation: SIGTERM, then SIGKILL. The task must not come back by itself.
show scancel --signal=KILL "${array}_0" || fail "scancel"
# As Slurm does by --signal=B:TERM@60. Without an end scancel would try again until the task runs again.
show timeout 4 scancel --signal=TERM --batch "${array}_1"
sleep 3
show squeue --array --format='%.12i %.9T %.6M %R' --sort=i

# The single run to compare with goes on beside them.
single="${slurm}/single.h5"
"${program}" generate --model "${model}" --seed 11 --energies '2^8..2^13' --run test --nevents "${events}" \
    --output "${single}" >"${slurm}/single.log" 2>&1 &
single_run=$!

wait_until 240 all_left "${array}" || fail "the array does not come to its end"
for task in 0 1 2 3 4 5; do say "$(outcome "${array}_${task}")"; done
say "merging: $(outcome "${merge}")"
[[ "$(state "${array}_0")" == CANCELLED ]] || fail "the task that was cancelled is not CANCELLED"
[[ "$(state "${array}_3")" == FAILED ]] || fail "the task that was killed is not FAILED"
for task in 1 2 4 5; do
    [[ "$(state "${array}_${task}")" == COMPLETED ]] || fail "task ${task} is not complete"
done
grep -q 'exit code 75' "${production}/logs/${array}_1.log" || fail "the task that was told to stop did not exit with 75"
say "log of the task that was cancelled:"
tail -n 3 "${production}/logs/${array}_0.log" | tee -a "${log}"
say "log of the task that was told to stop:"
tail -n 12 "${production}/logs/${array}_1.log" | tee -a "${log}"
[[ "$(parts | wc -l)" -eq 4 ]] || fail "expected 4 parts, found: $(parts)"
[[ ! -e "${production}/showers_test.h5" ]] || fail "there is a merged file, and a part is missing"
before=$(parts | xargs -d '\n' stat --format='%n %i %Y' | sort)

say "the same again: complete parts are skipped"
submit
wait_until 240 all_left "${array}" || fail "the second array does not come to its end"
wait_until 120 all_left "${merge}" || fail "the merging does not come to its end"
for task in 0 1 2 3 4 5; do
    say "$(outcome "${array}_${task}")"
    [[ "$(state "${array}_${task}")" == COMPLETED ]] || fail "task ${task} is not complete"
done
say "merging: $(outcome "${merge}")"
[[ "$(state "${merge}")" == COMPLETED ]] || fail "the merging has failed"
say "log of a part that was complete:"
tail -n 3 "${production}/logs/${array}_4.log" | tee -a "${log}"
say "log of the merging:"
tail -n 12 "${production}/logs/merge_${merge}.log" | tee -a "${log}"
third=$(printf 'showers_test_%09d_' $((3 * per_task)))
after=$(parts | grep -v -e showers_test_000000000_ -e "${third}" | xargs -d '\n' stat --format='%n %i %Y' | sort)
[[ "${before}" == "${after}" ]] || fail "a part that was complete was written again"
[[ "$(parts | wc -l)" -eq 6 ]] || fail "expected 6 parts, found: $(parts)"

wait "${single_run}" || fail "the single run: $(cat "${slurm}/single.log")"
cmp "${single}" "${production}/showers_test.h5" || fail "the merged parts differ from the single run"
say "single run: $(sha256sum <"${single}" | cut -c1-64)"
say "merged:     $(sha256sum <"${production}/showers_test.h5" | cut -c1-64)"
(cd "${production}/parts" && sha256sum --check --quiet ./*.sha256) || fail "a checksum is wrong"
say "PASSED: ${events} events of arrays ${first_array} and ${array}, byte-equal to a single run"
