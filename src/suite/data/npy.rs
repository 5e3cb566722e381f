/// An array of NumPy's format (NEP 1), versions 1 to 3, in C order.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct NpyArray {
    pub shape: Vec<usize>,
    pub values: NpyValues,
}

/// Numbers as they are used here.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum NpyValues {
    Bytes(Vec<u8>),
    /// From any other integers.
    Integers(Vec<i64>),
    Floats(Vec<f64>),
}

const MAGIC: &[u8] = b"\x93NUMPY";
const TYPES: &str = "u1, i1, u2, i2, u4, i4, i8, f2, f4 or f8, or b1";

impl NpyArray {
    /// # Errors
    /// What is wrong, as a fragment of a sentence.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let rest = bytes.strip_prefix(MAGIC).ok_or("it does not begin as an array of NumPy")?;
        let &[major, _, ref rest @ ..] = rest else {
            return Err("it is cut off in its header".to_owned());
        };
        let size = match major {
            1 => 2,
            2 | 3 => 4,
            _ => return Err(format!("it has version {major} of the format, expected 1 to 3")),
        };
        let cut_off = "it is cut off in its header";
        let (length, rest) = rest.split_at_checked(size).ok_or(cut_off)?;
        let length = length.iter().rev().fold(0_usize, |sum, &byte| sum << 8 | usize::from(byte));
        let (header, data) = rest.split_at_checked(length).ok_or(cut_off)?;
        let header = String::from_utf8_lossy(header);
        let Header { kind, size, is_big_endian, shape } = Header::parse(&header)?;
        let count = shape.iter().try_fold(1_usize, |count, &size| count.checked_mul(size));
        if count.and_then(|count| count.checked_mul(size)) != Some(data.len()) {
            return Err(format!(
                "it has {} bytes of values, expected those of shape {shape:?} of {size} bytes each",
                data.len()
            ));
        }
        let numbers = data.chunks_exact(size).map(|bytes| {
            let fold = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
            if is_big_endian {
                bytes.iter().fold(0, fold)
            } else {
                bytes.iter().rev().fold(0, fold)
            }
        });
        let values = match (kind, size) {
            ('u' | 'b', 1) => NpyValues::Bytes(data.to_vec()),
            ('u', 2 | 4) => NpyValues::Integers(numbers.map(|number| number as i64).collect()),
            ('i', 1 | 2 | 4 | 8) => {
                let shift = 64 - 8 * size as u32;
                let signed = |number: u64| ((number << shift) as i64) >> shift;
                NpyValues::Integers(numbers.map(signed).collect())
            }
            ('f', 2) => NpyValues::Floats(numbers.map(|bits| half(bits as u16)).collect()),
            ('f', 4) => {
                let single = |bits: u64| f64::from(f32::from_bits(bits as u32));
                NpyValues::Floats(numbers.map(single).collect())
            }
            ('f', 8) => NpyValues::Floats(numbers.map(f64::from_bits).collect()),
            _ => return Err(format!("it holds `{kind}{size}`, expected {TYPES}")),
        };
        Ok(Self { shape, values })
    }
}

/// The value of a 16-bit float (IEEE 754 binary16).
fn half(bits: u16) -> f64 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff) / 1024.0);
    sign * match exponent {
        0 => fraction * 2f64.powi(-14),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1.0 + fraction) * 2f64.powi(exponent - 15),
    }
}

struct Header {
    kind: char,
    size: usize,
    is_big_endian: bool,
    shape: Vec<usize>,
}

impl Header {
    /// Of a Python dictionary such as `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
    fn parse(text: &str) -> Result<Self, String> {
        let value = |key: &str| {
            let start = text.find(&format!("'{key}':"))? + key.len() + 3;
            Some(text[start..].trim_start())
        };
        let missing = |key: &str| format!("its header has no `{key}`");
        let descr = value("descr").ok_or_else(|| missing("descr"))?;
        let descr = descr.strip_prefix('\'').and_then(|rest| rest.split_once('\''));
        let (descr, _) = descr.ok_or_else(|| format!("it holds records, expected {TYPES}"))?;
        let order = value("fortran_order").ok_or_else(|| missing("fortran_order"))?;
        if !order.starts_with("False") {
            return Err(
                "it is in Fortran's order, expected C's (numpy.ascontiguousarray)".to_owned()
            );
        }
        let shape = value("shape").ok_or_else(|| missing("shape"))?;
        let shape = shape.strip_prefix('(').and_then(|rest| rest.split_once(')'));
        let (shape, _) = shape.ok_or_else(|| missing("shape"))?;
        let shape = shape
            .split(',')
            .map(str::trim)
            .filter(|size| !size.is_empty())
            .map(|size| size.parse().map_err(|_| format!("its header has size `{size}`")))
            .collect::<Result<_, _>>()?;
        let unknown = || format!("it holds `{descr}`, expected {TYPES}");
        let mut characters = descr.chars();
        let order = characters.next().ok_or_else(unknown)?;
        let kind = characters.next().ok_or_else(unknown)?;
        let size = characters.as_str().parse().ok().filter(|size| (1..=8).contains(size));
        let size = size.ok_or_else(unknown)?;
        if !matches!(order, '<' | '>' | '|' | '=') {
            return Err(unknown());
        }
        Ok(Self { kind, size, is_big_endian: order == '>', shape })
    }
}

/// As `numpy.save` writes it.
#[cfg(test)]
pub(super) fn npy_bytes(descr: &str, shape: &[usize], data: &[u8]) -> Vec<u8> {
    let sizes: Vec<String> = shape.iter().map(|size| format!("{size},")).collect();
    let header = format!(
        "{{'descr': '{descr}', 'fortran_order': False, 'shape': ({}), }}\n",
        sizes.join(" ")
    );
    let mut bytes = [MAGIC, &[1, 0]].concat();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(descr: &str, data: &[u8]) -> Result<NpyValues, String> {
        let size: usize = descr[2..].parse().expect("a size");
        let bytes = npy_bytes(descr, &[data.len() / size], data);
        NpyArray::parse(&bytes).map(|array| array.values)
    }

    #[test]
    fn numbers_of_all_types_are_read() {
        use NpyValues::{Bytes, Floats, Integers};
        assert_eq!(values("|u1", &[0, 255]), Ok(Bytes(vec![0, 255])));
        assert_eq!(values("|i1", &[0, 255]), Ok(Integers(vec![0, -1])));
        assert_eq!(values("<i8", &(-3_i64).to_le_bytes()), Ok(Integers(vec![-3])));
        assert_eq!(values(">i4", &7_i32.to_be_bytes()), Ok(Integers(vec![7])));
        assert_eq!(values("<f4", &1.5_f32.to_le_bytes()), Ok(Floats(vec![1.5])));
        assert_eq!(values(">f8", &(-0.25_f64).to_be_bytes()), Ok(Floats(vec![-0.25])));
        // 1, -2 and the smallest number above 0.
        let halves = [0x3c00_u16, 0xc000, 1].map(u16::to_le_bytes).concat();
        assert_eq!(values("<f2", &halves), Ok(Floats(vec![1.0, -2.0, 2f64.powi(-24)])));
    }

    #[test]
    fn shapes_are_read_and_damage_is_named() {
        let whole = npy_bytes("|u1", &[2, 3], &[1; 6]);
        assert_eq!(NpyArray::parse(&whole).expect("whole").shape, [2, 3]);
        let scalar = npy_bytes("|u1", &[], &[1]);
        assert_eq!(NpyArray::parse(&scalar).expect("a number").shape, Vec::<usize>::new());
        for length in 0..whole.len() {
            NpyArray::parse(&whole[..length]).expect_err("cut off");
        }
        let refused =
            |descr: &str| NpyArray::parse(&npy_bytes(descr, &[1], &[0; 8])).expect_err("refused");
        assert_eq!(refused("<c8"), format!("it holds `c8`, expected {TYPES}"));
        assert_eq!(refused("|O"), format!("it holds `|O`, expected {TYPES}"));
        let text = String::from_utf8_lossy(&whole).replace("False", "True ");
        assert!(Header::parse(&text).is_err_and(|problem| problem.contains("Fortran's order")));
    }
}
