use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::artefacts::{Artefacts, FORMAT_VERSION, rows, shown, surface};
use super::kept::{EVERY, Keeper, remove_kept};
use super::observer::Observer;
use crate::compute::{DeviceChoice, device_name};
use crate::files::{self, write_atomically};
use crate::suite::data_context::DataContext;
use crate::suite::error::SuiteError;
use crate::suite::problem::{Problem, ProblemData};
use crate::suite::row::{DataIdentity, ROW_FORMAT_VERSION, Row};
use crate::suite::system::{Measures, Protocol, RunOptions, System};
use crate::suite::tier::Tier;
use crate::suite::{problems, systems};

/// All that a process needs to know of its one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SingleRun {
    pub system: String,
    pub problem: String,
    pub tier: Tier,
    pub seed: u64,
    pub protocol: Protocol,
    pub iterations: Option<u64>,
    pub settings: toml::Table,
    pub device: String,
    pub data_folder: PathBuf,
    pub user_data: Option<PathBuf>,
    /// A classifier of the user's for measures of images.
    #[serde(default)]
    pub extractor: Option<PathBuf>,
    /// Of the whole suite.
    pub out: PathBuf,
    /// Another process may begin its training meanwhile, as this one has done it before.
    pub again: bool,
}

/// Added to the seed of a training for that of its samples.
const SAMPLE_SEED: u64 = 1_000_000;

impl SingleRun {
    /// The folder of its files.
    pub fn folder(&self) -> PathBuf {
        let plain = |name: &str| {
            let name = Path::new(name).file_stem().filter(|_| name.ends_with(".toml"));
            name.map(|name| name.to_string_lossy().into_owned())
        };
        let system = plain(&self.system).unwrap_or_else(|| self.system.replace('/', "."));
        self.out.join("runs").join(format!("{system}--{}--seed-{}", self.problem, self.seed))
    }

    /// Where its row is.
    pub fn row_path(&self) -> PathBuf {
        self.folder().join("row.json")
    }

    /// The row of an earlier run in its folder, if there is a whole one.
    pub fn earlier_row(&self) -> Option<Row> {
        serde_json::from_slice(&std::fs::read(self.row_path()).ok()?).ok()
    }

    /// A row without measures, that says why.
    pub fn failed(&self, error: &str) -> Row {
        Row {
            format_version: ROW_FORMAT_VERSION,
            system: self.system.clone(),
            problem: self.problem.clone(),
            tier: self.tier,
            seed: self.seed,
            protocol: self.protocol,
            iterations: self.iterations.unwrap_or(0),
            device: self.device.clone(),
            data: DataIdentity { sha256: String::new(), train: 0, test: 0 },
            settings_sha256: String::new(),
            settings: String::new(),
            samples: 0,
            extractor: None,
            measures: Measures::default(),
            floor: Measures::default(),
            parameters: 0,
            seconds: 0.0,
            peak_memory_mb: None,
            version: crate::version::COMMIT.to_owned(),
            error: Some(error.to_owned()),
        }
    }

    /// Writes a row to its place.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn write_row(&self, row: &Row) -> Result<(), SuiteError> {
        let folder = self.folder();
        std::fs::create_dir_all(&folder)
            .map_err(|source| files::FileError::Create { path: folder, source })?;
        let text = serde_json::to_string(row).expect("a row has only plain values");
        Ok(write_atomically(&self.row_path(), text.as_bytes(), true)?)
    }
}

/// Trains, judges and writes the run's files. A run that an equal one was done of already is left
/// as it is. `progress` is told the iterations done, and all.
///
/// # Errors
/// Only what keeps the row from being written: a run that fails has a row that says so.
pub fn run_single(run: &SingleRun, progress: &mut dyn FnMut(u64, u64)) -> Result<Row, SuiteError> {
    let row = match train_and_judge(run, progress) {
        Ok(row) => row,
        Err(SuiteError::File(error)) => return Err(error.into()),
        Err(error) => run.failed(&error.to_string()),
    };
    run.write_row(&row)?;
    remove_kept(&run.folder())?;
    Ok(row)
}

fn train_and_judge(run: &SingleRun, progress: &mut dyn FnMut(u64, u64)) -> Result<Row, SuiteError> {
    let system = systems::find(&run.system)?;
    let problem = problems::find(&run.problem)?;
    system.takes(&*problem).map_err(|reason| SuiteError::DoesNotFit {
        system: run.system.clone(),
        problem: run.problem.clone(),
        reason,
    })?;
    let context = DataContext {
        folder: run.data_folder.clone(),
        user_data: run.user_data.clone(),
        extractor: run.extractor.clone(),
    };
    let data = problem.load(&context)?;
    let device = run.device.parse::<DeviceChoice>()?.open()?;
    let options = RunOptions {
        seed: run.seed,
        device: device.clone(),
        protocol: run.protocol,
        iterations: run.iterations,
        overrides: run.settings.clone(),
    };
    let (settings, iterations) = system.settings(&*problem, &data, &options)?;
    let settings_sha256 = hex(&Sha256::digest(&settings));
    let mut row = Row {
        system: system.name().to_owned(),
        iterations,
        device: device_name(&device),
        data: DataIdentity {
            sha256: data.sha256.clone(),
            train: data.train.len(),
            test: data.test.len(),
        },
        settings_sha256,
        settings,
        samples: problem.samples(),
        extractor: problem.extractor(),
        error: None,
        ..run.failed("")
    };
    if let Some(earlier) = run.earlier_row().filter(|earlier| !run.again && is_same(earlier, &row))
    {
        return Ok(earlier);
    }
    finish(&mut row, run, (&*system, &*problem), &data, &options, progress)?;
    Ok(row)
}

/// Whether an earlier run had the same data, settings, device and program and has not failed.
fn is_same(earlier: &Row, row: &Row) -> bool {
    earlier.error.is_none()
        && earlier.data == row.data
        && earlier.settings_sha256 == row.settings_sha256
        && earlier.iterations == row.iterations
        && earlier.samples == row.samples
        && earlier.protocol == row.protocol
        && earlier.device == row.device
        && earlier.format_version == row.format_version
}

fn finish(
    row: &mut Row,
    run: &SingleRun,
    (system, problem): (&dyn System, &dyn Problem),
    data: &ProblemData,
    options: &RunOptions,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(), SuiteError> {
    let mut observer = Observer::new(problem, data, row.iterations, progress);
    if run.again {
        remove_kept(&run.folder())?;
    }
    let identity = format!("{} {} {}", row.settings_sha256, row.data.sha256, row.device);
    observer = observer.keeping(Keeper::new(run.folder(), identity, EVERY));
    let trained = system.train(problem, data, options, &mut observer)?;
    row.seconds = observer.training_seconds();
    row.parameters = trained.parameters();
    let seed = SAMPLE_SEED + run.seed;
    let samples = trained.generate(data.conditions(problem.samples()).view(), seed)?;
    row.measures = problem.judge(data, &samples, run.seed)?;
    row.measures.extend(trained.own_measures(data)?);
    let chosen: Vec<usize> = (0..problem.samples()).map(|row| row % data.train.len()).collect();
    // The same measures of real events, where the task lets them stand for generated ones.
    if let Ok(floor) = problem.judge(data, &data.train.select(&chosen), run.seed) {
        row.floor = floor;
    }
    row.extractor = problem.extractor();
    row.peak_memory_mb = crate::memory::peak_bytes().map(|bytes| bytes as f64 / 1e6);
    let count = shown(&data.shape).min(data.test.len());
    let shown = trained.generate(data.conditions(count).view(), seed)?;
    let is_image_task = data.other.is_some() || data.detector.condition_width() > 1;
    let artefacts = Artefacts {
        format_version: FORMAT_VERSION,
        shape: data.shape.clone(),
        reference: rows(&data.test, count),
        labels: (data.detector.condition_width() == 1)
            .then(|| shown.conditions.column(0).iter().map(|&label| label as usize).collect()),
        input: (is_image_task && data.detector.condition_width() == data.detector.value_count())
            .then(|| {
                let inputs = shown.conditions.rows().into_iter();
                inputs.map(|row| row.iter().map(|&value| value as f32).collect()).collect()
            }),
        samples: rows(&shown, count),
        frames: std::mem::take(&mut observer.frames),
        surface: surface(data, &*trained),
    };
    let folder = run.folder();
    std::fs::create_dir_all(&folder)
        .map_err(|source| files::FileError::Create { path: folder.clone(), source })?;
    let artefacts = serde_json::to_string(&artefacts).expect("plain values");
    for (name, text) in [
        ("settings.toml", row.settings.as_str()),
        ("curves.csv", &observer.curves()),
        ("artefacts.json", &artefacts),
    ] {
        write_atomically(&folder.join(name), text.as_bytes(), true)?;
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
