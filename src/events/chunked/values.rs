//! Numbers in memory and as they are stored: native byte order, packed.

use hdf5_metno as hdf5;
use hdf5_metno::types::{FloatSize, H5Type, IntSize, TypeDescriptor};

/// A type of which rows can be written. No type outside this module is one.
pub trait WriteValue: H5Type + Copy + Send + Sync + sealed::Sealed {
    /// Appends the bytes of `values`.
    #[doc(hidden)]
    const STORED: StoredType;

    #[doc(hidden)]
    fn store(values: &[Self], bytes: &mut Vec<u8>);
}

/// A type into which rows of any numeric type can be read: `f32` and `f64`.
pub trait ReadValue: H5Type + Copy + Default + Send + Sync + sealed::Sealed {
    #[doc(hidden)]
    fn decoder(stored: StoredType) -> Decoder<Self>;
}

/// Converts packed bytes to as many values.
#[doc(hidden)]
pub type Decoder<T> = fn(&[u8], &mut [T]);

mod sealed {
    pub trait Sealed {}
}

macro_rules! write_value {
    ($($value:ty => $stored:ident),*) => {$(
        impl sealed::Sealed for $value {}

        impl WriteValue for $value {
            const STORED: StoredType = StoredType::$stored;

            fn store(values: &[Self], bytes: &mut Vec<u8>) {
                let start = bytes.len();
                bytes.resize(start + size_of_val(values), 0);
                let (stored, _) = bytes[start..].as_chunks_mut::<{ size_of::<$value>() }>();
                for (stored, value) in stored.iter_mut().zip(values) {
                    *stored = value.to_ne_bytes();
                }
            }
        }
    )*};
}

write_value!(f32 => F32, f64 => F64, u8 => U8, i8 => I8, i32 => I32, i64 => I64);

/// A type that is decoded here: what this machine computes with. HDF5 converts all others.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoredType {
    F32,
    F64,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
}

impl StoredType {
    /// Nothing for another byte order or layout.
    pub(super) fn of(
        datatype: &hdf5::Datatype,
        descriptor: &TypeDescriptor,
    ) -> hdf5::Result<Option<Self>> {
        let stored = match descriptor {
            TypeDescriptor::Float(FloatSize::U4) => Self::F32,
            TypeDescriptor::Float(FloatSize::U8) => Self::F64,
            TypeDescriptor::Integer(IntSize::U1) => Self::I8,
            TypeDescriptor::Integer(IntSize::U2) => Self::I16,
            TypeDescriptor::Integer(IntSize::U4) => Self::I32,
            TypeDescriptor::Integer(IntSize::U8) => Self::I64,
            TypeDescriptor::Unsigned(IntSize::U1) => Self::U8,
            TypeDescriptor::Unsigned(IntSize::U2) => Self::U16,
            TypeDescriptor::Unsigned(IntSize::U4) => Self::U32,
            TypeDescriptor::Unsigned(IntSize::U8) => Self::U64,
            _ => return Ok(None),
        };
        let is_native = hdf5::Datatype::from_descriptor(descriptor)? == *datatype;
        Ok(is_native.then_some(stored))
    }
}

macro_rules! decoder {
    ($stored:ty => $value:ty) => {
        |bytes, values| {
            let (bytes, _) = bytes.as_chunks::<{ size_of::<$stored>() }>();
            for (value, &bytes) in values.iter_mut().zip(bytes) {
                *value = <$stored>::from_ne_bytes(bytes) as $value;
            }
        }
    };
}

macro_rules! read_value {
    ($($value:ty),*) => {$(
        impl ReadValue for $value {
            fn decoder(stored: StoredType) -> Decoder<Self> {
                match stored {
                    StoredType::F32 => decoder!(f32 => $value),
                    StoredType::F64 => decoder!(f64 => $value),
                    StoredType::I8 => decoder!(i8 => $value),
                    StoredType::I16 => decoder!(i16 => $value),
                    StoredType::I32 => decoder!(i32 => $value),
                    StoredType::I64 => decoder!(i64 => $value),
                    StoredType::U8 => decoder!(u8 => $value),
                    StoredType::U16 => decoder!(u16 => $value),
                    StoredType::U32 => decoder!(u32 => $value),
                    StoredType::U64 => decoder!(u64 => $value),
                }
            }
        }
    )*};
}

read_value!(f32, f64);
