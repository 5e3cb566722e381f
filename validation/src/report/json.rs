//! The report as JSON.
//!
//! JSON knows no NaN and no infinity. A number that is not finite is written as `null`, and `null`
//! is read back as NaN: an infinity loses its sign. Figures and tables show all of them as `n/a`.

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::Value;

use super::error::ReportError;
use super::model::{FORMAT_VERSION, ValidationReport};

/// The report as indented JSON.
///
/// # Errors
/// If the report cannot be serialised, which no content of it can cause.
pub fn to_json(report: &ValidationReport) -> Result<String, ReportError> {
    Ok(serde_json::to_string_pretty(report)? + "\n")
}

/// Reads what [`to_json`] wrote.
///
/// # Errors
/// If the text is not JSON, of another format version, or lacks something.
pub fn from_json(text: &str) -> Result<ValidationReport, ReportError> {
    let value: Value = serde_json::from_str(text)?;
    if let Some(found) = value.get("format_version").and_then(Value::as_u64)
        && found != u64::from(FORMAT_VERSION)
    {
        return Err(ReportError::Version { found });
    }
    Ok(ValidationReport::deserialize(NullIsNan(value))?)
}

/// A JSON value in which `null` is NaN where a number is expected.
struct NullIsNan(Value);

impl<'de> Deserializer<'de> for NullIsNan {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self.0 {
            Value::Array(values) => {
                visitor.visit_seq(SeqDeserializer::new(values.into_iter().map(NullIsNan)))
            }
            Value::Object(fields) => {
                let fields = fields.into_iter().map(|(name, value)| (name, NullIsNan(value)));
                visitor.visit_map(MapDeserializer::new(fields))
            }
            plain => plain.deserialize_any(visitor),
        }
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        if self.0.is_null() { visitor.visit_f64(f64::NAN) } else { self.deserialize_any(visitor) }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        match self.0 {
            Value::String(variant) => visitor.visit_enum(variant.into_deserializer()),
            Value::Object(content) => {
                let content = content.into_iter().map(|(name, value)| (name, NullIsNan(value)));
                visitor.visit_enum(MapAccessDeserializer::new(MapDeserializer::new(content)))
            }
            plain => plain.deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl IntoDeserializer<'_, serde_json::Error> for NullIsNan {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}
