//! The record of the training that made a model, for its report.

use std::path::Path;

use serde_json::Value;
use validation::report::model::TrainingCurve;

use crate::files::{self, FileError};

/// Points of a curve; of more, an even choice.
const MOST_POINTS: usize = 500;

/// Every number of `metrics.jsonl` in the folder of a run against the iteration, those inside of
/// objects with the names joined by a dot. Lines without an iteration, and half a line at the end,
/// are left out.
///
/// # Errors
/// No such file, or one that cannot be read.
pub fn read(run: &Path) -> Result<Vec<TrainingCurve>, FileError> {
    let text = files::read_to_string(&run.join("metrics.jsonl"))?;
    let mut curves: Vec<TrainingCurve> = Vec::new();
    for line in text.lines() {
        let Ok(Value::Object(fields)) = serde_json::from_str(line) else { continue };
        let Some(iteration) = fields.get("iteration").and_then(Value::as_f64) else { continue };
        let mut add = |name: &str, value: f64| match curves
            .iter_mut()
            .find(|curve| curve.name == name)
        {
            Some(curve) => curve.points.push((iteration, value)),
            None => curves
                .push(TrainingCurve { name: name.to_owned(), points: vec![(iteration, value)] }),
        };
        for (name, value) in &fields {
            visit(name, value, &mut add);
        }
    }
    curves.retain(|curve| curve.name != "iteration" && curve.points.len() > 1);
    for curve in &mut curves {
        let step = curve.points.len().div_ceil(MOST_POINTS);
        let last = curve.points.len() - 1;
        let mut number = 0;
        curve.points.retain(|_| {
            number += 1;
            (number - 1) % step == 0 || number - 1 == last
        });
    }
    Ok(curves)
}

fn visit(name: &str, value: &Value, add: &mut impl FnMut(&str, f64)) {
    match value {
        Value::Number(number) => add(name, number.as_f64().unwrap_or(f64::NAN)),
        Value::Object(fields) => {
            for (inner, value) in fields {
                visit(&format!("{name}.{inner}"), value, add);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_curves_and_half_a_line_is_left_out() {
        let folder = tempfile::tempdir().expect("a folder");
        let lines = "{\"iteration\":1,\"critic\":{\"loss\":2.5},\"name\":\"x\"}\n\
                     {\"event\":\"rolled back\"}\n\
                     {\"iteration\":2,\"critic\":{\"loss\":1.5}}\n{\"iteration\":3,\"crit";
        files::write_atomically(&folder.path().join("metrics.jsonl"), lines.as_bytes(), true)
            .expect("written");
        let found = read(folder.path()).expect("read");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].name, "critic.loss");
        assert_eq!(found[0].points, [(1.0, 2.5), (2.0, 1.5)]);
        assert!(read(&folder.path().join("none")).is_err());
    }
}
