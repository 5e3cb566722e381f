//! A Snakefile: a rule for a part, one for the whole.

use super::quoting::python_string;
use super::{PlannedFile, Production};

pub const FILES: [&str; 1] = ["Snakefile"];

/// A task that stopped early goes on, one that failed tries again, so often.
const RETRIES: u32 = 5;

pub fn files(production: &Production) -> Vec<PlannedFile> {
    vec![PlannedFile { name: FILES[0], text: snakefile(production) }]
}

/// The Snakefile. All its paths are relative to the folder of the production.
pub fn snakefile(production: &Production) -> String {
    let description: Vec<String> =
        production.description().iter().map(|line| format!("# {line}\n")).collect();
    let list = |words: Vec<String>| {
        words.iter().map(|word| python_string(word)).collect::<Vec<_>>().join(", ")
    };
    let options = [production.options.clone(), production.gzip_words()].concat();
    let nevents = ["--nevents".to_owned(), production.events.to_string()];
    let merge_options = [nevents.to_vec(), production.gzip_words()].concat();
    let run = &production.run;
    let parts = Production::PARTS;
    format!(
        r#"# snakemake --snakefile Snakefile --cores N, or with a profile of your batch system.
#
{description}
PROGRAM = {program}
MODEL = {model}
OPTIONS = [{options}]
MERGE_OPTIONS = [{merge_options}]
FIRST_EVENT, EVENTS, EVENTS_PER_TASK = {first}, {events}, {per_task}


workdir: {folder}


def parts():
    for start in range(0, EVENTS, EVENTS_PER_TASK):
        first, events = FIRST_EVENT + start, min(EVENTS_PER_TASK, EVENTS - start)
        yield f"{parts}/showers_{run}_{{first:09}}_{{events}}.h5"


rule all:
    input: "{merged}"


rule generate:
    output: "{parts}/showers_{run}_{{first}}_{{events}}.h5"
    wildcard_constraints: first="[0-9]+", events="[0-9]+"
    params: program=PROGRAM, model=MODEL, options=OPTIONS, first=lambda wildcards: int(wildcards.first)
    threads: {threads}
    # Exit code 75 means stopped early: the next attempt goes on from what was kept.
    retries: {RETRIES}
    resources: mem_mb={memory}, runtime={minutes}, disk_mb={disk}
    shell:
        "RAYON_NUM_THREADS={{threads}} {{params.program:q}} generate --model {{params.model:q}} --seed {seed}"
        " {{params.options:q}} --first-event {{params.first}} --nevents {{wildcards.events}}"
        " --run {run} --output {{output:q}}"


rule merge:
    input: list(parts())
    output: "{merged}"
    params: program=PROGRAM, model=MODEL, parts={pattern}, options=MERGE_OPTIONS
    threads: {threads}
    resources: mem_mb={memory}
    shell:
        "RAYON_NUM_THREADS={{threads}} {{params.program:q}} merge {{params.parts:q}} {{params.options:q}} --output {{output:q}}"
        " && {{params.program:q}} verify {{output:q}} --model {{params.model:q}}"
"#,
        description = description.concat(),
        program = python_string(&production.program),
        model = python_string(&production.model),
        options = list(options),
        merge_options = list(merge_options),
        first = production.first_event,
        events = production.events,
        per_task = production.events_per_task,
        folder = python_string(&production.folder),
        merged = production.merged_name(),
        threads = production.threads,
        memory = production.memory_mb,
        minutes = production.time_limit_minutes,
        disk = production.task_disk_mb,
        seed = production.seed,
        pattern = python_string(&production.part_pattern(parts)),
    )
}
