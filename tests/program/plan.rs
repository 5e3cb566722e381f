//! `showerforge plan`: what it writes, and what it refuses.

use std::path::Path;
use std::process::Command;

use showerforge::plan::htcondor::{self, HtcondorOptions};
use showerforge::plan::slurm::{self, SlurmOptions};
use showerforge::plan::{Production, snakemake};

use crate::python::python_with;
use crate::support::{names, showerforge, text};
use crate::surrogate::{Surrogate, path};

fn production() -> Production {
    Production {
        program: "/opt/showerforge/bin/showerforge".to_owned(),
        model: "/data/models/photons.safetensors".to_owned(),
        model_sha256: "0123abcd".to_owned(),
        folder: "/data/production".to_owned(),
        run: "mc1".parse().unwrap(),
        seed: 7,
        first_event: 0,
        events: 100_000_000,
        events_per_task: 1_800_000,
        tasks: 56,
        threads: 1,
        options: ["--energies", "2^8..2^13"].map(str::to_owned).to_vec(),
        gzip_level: None,
        input_files: Vec::new(),
        time_limit_minutes: 70,
        memory_mb: 700,
        task_disk_mb: 1100,
    }
}

/// Names with all that languages of shells and batch systems read otherwise.
fn odd_production() -> Production {
    let conditions = "/data/it's mine/50% $HOME.h5".to_owned();
    Production {
        program: "/opt/my programs/showerforge".to_owned(),
        model: "/data/my models/a \"b\".safetensors".to_owned(),
        folder: "/data/my production's $1".to_owned(),
        first_event: 1000,
        events: 250_000,
        events_per_task: 100,
        tasks: 2500,
        threads: 4,
        options: vec!["--conditions".to_owned(), conditions.clone()],
        gzip_level: Some(1),
        input_files: vec![conditions],
        ..production()
    }
}

fn slurm_options() -> SlurmOptions {
    SlurmOptions { largest_array: 1000, ..SlurmOptions::default() }
}

fn odd_slurm_options() -> SlurmOptions {
    SlurmOptions {
        partition: Some("long".to_owned()),
        account: Some("my group".to_owned()),
        more: vec!["--qos=high".to_owned()],
        largest_array: 1000,
    }
}

fn transferring() -> HtcondorOptions {
    HtcondorOptions {
        account: Some("group_x".to_owned()),
        more: vec!["+JobFlavour = \"longlunch\"".to_owned()],
        transfer: true,
    }
}

/// The text without the version of this program.
fn stable(text: &str) -> String {
    text.replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

#[test]
fn files_of_slurm() {
    for file in slurm::files(&production(), &slurm_options()) {
        insta::assert_snapshot!(format!("plan_{}", file.name), stable(&file.text));
    }
    let odd = slurm::array_script(&odd_production(), &odd_slurm_options());
    insta::assert_snapshot!("plan_odd_slurm-array.sh", stable(&odd));
}

#[test]
fn files_of_htcondor() {
    for file in htcondor::files(&production(), &HtcondorOptions::default()) {
        insta::assert_snapshot!(format!("plan_{}", file.name), stable(&file.text));
    }
    let odd = htcondor::task_submit_file(&odd_production(), &transferring());
    insta::assert_snapshot!("plan_odd_htcondor.sub", stable(&odd));
}

#[test]
fn files_of_snakemake() {
    insta::assert_snapshot!("plan_Snakefile", stable(&snakemake::snakefile(&production())));
}

/// Whether bash, and shellcheck if there is one, find nothing wrong.
fn assert_good_script(script: &Path) {
    let checked = Command::new("bash").arg("-n").arg(script).output().unwrap();
    assert!(checked.status.success(), "{}", text(&checked.stderr));
    // Names with a dollar sign are meant to stand in single quotes.
    match Command::new("shellcheck").arg("--exclude=SC2016").arg(script).output() {
        Ok(checked) => assert!(checked.status.success(), "{}", text(&checked.stdout)),
        Err(_) => eprintln!("SKIPPED: no shellcheck for {}", script.display()),
    }
}

#[test]
fn scripts_are_good_bash() {
    let folder = tempfile::tempdir().unwrap();
    for (number, (production, options)) in
        [(production(), slurm_options()), (odd_production(), odd_slurm_options())]
            .into_iter()
            .enumerate()
    {
        for file in slurm::files(&production, &options) {
            let script = folder.path().join(format!("{number}-{}", file.name));
            std::fs::write(&script, file.text).unwrap();
            assert_good_script(&script);
        }
    }
}

/// Runs `slurm-array.sh` as Slurm does, with a program that prints what it is told and then acts as
/// `then` says, and an `scontrol` that says that it was called.
fn task(then: &str, environment: &[(&str, &str)]) -> (Option<i32>, String) {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let script = |name: &str, text: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
        file
    };
    let program = format!("#!/bin/bash\nprintf '<%s>' \"$RAYON_NUM_THREADS\" \"$@\"\n{then}\n");
    let program = script("a program", &program);
    let scontrol = "#!/bin/bash\ncase $* in\n    requeue*) echo \"scontrol $*\" ;;\n    \
        *'show job 42_3') echo \"JobId=44 JobState=${STATE:-RUNNING} Reason=None\" ;;\nesac\n";
    script("scontrol", scontrol);
    let production = Production { program: path(&program).to_owned(), ..odd_production() };
    let array = script("array.sh", &slurm::array_script(&production, &slurm_options()));
    let paths = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    let run = Command::new("bash")
        .arg(array)
        .env("PATH", paths)
        .env("SLURM_ARRAY_JOB_ID", "42")
        .env("SLURM_ARRAY_TASK_ID", "3")
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    (run.status.code(), text(&run.stdout) + &text(&run.stderr))
}

#[test]
fn a_task_passes_its_words_as_they_are() {
    let (code, said) = task("", &[]);
    assert_eq!(code, Some(0), "{said}");
    let expected = "<4><generate><--model></data/my models/a \"b\".safetensors><--nevents><250000>\
        <--events-per-task><100><--first-event><1000><--seed><7><--run><mc1>\
        <--output></data/my production's $1/parts/><--conditions></data/it's mine/50% $HOME.h5><--gzip><1>\
        <--task-id><3>";
    assert!(said.contains(expected), "{said}");
    assert!(!said.contains("scontrol"), "{said}");
    let (code, said) = task("", &[("SHOWERFORGE_FIRST_TASK", "2000")]);
    assert!(code == Some(0) && said.contains("<--task-id><2003>"), "{said}");
    let (code, said) = task("", &[("SHOWERFORGE_FIRST_TASK", "2500")]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("task 2503 is none of the 2500 tasks"), "{said}");
}

#[test]
fn a_task_that_stops_early_is_requeued_and_one_that_fails_is_not() {
    let (code, said) = task("exit 75", &[]);
    assert!(code == Some(75) && said.contains("scontrol requeue 42_3"), "{said}");
    let (code, said) = task("exit 75", &[("SLURM_RESTART_COUNT", "100")]);
    assert!(code == Some(75) && !said.contains("scontrol requeue"), "{said}");
    let (code, said) = task("exit 74", &[("SLURM_RESTART_COUNT", "2")]);
    assert!(code == Some(74) && said.contains("scontrol requeue 42_3"), "{said}");
    let (code, said) = task("exit 74", &[("SLURM_RESTART_COUNT", "3")]);
    assert!(code == Some(74) && !said.contains("scontrol requeue"), "{said}");
    // Who cancels a task does not want it back.
    for state in ["COMPLETING", "CANCELLED"] {
        let (code, said) = task("exit 75", &[("STATE", state)]);
        assert!(code == Some(75) && !said.contains("scontrol requeue"), "{said}");
    }
    let (code, said) = task("exit 65", &[]);
    assert!(code == Some(65) && !said.contains("scontrol"), "{said}");
}

/// Slurm signals the script alone: it must tell the program, wait for it, and keep its exit code.
#[test]
fn a_task_passes_the_signal_on_and_waits() {
    let program = "trap 'sleep 0.2; echo stopped; exit 75' TERM\nsleep 0.3\nkill -TERM $PPID\n\
                   for _ in {1..100}; do sleep 0.05; done";
    let (code, said) = task(program, &[]);
    assert_eq!(code, Some(75), "{said}");
    assert!(said.contains("stopped") && said.contains("scontrol requeue 42_3"), "{said}");
}

/// What `condor_submit` would make of the file, by HTCondor's own parser.
const EXPAND: &str = r#"
import json, sys, warnings
warnings.simplefilter("ignore")
import htcondor
with open(sys.argv[1]) as file:
    submit = htcondor.Submit(file.read())
count = int(submit.getQArgs())
jobs = [job for job in submit.jobs(count=count)]
def of(job):
    names = ["Cmd", "Arguments", "Environment", "OnExitRemove", "JobMaxRetries", "RequestMemory", "RequestCpus", "Iwd"]
    found = {name: job[name] if isinstance(job.get(name), (str, int)) else str(job.get(name)) for name in names}
    found["TransferInput"] = job.get("TransferInput", "")
    found["retried"] = {}
    for code in [0, 65, 74, 75]:
        job["ExitBySignal"], job["ExitCode"], job["NumJobCompletions"] = False, code, 1
        found["retried"][code] = not job.eval("OnExitRemove")
    job["ExitBySignal"] = True
    del job["ExitCode"]
    found["retried"]["signal"] = not job.eval("OnExitRemove")
    return found
print(json.dumps({"count": len(jobs), "first": of(jobs[0]), "last": of(jobs[-1])}))
"#;

#[test]
fn htcondor_reads_the_submit_file() {
    let Some(python) = python_with("htcondor") else {
        eprintln!("SKIPPED: no Python with htcondor; set SHOWERFORGE_TEST_PYTHON to one");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let expanded = |production: &Production, options: &HtcondorOptions| {
        let file = folder.path().join("htcondor.sub");
        std::fs::write(&file, htcondor::task_submit_file(production, options)).unwrap();
        let run = Command::new(&python).args(["-c", EXPAND]).arg(&file).output().unwrap();
        assert!(run.status.success(), "{}", text(&run.stderr));
        let json = text(&run.stdout).lines().last().unwrap().to_owned();
        serde_json::from_str::<serde_json::Value>(&json).unwrap()
    };
    let plain = expanded(&production(), &HtcondorOptions::default());
    assert_eq!(plain["count"], 56);
    let arguments = "generate --model /data/models/photons.safetensors --nevents 100000000 \
        --events-per-task 1800000 --seed 7 --run mc1 --output /data/production/parts/ \
        --energies 2^8..2^13 --task-id auto";
    for (job, process) in [("first", 0), ("last", 55)] {
        let job = &plain[job];
        assert_eq!(job["Cmd"], "/opt/showerforge/bin/showerforge");
        assert_eq!(job["Arguments"], arguments);
        let environment = format!("CONDOR_PROCESS={process} RAYON_NUM_THREADS=1");
        assert_eq!(job["Environment"], environment.as_str());
        assert_eq!(job["JobMaxRetries"], 20);
        assert_eq!(job["RequestMemory"], 700);
        let retried = serde_json::json!(
            {"0": false, "65": false, "74": true, "75": true, "signal": true}
        );
        assert_eq!(job["retried"], retried);
    }
    // The folder that the job begins in must be there.
    let odd_folder = folder.path().join("my production's $1");
    std::fs::create_dir_all(odd_folder.join("parts")).unwrap();
    let odd_production = Production { folder: path(&odd_folder).to_owned(), ..odd_production() };
    let odd = expanded(&odd_production, &transferring());
    let last = &odd["last"];
    assert_eq!(odd["count"], 2500);
    assert_eq!(last["Cmd"], "/opt/my programs/showerforge");
    assert_eq!(last["Iwd"], odd_production.parts());
    assert_eq!(
        last["TransferInput"],
        "/data/my models/a \"b\".safetensors,/data/it's mine/50% $HOME.h5"
    );
    // HTCondor writes a word with spaces in single quotes, as its own manual says.
    let arguments = last["Arguments"].as_str().unwrap();
    assert!(arguments.contains(r#"--model a' '"b".safetensors "#), "{arguments}");
    assert!(
        arguments.contains("--conditions 50%' '$HOME.h5 --gzip 1 --task-id auto"),
        "{arguments}"
    );
}

fn plan(folder: &Path, more: &[&str]) -> (Option<i32>, String, String) {
    let model = Surrogate::get().model();
    let mut arguments = vec!["plan", "--model", path(&model), "--output-dir", path(folder)];
    arguments.extend(["--measure-seconds", "0.3"]);
    arguments.extend(more);
    let run = showerforge(&arguments);
    (run.status.code(), text(&run.stdout), text(&run.stderr))
}

#[test]
fn a_plan_is_measured_and_written() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("my production's");
    let options = ["--nevents", "1000000", "--energies", "2^8..2^13", "--seed", "5"];
    let (code, said, errors) = plan(&folder, &options);
    assert_eq!(code, Some(0), "{errors}");
    for expected in ["measured on ", "events/s", "tasks ", "core-hours", "slurm-submit.sh"] {
        assert!(said.contains(expected), "`{said}` should contain `{expected}`");
    }
    let written = [
        "Snakefile",
        "htcondor-merge.sub",
        "htcondor-verify.sub",
        "htcondor.dag",
        "htcondor.sub",
        "logs",
        "parts",
        "plan.json",
        "slurm-array.sh",
        "slurm-merge.sh",
        "slurm-submit.sh",
    ];
    assert_eq!(names(&folder), written);
    for script in ["slurm-array.sh", "slurm-merge.sh", "slurm-submit.sh"] {
        assert_good_script(&folder.join(script));
    }
    let json: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.join("plan.json")).unwrap()).unwrap();
    let (measured, sizes) = (&json["measured"], &json["sizes"]);
    assert!(measured["events_per_second"].as_f64().unwrap() > 1.0, "{json}");
    assert!(measured["bytes_per_event"].as_f64().unwrap() > 10.0, "{json}");
    assert!(measured["peak_bytes"].as_u64().unwrap() > 1_000_000, "{json}");
    let (tasks, per_task) =
        (sizes["tasks"].as_u64().unwrap(), sizes["events_per_task"].as_u64().unwrap());
    assert_eq!(tasks, 1_000_000_u64.div_ceil(per_task));
    // About half an hour each, by the speed that was measured.
    let hours = per_task as f64 / measured["events_per_second"].as_f64().unwrap() / 3600.0;
    assert!(tasks == 1 || (0.4..=0.5).contains(&hours), "{json}");

    let (code, _, errors) = plan(&folder, &options);
    assert_eq!(code, Some(73), "{errors}");
    assert!(errors.contains("slurm-array.sh` exists; give `--force`"), "{errors}");
    let (code, said, errors) = plan(
        &folder,
        &[&options[..], &["--force", "--json", "--events-per-task", "300000"]].concat(),
    );
    assert_eq!(code, Some(0), "{errors}");
    let json: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(json["sizes"]["tasks"], 4);
    assert_eq!(json["production"]["run"], "seed5");
}

#[test]
fn what_cannot_be_planned_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let valid = Surrogate::get().valid();
    for (options, code, expected) in [
        (&["--nevents", "0", "--energies", "1000"][..], 2, "must be at least 1"),
        (&["--nevents", "9", "--energies", "warm"], 2, "not a list of energies"),
        (&["--nevents", "9"], 2, "`incident_energy` is not given"),
        (&["--nevents", "9", "--energies", "1000", "--strict", "--energies", "9"], 2, "--energies"),
        (&["--nevents", "241", "--conditions", path(&valid)], 65, "have 240 events"),
        (&["--nevents", "9", "--conditions", "no_such_file"], 66, "there is no file"),
        (&["--nevents", "9", "--energies", "1000", "--run", "a/b"], 2, "is no name of a run"),
        (&["--nevents", "9", "--energies", "1000", "--threads", "0"], 2, "--threads"),
        (&["--nevents", "9", "--energies", "1000", "--task-minutes", "NaN"], 2, "--task-minutes"),
        (
            &["--nevents", "9", "--energies", "1", "--first-event", "18446744073709551610"],
            2,
            "does not fit 64 bits",
        ),
        (&["--nevents", "9", "--energies", "1000", "--output-dir", "a\nb"], 2, "--output-dir"),
    ] {
        let (found, _, message) = plan(&folder.path().join("out"), options);
        assert_eq!(found, Some(code), "{options:?}: {message}");
        assert!(message.contains(expected), "{options:?}: {message}");
    }
    let model = Surrogate::get().model();
    let run = showerforge(&[
        "plan",
        "--model",
        path(&model),
        "--nevents",
        "9",
        "--energies",
        "1000",
        "--output-dir",
        path(&folder.path().join("a\nb")),
    ]);
    assert_eq!(run.status.code(), Some(2), "{}", text(&run.stderr));
    assert!(text(&run.stderr).contains("without control characters"), "{}", text(&run.stderr));
}
