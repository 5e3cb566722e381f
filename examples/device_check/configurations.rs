//! Configurations that are compiled in, so that the binary is all that a machine needs.

/// Name and text of each.
const BUILT_IN: [(&str, &str); 5] = [
    ("photons", include_str!("../../configs/photons-geant4.toml")),
    ("photons-relativistic", include_str!("../../configs/photons-geant4-relativistic.toml")),
    ("fastcalogan", include_str!("../../benches/configs/fastcalogan.toml")),
    ("cramer-rich", include_str!("../../benches/configs/cramer-rich.toml")),
    ("grid25", include_str!("../../benches/configs/grid25.toml")),
];

/// A configuration: a name that is compiled in, or the path of a file.
#[derive(Debug, Clone)]
pub struct Configuration {
    pub name: String,
    pub text: String,
}

impl std::str::FromStr for Configuration {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let built_in = BUILT_IN.iter().find(|(known, _)| *known == name);
        let text = match built_in {
            Some((_, text)) => (*text).to_owned(),
            None => std::fs::read_to_string(name).map_err(|error| {
                let names = BUILT_IN.map(|(known, _)| known).join(", ");
                format!("neither a file ({error}) nor one of {names}")
            })?,
        };
        Ok(Self { name: name.to_owned(), text })
    }
}
