//! `artefacts.json`: samples, training frames and the critic's surface of a run.

use serde::{Deserialize, Deserializer};

/// Events, one a row; what is not finite is NaN.
pub type Rows = Vec<Vec<f64>>;

/// What a run has left to look at.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Artefacts {
    /// Of one event.
    pub shape: Vec<usize>,
    #[serde(deserialize_with = "rows")]
    pub reference: Rows,
    #[serde(deserialize_with = "rows")]
    pub samples: Rows,
    #[serde(default)]
    pub labels: Option<Vec<Option<f64>>>,
    #[serde(default)]
    pub frames: Vec<Frame>,
    #[serde(default)]
    pub surface: Option<Surface>,
    /// Input images of tasks from image to image.
    #[serde(default, deserialize_with = "optional_rows")]
    pub input: Option<Rows>,
}

/// Samples within the training.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Frame {
    pub iteration: u64,
    #[serde(deserialize_with = "rows")]
    pub samples: Rows,
}

/// Scores of the critic on a grid, row by row from low y.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Surface {
    pub x: [f64; 2],
    pub y: [f64; 2],
    /// Points of the grid along each axis.
    pub cells: usize,
    #[serde(deserialize_with = "values")]
    pub scores: Vec<f64>,
}

impl Artefacts {
    /// # Errors
    /// What is no JSON of this form, or rows that do not have the shape.
    pub fn parse(json: &[u8]) -> Result<Self, String> {
        let found: Self = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        let width: usize = found.shape.iter().product();
        let frames = found.frames.iter().map(|frame| ("a frame", &frame.samples));
        let all = [("the reference", &found.reference), ("the samples", &found.samples)];
        for (what, rows) in all.into_iter().chain(frames) {
            if let Some(row) = rows.iter().find(|row| row.len() != width) {
                let shape = &found.shape;
                return Err(format!(
                    "{what} has a row of {} values, expected {width} of shape {shape:?}",
                    row.len()
                ));
            }
        }
        if width == 0 {
            return Err(format!("events of shape {:?} have no values", found.shape));
        }
        if let Some(surface) = &found.surface {
            let expected = surface.cells * surface.cells;
            if surface.scores.len() != expected {
                return Err(format!(
                    "the surface has {} scores, expected {expected}",
                    surface.scores.len()
                ));
            }
        }
        Ok(found)
    }

    /// Places of the first `count` events, by label where there are labels.
    pub fn by_label(&self, count: usize) -> Vec<usize> {
        let mut places: Vec<usize> = (0..count).collect();
        if let Some(labels) = &self.labels {
            let label = |place: usize| labels.get(place).copied().flatten().unwrap_or(f64::NAN);
            places.sort_by(|a, b| label(*a).total_cmp(&label(*b)));
        }
        places
    }
}

fn values<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f64>, D::Error> {
    let found = Vec::<Option<f64>>::deserialize(deserializer)?;
    Ok(found.into_iter().map(|value| value.unwrap_or(f64::NAN)).collect())
}

/// Numbers of a row, with `null` as NaN.
struct Numbers(Vec<f64>);

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        values(deserializer).map(Self)
    }
}

fn rows<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Rows, D::Error> {
    let found = Vec::<Numbers>::deserialize(deserializer)?;
    Ok(found.into_iter().map(|row| row.0).collect())
}

fn optional_rows<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Rows>, D::Error> {
    let found = Option::<Vec<Numbers>>::deserialize(deserializer)?;
    Ok(found.map(|rows| rows.into_iter().map(|row| row.0).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_are_not_finite_are_null_and_shapes_are_checked() {
        let text = r#"{"format_version":1,"shape":[2],"reference":[[1,null]],"samples":[[0,2]],
            "labels":null,"frames":[{"iteration":3,"samples":[]}],"surface":null,"input":null}"#;
        let found = Artefacts::parse(text.as_bytes()).unwrap();
        assert!(found.reference[0][1].is_nan() && found.samples == [[0.0, 2.0]]);
        let cases = [
            ("[2]", "[3]", "expected 3"),
            ("[[0,2]]", "[[0]]", "the samples has a row of 1"),
            ("\"samples\":[]}", "\"samples\":[[1]]}", "a frame"),
            (
                "\"surface\":null",
                "\"surface\":{\"x\":[0,1],\"y\":[0,1],\"cells\":2,\"scores\":[1]}",
                "expected 4",
            ),
            ("\"samples\":[[0,2]],", "", "samples"),
        ];
        for (from, to, part) in cases {
            let error = Artefacts::parse(text.replacen(from, to, 1).as_bytes()).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
        assert!(Artefacts::parse(&text.as_bytes()[..60]).is_err());
    }

    #[test]
    fn events_are_ordered_by_label() {
        let labels = Some(vec![Some(2.0), Some(0.0), None, Some(0.0)]);
        let found = Artefacts {
            shape: vec![1],
            reference: vec![],
            samples: vec![],
            labels,
            frames: vec![],
            surface: None,
            input: None,
        };
        assert_eq!(found.by_label(4), [1, 3, 0, 2]);
    }
}
