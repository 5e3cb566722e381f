//! Attributes of any type, as text.

use hdf5_metno as hdf5;
use hdf5_metno::types::{
    FixedAscii, FixedUnicode, FloatSize, TypeDescriptor, VarLenAscii, VarLenUnicode,
};

/// Longest fixed-length string that is read; a longer one is cut off by HDF5.
const FIXED: usize = 4096;
/// A longer list is not shown, nor read.
const MOST_VALUES: usize = 1000;

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
    let descriptor = attribute.dtype()?.to_descriptor()?;
    let values = attribute.space()?.size();
    if values > MOST_VALUES {
        return Ok(format!("({values} values of {descriptor})"));
    }
    Ok(match descriptor {
        Type::Integer(_) => join(&attribute.read_raw::<i64>()?),
        Type::Unsigned(_) => join(&attribute.read_raw::<u64>()?),
        Type::Float(FloatSize::U4) => join(&attribute.read_raw::<f32>()?),
        Type::Float(_) => join(&attribute.read_raw::<f64>()?),
        // The file's bytes, which need be neither 0 or 1 nor UTF-8, must not become `bool` or `str`.
        Type::VarLenUnicode => texts(&attribute.read_raw::<VarLenUnicode>()?, |t| t.as_bytes()),
        Type::VarLenAscii => texts(&attribute.read_raw::<VarLenAscii>()?, |t| t.as_bytes()),
        Type::FixedUnicode(_) => {
            texts(&attribute.read_raw::<FixedUnicode<FIXED>>()?, |t| t.as_bytes())
        }
        Type::FixedAscii(_) => texts(&attribute.read_raw::<FixedAscii<FIXED>>()?, |t| t.as_bytes()),
        other => format!("({other})"),
    })
}

fn join<T: ToString>(values: &[T]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn texts<T>(values: &[T], bytes: impl Fn(&T) -> &[u8]) -> String {
    let texts = values.iter().map(|value| String::from_utf8_lossy(bytes(value)).into_owned());
    texts.collect::<Vec<_>>().join(", ")
}

/// Writes a text; HDF5 ends it at the first NUL, which is left out.
pub(crate) fn write_text(location: &hdf5::Location, name: &str, value: &str) -> hdf5::Result<()> {
    let value: VarLenUnicode = value.replace('\0', "").parse().expect("no NUL inside");
    location.new_attr::<VarLenUnicode>().create(name)?.write_scalar(&value)
}
