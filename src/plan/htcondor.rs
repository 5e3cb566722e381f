//! Files for HTCondor: the tasks, the merging, the check, and a DAG of them.

use super::quoting::{htcondor_value, htcondor_words};
use super::{PlannedFile, Production};

/// The tasks, the merging, the check, all of them as a DAG.
pub const FILES: [&str; 4] =
    ["htcondor.sub", "htcondor-merge.sub", "htcondor-verify.sub", "htcondor.dag"];

/// What a pool asks for.
#[derive(Debug, Clone, Default)]
pub struct HtcondorOptions {
    /// Becomes `accounting_group`.
    pub account: Option<String>,
    /// Other lines of a submit file.
    pub more: Vec<String>,
    /// There is no common file system: program, model and outputs are transferred.
    pub transfer: bool,
}

/// A task that stopped early or whose disk failed is run again so often.
const MOST_RETRIES: u32 = 20;

pub fn files(production: &Production, options: &HtcondorOptions) -> Vec<PlannedFile> {
    let merge = "Merges the parts. Runs where the parts are.";
    let verify = "Checks the merged file against the model.";
    let texts = [
        task_submit_file(production, options),
        one_job(production, options, "merge", merge, &production.merge_words()),
        one_job(production, options, "verify", verify, &production.verify_words()),
        dag(production),
    ];
    FILES.into_iter().zip(texts).map(|(name, text)| PlannedFile { name, text }).collect()
}

/// The submit file of the tasks: process k of the cluster makes the events of task k.
pub fn task_submit_file(production: &Production, options: &HtcondorOptions) -> String {
    let (mut words, files) = if options.transfer {
        // In the job's own folder there are file names only.
        let inputs: Vec<&String> =
            [&production.model].into_iter().chain(&production.input_files).collect();
        let mut words = production.generate_words(".");
        for word in &mut words {
            if inputs.iter().any(|path| *path == word) {
                *word = file_name(word).to_owned();
            }
        }
        let listed: Vec<String> = inputs.iter().map(|path| htcondor_value(path)).collect();
        let lines = [
            "should_transfer_files = YES".to_owned(),
            "transfer_executable = true".to_owned(),
            format!("transfer_input_files = {}", listed.join(", ")),
            "when_to_transfer_output = ON_EXIT_OR_EVICT".to_owned(),
            format!("initialdir = {}", htcondor_value(&production.parts())),
        ];
        (words, lines.join("\n") + "\n")
    } else {
        let words = production.generate_words(&production.parts());
        (
            words,
            "# Program, model and outputs are on a file system that all nodes share.\n\
                 should_transfer_files = NO\n"
                .to_owned(),
        )
    };
    words.extend(["--task-id", "auto"].map(str::to_owned));
    let comments = comments(production, "The tasks: process k makes the events of task k.");
    let logs = htcondor_value(&production.logs());
    format!(
        r#"{comments}
universe = vanilla
executable = {program}
arguments = {arguments}
environment = {environment}
{files}
log = {logs}/htcondor.log
output = {logs}/$(Cluster)_$(Process).out
error = {logs}/$(Cluster)_$(Process).err

# 75: stopped early; run again, it goes on from what was kept. 74: a disk has failed, perhaps not
# on another node. A task that a signal ended is run again, too. Every other error is final.
max_retries = {MOST_RETRIES}
on_exit_remove = (ExitBySignal =?= false) && (ExitCode =!= 75) && (ExitCode =!= 74)
kill_sig = SIGTERM

request_cpus = {cpus}
request_memory = {memory}MB
request_disk = {disk}MB
{more}
queue {tasks}
"#,
        program = htcondor_value(&production.program),
        arguments = htcondor_words(&words),
        environment = environment(production, true),
        cpus = production.threads,
        memory = production.memory_mb,
        disk = production.task_disk_mb,
        more = more(options),
        tasks = production.tasks,
    )
}

fn one_job(
    production: &Production,
    options: &HtcondorOptions,
    name: &str,
    what: &str,
    words: &[String],
) -> String {
    let logs = htcondor_value(&production.logs());
    format!(
        r#"{comments}
universe = {universe}
executable = {program}
arguments = {arguments}
environment = {environment}
should_transfer_files = NO

log = {logs}/htcondor.log
output = {logs}/{name}_$(Cluster).out
error = {logs}/{name}_$(Cluster).err

request_cpus = {cpus}
request_memory = {memory}MB
{more}
queue
"#,
        comments = comments(production, what),
        // Without a common file system the parts are on the machine that submits.
        universe = if options.transfer { "local" } else { "vanilla" },
        program = htcondor_value(&production.program),
        arguments = htcondor_words(words),
        environment = environment(production, false),
        cpus = production.threads,
        memory = production.memory_mb,
        more = more(options),
    )
}

fn dag(production: &Production) -> String {
    let comments = comments(
        production,
        "All of it: condor_submit_dag htcondor.dag, in the folder of this file.",
    );
    format!(
        "{comments}\nJOB generate htcondor.sub\nJOB merge htcondor-merge.sub\n\
         JOB verify htcondor-verify.sub\nPARENT generate CHILD merge\nPARENT merge CHILD verify\n"
    )
}

fn environment(production: &Production, is_task: bool) -> String {
    let threads = format!("RAYON_NUM_THREADS={}", production.threads);
    // The one macro: it must not be quoted.
    let task = if is_task { "CONDOR_PROCESS=$(Process) " } else { "" };
    format!("\"{task}{threads}\"")
}

fn more(options: &HtcondorOptions) -> String {
    let account = options.account.iter();
    let account = account.map(|name| format!("accounting_group = {}\n", htcondor_value(name)));
    account.chain(options.more.iter().map(|line| format!("{line}\n"))).collect()
}

fn comments(production: &Production, what: &str) -> String {
    let description: Vec<String> =
        production.description().iter().map(|line| format!("\n# {line}")).collect();
    format!("# {what}\n#{}\n", description.concat())
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
