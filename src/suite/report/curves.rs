//! `curves.csv`: losses and quick measures over a training.

use std::collections::BTreeMap;

/// Values of each column by iteration; those that are not finite are left out.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Curves {
    pub columns: BTreeMap<String, Vec<(f64, f64)>>,
    /// Lines that do not fit the header.
    pub damaged: usize,
}

impl Curves {
    /// Reads a header `iteration,seconds,…` and lines of numbers; an empty field is no value.
    ///
    /// # Errors
    /// A header without `iteration`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut lines = text.lines();
        let names = fields(lines.next().unwrap_or_default());
        let place = names.iter().position(|name| name == "iteration");
        let place = place.ok_or("its header has no `iteration`")?;
        let mut curves = Self::default();
        for line in lines.filter(|line| !line.trim().is_empty()) {
            let values = fields(line);
            let iteration = values.get(place).and_then(|value| value.trim().parse::<f64>().ok());
            let Some(iteration) = iteration.filter(|_| values.len() == names.len()) else {
                curves.damaged += 1;
                continue;
            };
            for (name, value) in names.iter().zip(&values) {
                let value = value.trim().parse::<f64>().ok().filter(|value| value.is_finite());
                if let Some(value) = value.filter(|_| name != "iteration" && name != "seconds") {
                    let points = curves.columns.entry(name.clone()).or_default();
                    points.push((iteration, value));
                }
            }
        }
        Ok(curves)
    }
}

/// Fields of a line as RFC 4180 has them.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut characters = line.trim_end_matches('\r').chars().peekable();
    while let Some(character) = characters.next() {
        let last = fields.len() - 1;
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                fields[last].push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            other => fields[last].push(other),
        }
    }
    fields
}

/// The mean of several seeds at the iterations that all of them have.
pub fn mean_curve(seeds: &[&[(f64, f64)]]) -> Vec<(f64, f64)> {
    let Some((first, others)) = seeds.split_first() else { return Vec::new() };
    let others: Vec<BTreeMap<u64, f64>> =
        others.iter().map(|seed| seed.iter().map(|(x, y)| (x.to_bits(), *y)).collect()).collect();
    let at = |&(iteration, value): &(f64, f64)| {
        let found = others.iter().map(|seed| seed.get(&iteration.to_bits()).copied());
        let sum = found.sum::<Option<f64>>()?;
        Some((iteration, (value + sum) / seeds.len() as f64))
    };
    first.iter().filter_map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_lines_and_missing_values_are_left_out() {
        let text = "iteration,seconds,\"a, \"\"b\"\"\",modes\n\
                    1,0.1,2.5,\n2,0.2,NaN,3\nnonsense\n3,0.3,1\n\n4,0.4,-1,inf\n";
        let curves = Curves::parse(text).unwrap();
        assert_eq!(curves.damaged, 2);
        assert_eq!(curves.columns["a, \"b\""], [(1.0, 2.5), (4.0, -1.0)]);
        assert_eq!(curves.columns["modes"], [(2.0, 3.0)]);
        assert!(Curves::parse("").is_err());
        assert!(Curves::parse("step,loss\n1,2").unwrap_err().contains("iteration"));
    }

    #[test]
    fn means_are_of_common_iterations() {
        let (one, two) = ([(1.0, 2.0), (2.0, 4.0), (3.0, 9.0)], [(1.0, 4.0), (3.0, 1.0)]);
        assert_eq!(mean_curve(&[&one, &two]), [(1.0, 3.0), (3.0, 5.0)]);
        assert_eq!(mean_curve(&[]), []);
        assert_eq!(mean_curve(&[&one]), one);
    }
}
