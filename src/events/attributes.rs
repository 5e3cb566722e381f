//! Attributes of any type, as text.

use hdf5_metno as hdf5;
use hdf5_metno::types::{
    FixedAscii, FixedUnicode, FloatSize, TypeDescriptor, VarLenAscii, VarLenUnicode,
};

/// Longest fixed-length string that is read; a longer one is cut off by HDF5.
const FIXED: usize = 4096;

/// Name and value of each attribute of `location`, sorted by name.
pub(super) fn read_all(location: &hdf5::Location) -> hdf5::Result<Vec<(String, String)>> {
    let mut names = location.attr_names()?;
    names.sort();
    Ok(names
        .into_iter()
        .map(|name| {
            let value = location.attr(&name).and_then(|attribute| as_text(&attribute));
            (name, value.unwrap_or_else(|_| "(of a type that cannot be shown)".to_owned()))
        })
        .collect())
}

fn as_text(attribute: &hdf5::Attribute) -> hdf5::Result<String> {
    use TypeDescriptor as Type;
    Ok(match attribute.dtype()?.to_descriptor()? {
        Type::Integer(_) => join(&attribute.read_raw::<i64>()?),
        Type::Unsigned(_) => join(&attribute.read_raw::<u64>()?),
        Type::Float(FloatSize::U4) => join(&attribute.read_raw::<f32>()?),
        Type::Float(_) => join(&attribute.read_raw::<f64>()?),
        Type::Boolean => join(&attribute.read_raw::<bool>()?),
        Type::VarLenUnicode => join(&attribute.read_raw::<VarLenUnicode>()?),
        Type::VarLenAscii => join(&attribute.read_raw::<VarLenAscii>()?),
        Type::FixedUnicode(_) => join(&attribute.read_raw::<FixedUnicode<FIXED>>()?),
        Type::FixedAscii(_) => join(&attribute.read_raw::<FixedAscii<FIXED>>()?),
        other => format!("({other})"),
    })
}

fn join<T: ToString>(values: &[T]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
