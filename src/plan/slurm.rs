//! Scripts for Slurm: an array of tasks, the merging, and the submission of both.

use super::quoting::{sbatch_file, sbatch_value, shell_command, shell_word};
use super::{PlannedFile, Production};

/// The array, the merging, the submission.
pub const FILES: [&str; 3] = ["slurm-array.sh", "slurm-merge.sh", "slurm-submit.sh"];

/// What a site asks for.
#[derive(Debug, Clone, Default)]
pub struct SlurmOptions {
    pub partition: Option<String>,
    pub account: Option<String>,
    /// Other options of `sbatch`, each a line.
    pub more: Vec<String>,
    /// The most tasks of one array; Slurm's `MaxArraySize` is one more than the largest index.
    pub largest_array: u64,
}

/// Seconds before the end of the time limit at which a task is told to stop.
const WARNING_SECONDS: u32 = 60;
/// A task that stopped early goes on so often, and one whose disk failed tries again so often.
const MOST_STOPS: u32 = 100;
const MOST_FAILURES: u32 = 3;
/// Of merging, in minutes, beside a minute for each `MERGED_PER_MINUTE` events.
const MERGE_MINUTES: u64 = 30;
const MERGED_PER_MINUTE: u64 = 500_000;

pub fn files(production: &Production, options: &SlurmOptions) -> Vec<PlannedFile> {
    let texts = [
        array_script(production, options),
        merge_script(production, options),
        submit_script(production, options),
    ];
    FILES.into_iter().zip(texts).map(|(name, text)| PlannedFile { name, text }).collect()
}

/// The script of a task. It is one of an array: which, `SLURM_ARRAY_TASK_ID` says.
pub fn array_script(production: &Production, options: &SlurmOptions) -> String {
    let last = production.tasks.min(options.largest_array) - 1;
    let mut header = header(production, options, "showers", "%A_%a.log");
    header.extend([
        format!("--array=0-{last}"),
        format!("--time={}", time(production.time_limit_minutes)),
        format!("--mem={}M", production.memory_mb),
        format!("--cpus-per-task={}", production.threads),
        "--requeue".to_owned(),
        format!("--signal=B:TERM@{WARNING_SECONDS}"),
    ]);
    let words = production.generate_words(&production.parts());
    let command = shell_command(&[vec![production.program.clone()], words].concat());
    format!(
        r#"{head}
set -u

# Of a production with more tasks than an array may have, this array is not the first.
task=$((${{SHOWERFORGE_FIRST_TASK:-0}} + SLURM_ARRAY_TASK_ID))
if ((task >= {tasks})); then
    echo "task ${{task}} is none of the {tasks} tasks" >&2
    exit 2
fi
export RAYON_NUM_THREADS={threads}

# Slurm signals this shell; the program finishes what it is at, keeps it, and exits with 75.
program=
signalled=
trap 'signalled=yes; [[ -z "${{program}}" ]] || kill -TERM "${{program}}" 2>/dev/null' TERM INT USR1

# Puts this task back into the queue, unless it has been there too often. Its output then goes on
# from what was kept. A task that was cancelled, or is requeued already, is not running any more.
requeue() {{
    local job=${{SLURM_ARRAY_JOB_ID}}_${{SLURM_ARRAY_TASK_ID}}
    if [[ "$(scontrol --oneliner show job "${{job}}")" != *" JobState=RUNNING "* ]]; then
        echo "task ${{task}} was cancelled or requeued by someone else"
    elif ((${{SLURM_RESTART_COUNT:-0}} >= $1)); then
        echo "task ${{task}} was requeued $1 times; it is not any more" >&2
    else
        scontrol requeue "${{job}}"
    fi
}}

{command} \
    --task-id "${{task}}" &
program=$!
# A signal ends `wait` before the program has ended.
while :; do
    signalled=
    wait "${{program}}"
    code=$?
    [[ -n "${{signalled}}" ]] || break
done

echo "task ${{task}}: exit code ${{code}}"
case "${{code}}" in
    # Stopped early.
    75) requeue {MOST_STOPS} ;;
    # A disk has failed: perhaps not on another node.
    74) requeue {MOST_FAILURES} ;;
esac
exit "${{code}}"
"#,
        head = head(production, &header, "A task: some of the events of the production."),
        tasks = production.tasks,
        threads = production.threads,
    )
}

/// The script that merges the parts and checks the whole.
pub fn merge_script(production: &Production, options: &SlurmOptions) -> String {
    let mut header = header(production, options, "merge", "merge_%j.log");
    header.extend([
        format!("--time={}", time(MERGE_MINUTES + production.events / MERGED_PER_MINUTE)),
        format!("--mem={}M", production.memory_mb),
        format!("--cpus-per-task={}", production.threads),
    ]);
    let command = |words: Vec<String>| {
        let words: Vec<String> = [vec![production.program.clone()], words].concat();
        shell_command(&words)
    };
    format!(
        r#"{head}
set -eu
export RAYON_NUM_THREADS={threads}

merged={merged}
[[ -e "${{merged}}" ]] || {merge}
{verify}
"#,
        head = head(production, &header, "Merges the parts, and checks the whole."),
        threads = production.threads,
        merged = shell_word(&production.merged()),
        merge = command(production.merge_words()),
        verify = command(production.verify_words()),
    )
}

/// The script that submits both, to be run by a person.
pub fn submit_script(production: &Production, options: &SlurmOptions) -> String {
    let comments = comments(
        production,
        "Submits all tasks, and the merging after them. Run it again when some have failed: tasks\n\
         # whose output is complete end at once.",
    );
    format!(
        r#"#!/bin/bash
{comments}
set -euo pipefail

folder={folder}
tasks={tasks}
largest_array={largest}

arrays=()
for ((first = 0; first < tasks; first += largest_array)); do
    last=$((tasks - first < largest_array ? tasks - first - 1 : largest_array - 1))
    job=$(sbatch --parsable --array="0-${{last}}" --export="ALL,SHOWERFORGE_FIRST_TASK=${{first}}" \
        "${{folder}}/slurm-array.sh")
    arrays+=("${{job%%;*}}")
done
after=$(IFS=: && echo "${{arrays[*]}}")
merge=$(sbatch --parsable --dependency="afterok:${{after}}" --kill-on-invalid-dep=yes \
    "${{folder}}/slurm-merge.sh")
echo "arrays: ${{arrays[*]}}; merging: ${{merge%%;*}}"
"#,
        folder = shell_word(&production.folder),
        tasks = production.tasks,
        largest = options.largest_array,
    )
}

fn header(production: &Production, options: &SlurmOptions, job: &str, log: &str) -> Vec<String> {
    let mut header = vec![
        format!("--job-name={job}_{}", production.run),
        format!("--output={}", sbatch_file(&production.logs(), log)),
        // A task that is requeued goes on in the same log.
        "--open-mode=append".to_owned(),
    ];
    let named = [("partition", &options.partition), ("account", &options.account)];
    for (name, value) in named {
        header.extend(value.iter().map(|value| format!("--{name}={}", sbatch_value(value))));
    }
    header.extend(options.more.iter().cloned());
    header
}

fn head(production: &Production, header: &[String], what: &str) -> String {
    let header: Vec<String> = header.iter().map(|option| format!("#SBATCH {option}\n")).collect();
    format!("#!/bin/bash\n{}\n{}", header.concat(), comments(production, what))
}

fn comments(production: &Production, what: &str) -> String {
    let description: Vec<String> =
        production.description().iter().map(|line| format!("\n# {line}")).collect();
    format!("# {what}\n#{}", description.concat())
}

/// Minutes as Slurm reads them: `days-hours:minutes:seconds`.
fn time(minutes: u64) -> String {
    format!("{}-{:02}:{:02}:00", minutes / 1440, minutes / 60 % 24, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        assert_eq!([5, 70, 1500].map(time), ["0-00:05:00", "0-01:10:00", "1-01:00:00"]);
    }
}
