//! Which events a task of an array job makes.

use std::str::FromStr;

use thiserror::Error;

/// What a user says to `--task-id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskChoice {
    /// The number that the batch system has put into the environment.
    Auto,
    /// Counted from 0.
    Number(u64),
}

impl FromStr for TaskChoice {
    type Err = TaskError;

    fn from_str(text: &str) -> Result<Self, TaskError> {
        match text {
            "auto" => Ok(Self::Auto),
            number => number
                .parse()
                .map(Self::Number)
                .map_err(|_| TaskError::Unreadable { text: number.to_owned() }),
        }
    }
}

#[derive(Debug, Error, PartialEq, Eq)]
pub enum TaskError {
    #[error("`{text}` is no number of a task; expected `auto` or a number from 0")]
    Unreadable { text: String },

    #[error(
        "no batch system says which task this is: none of {} is set; give `--task-id N`",
        names()
    )]
    NotSet,

    #[error("`{variable}` is `{value}`, expected a whole number from {first}")]
    Variable { variable: &'static str, value: String, first: u64 },

    #[error(
        "`{a}` says task {a_task}, `{b}` says task {b_task} (counted from 0); give `--task-id N`"
    )]
    Contradiction { a: &'static str, a_task: u64, b: &'static str, b_task: u64 },

    #[error("no events for a task: `--events-per-task` must be at least 1")]
    NoEvents,

    #[error("there is no task {task}: {events} events at {per_task} a task are tasks 0 to {last}")]
    Beyond { task: u64, events: u64, per_task: u64, last: u64 },
}

/// A variable that a batch system sets in each task, and the number it gives the first.
struct Variable {
    name: &'static str,
    first: u64,
    /// What it holds where a job is no array.
    no_array: &'static str,
}

const VARIABLES: [Variable; 5] = [
    // Slurm numbers tasks as `--array` says. `SLURM_ARRAY_TASK_MIN` must not be subtracted: it is 3
    // where task 3 alone is submitted again.
    Variable { name: "SLURM_ARRAY_TASK_ID", first: 0, no_array: "" },
    Variable { name: "CONDOR_PROCESS", first: 0, no_array: "" },
    Variable { name: "PBS_ARRAY_INDEX", first: 0, no_array: "" },
    Variable { name: "LSB_JOBINDEX", first: 1, no_array: "0" },
    Variable { name: "SGE_TASK_ID", first: 1, no_array: "undefined" },
];

fn names() -> String {
    VARIABLES.map(|variable| format!("`{}`", variable.name)).join(", ")
}

/// The number of a task, from 0, and the variable that it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Task {
    pub number: u64,
    pub variable: Option<&'static str>,
}

impl Task {
    /// `environment` looks a variable up.
    ///
    /// # Errors
    /// For [`TaskChoice::Auto`]: no batch system's variable is set, one is no number, or two
    /// contradict each other.
    pub fn find(
        choice: TaskChoice,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, TaskError> {
        if let TaskChoice::Number(number) = choice {
            return Ok(Self { number, variable: None });
        }
        let mut found: Option<(u64, &'static str)> = None;
        for Variable { name, first, no_array } in VARIABLES {
            let Some(value) = environment(name) else { continue };
            let value = value.trim();
            if value.is_empty() || value == no_array {
                continue;
            }
            let number = value.parse().ok().and_then(|number: u64| number.checked_sub(first));
            let number = number.ok_or_else(|| TaskError::Variable {
                variable: name,
                value: value.to_owned(),
                first,
            })?;
            match found {
                None => found = Some((number, name)),
                Some((known, _)) if known == number => {}
                Some((a_task, a)) => {
                    return Err(TaskError::Contradiction { a, a_task, b: name, b_task: number });
                }
            }
        }
        let (number, variable) = found.ok_or(TaskError::NotSet)?;
        Ok(Self { number, variable: Some(variable) })
    }

    /// The first of this task's events among those of all tasks, counted from 0, and their number;
    /// the last task may have fewer than `per_task`.
    ///
    /// # Errors
    /// There is no such task.
    pub fn events(&self, all: u64, per_task: u64) -> Result<(u64, u64), TaskError> {
        if per_task == 0 {
            return Err(TaskError::NoEvents);
        }
        let first = self.number.checked_mul(per_task).filter(|first| *first < all);
        let first = first.ok_or(TaskError::Beyond {
            task: self.number,
            events: all,
            per_task,
            last: all.div_ceil(per_task).saturating_sub(1),
        })?;
        Ok((first, per_task.min(all - first)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auto(set: &[(&str, &str)]) -> Result<Task, TaskError> {
        Task::find(TaskChoice::Auto, |name| {
            set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn each_batch_system_counts_in_its_own_way() {
        for (name, value, expected) in [
            ("SLURM_ARRAY_TASK_ID", "0", 0),
            ("SLURM_ARRAY_TASK_ID", "3", 3),
            ("CONDOR_PROCESS", "12", 12),
            ("PBS_ARRAY_INDEX", "4", 4),
            ("LSB_JOBINDEX", "1", 0),
            ("SGE_TASK_ID", "10", 9),
        ] {
            let task = auto(&[(name, value)]).expect(name);
            assert_eq!((task.number, task.variable), (expected, Some(name)), "{name}={value}");
        }
    }

    /// Guards against task 3, submitted again alone, making the events of task 0.
    #[test]
    fn a_task_that_is_submitted_again_alone_keeps_its_number() {
        let task = auto(&[
            ("SLURM_ARRAY_TASK_ID", "3"),
            ("SLURM_ARRAY_TASK_MIN", "3"),
            ("SLURM_ARRAY_TASK_COUNT", "1"),
        ]);
        assert_eq!(task.expect("set").number, 3);
    }

    #[test]
    fn what_says_nothing_or_two_things_is_refused() {
        assert_eq!(auto(&[]), Err(TaskError::NotSet));
        assert_eq!(
            auto(&[("LSB_JOBINDEX", "0"), ("SGE_TASK_ID", "undefined")]),
            Err(TaskError::NotSet)
        );
        assert_eq!(
            auto(&[("CONDOR_PROCESS", "2"), ("SGE_TASK_ID", "3")]).expect("equal").number,
            2
        );
        let both = auto(&[("SLURM_ARRAY_TASK_ID", "2"), ("SGE_TASK_ID", "2")]);
        assert!(both.expect_err("2 and 1").to_string().contains("says task 1"));
        let text = auto(&[("SGE_TASK_ID", "0")]).expect_err("from 1").to_string();
        assert_eq!(text, "`SGE_TASK_ID` is `0`, expected a whole number from 1");
        assert!(auto(&[("CONDOR_PROCESS", "$(Process)")]).is_err());
    }

    #[test]
    fn tasks_cover_all_events_once() {
        for (all, per_task) in [(1000, 300), (900, 300), (1, 300), (u64::MAX, u64::MAX - 1)] {
            let mut next = 0;
            let tasks = u64::min(all.div_ceil(per_task), 10);
            for number in 0..tasks {
                let (first, count) =
                    Task { number, variable: None }.events(all, per_task).expect("a task");
                assert_eq!(first, next);
                next += count;
            }
            assert_eq!(next, all);
            let beyond = Task { number: tasks, variable: None }.events(all, per_task);
            assert!(matches!(beyond, Err(TaskError::Beyond { .. })), "{beyond:?}");
        }
        let huge = Task { number: u64::MAX, variable: None }.events(1000, u64::MAX);
        assert!(matches!(huge, Err(TaskError::Beyond { last: 0, .. })), "{huge:?}");
        assert_eq!(Task { number: 0, variable: None }.events(10, 0), Err(TaskError::NoEvents));
    }
}
