//! What is done to a sound model.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng as _;
use serde_json::{Number, Value, json};

use crate::base::{Base, assemble};

impl Base {
    /// A damaged copy, and what was done.
    pub fn damaged(&self, random: &mut ChaCha8Rng) -> (Vec<u8>, String) {
        match below(random, 10) {
            0 => self.damaged_bytes(random),
            1 => self.other_length(random),
            2 => {
                let (mut tensors, mut damage) = (self.tensors.clone(), String::new());
                change_json(&mut tensors, random, &mut damage);
                (assemble(&tensors, &self.header.to_string(), &self.data), damage)
            }
            3 => self.damaged_weights(random),
            4 | 5 => self.damaged_detector(random),
            6 => {
                // The widths of a network, its layers and the codec.
                let (mut header, mut damage) = (self.header.clone(), "generator".to_owned());
                change_json(&mut header["generator"]["network"], random, &mut damage);
                (self.with_header(&header), damage)
            }
            _ => {
                let (mut header, mut damage) = (self.header.clone(), String::new());
                for _ in 0..[1, 1, 2, 3][below(random, 4)] {
                    change_json(&mut header, random, &mut damage);
                }
                (self.with_header(&header), damage)
            }
        }
    }

    fn damaged_bytes(&self, random: &mut ChaCha8Rng) -> (Vec<u8>, String) {
        let mut bytes = self.bytes.clone();
        if below(random, 8) == 0 {
            let end = below(random, bytes.len());
            bytes.truncate(end);
            return (bytes, format!("cut after {end} bytes"));
        }
        let header = bytes.len() - self.data.len();
        let mut damage = String::from("bytes");
        for _ in 0..[1, 1, 2, 4][below(random, 4)] {
            let at = if below(random, 4) == 0 {
                below(random, bytes.len())
            } else {
                below(random, header)
            };
            match below(random, 4) {
                0 => bytes[at] ^= 1 << below(random, 8),
                1 => bytes[at] = random.next_u32() as u8,
                2 => bytes[at] = b"0123456789-.eE[]{}\",:\\ \0"[below(random, 24)],
                _ => {
                    let end = bytes.len().min(at + 1 + below(random, 16));
                    bytes.drain(at..end);
                }
            }
            if bytes.len() <= header {
                break;
            }
            damage += &format!(" {at}");
        }
        (bytes, damage)
    }

    fn other_length(&self, random: &mut ChaCha8Rng) -> (Vec<u8>, String) {
        let mut bytes = self.bytes.clone();
        let header = (bytes.len() - self.data.len() - 8) as u64;
        let length = match below(random, 8) {
            0 => 0,
            1 => u64::MAX,
            2 => 1 << below(random, 64),
            3 => (1 << below(random, 64)) - 1,
            4 => bytes.len() as u64,
            5 => below(random, bytes.len()) as u64,
            6 => header.wrapping_add(below(random, 17) as u64).wrapping_sub(8),
            _ => random.next_u64(),
        };
        bytes[..8].copy_from_slice(&length.to_le_bytes());
        (bytes, format!("a header of {length} bytes"))
    }

    fn damaged_weights(&self, random: &mut ChaCha8Rng) -> (Vec<u8>, String) {
        let mut data = self.data.clone();
        let value =
            [f32::NAN, f32::INFINITY, f32::MAX, -f32::MAX, 1e-45, -0.0, 1e20][below(random, 7)];
        let at = below(random, data.len() / 4) * 4;
        data[at..at + 4].copy_from_slice(&value.to_le_bytes());
        let header = self.header.to_string();
        (assemble(&self.tensors, &header, &data), format!("weight {} is {value}", at / 4))
    }

    /// Numbers, words and lines of the TOML.
    fn damaged_detector(&self, random: &mut ChaCha8Rng) -> (Vec<u8>, String) {
        let mut header = self.header.clone();
        let text = header["detector"].as_str().expect("a description").to_owned();
        let mut damage = "detector".to_owned();
        let changed = if below(random, 3) == 0 {
            let mut lines: Vec<&str> = text.lines().collect();
            let at = below(random, lines.len());
            damage += &format!(" line {at}");
            match below(random, 3) {
                0 => drop(lines.remove(at)),
                1 => lines.insert(at, lines[below(random, lines.len())]),
                _ => lines.truncate(at),
            }
            lines.join("\n")
        } else {
            let starts: Vec<usize> = (1..text.len())
                .filter(|i| {
                    let bytes = text.as_bytes();
                    bytes[*i].is_ascii_digit() && !bytes[*i - 1].is_ascii_alphanumeric()
                })
                .collect();
            let at = starts[below(random, starts.len())];
            let end = text[at..]
                .find(|c: char| !(c.is_ascii_digit() || c == '.'))
                .map_or(text.len(), |length| at + length);
            let number = NUMBERS[below(random, NUMBERS.len())];
            damage += &format!(" {} is {number}", &text[at..end]);
            format!("{}{number}{}", &text[..at], &text[end..])
        };
        header["detector"] = changed.into();
        (self.with_header(&header), damage)
    }
}

/// As TOML and, but for `inf` and `nan`, JSON write them.
const NUMBERS: [&str; 18] = [
    "0",
    "-1",
    "1",
    "2",
    "3",
    "4096",
    "65536",
    "10000000",
    "2147483648",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "0.5",
    "-0.0",
    "1e300",
    "1e-300",
    "nan",
    "inf",
];

/// Changes a node that is found by going down at random.
fn change_json(root: &mut Value, random: &mut ChaCha8Rng, damage: &mut String) {
    let other = {
        let mut other = &*root;
        while let Some(child) = random_child(other, random) {
            other = child;
        }
        other.clone()
    };
    let mut node = root;
    loop {
        let stops = below(random, 8) == 0;
        let count = match &*node {
            Value::Array(items) => items.len(),
            Value::Object(entries) => entries.len(),
            _ => 0,
        };
        if count == 0 || stops {
            break;
        }
        let at = below(random, count);
        node = match node {
            Value::Array(items) => {
                *damage += &format!("[{at}]");
                &mut items[at]
            }
            Value::Object(entries) => {
                let (key, value) = entries.iter_mut().nth(at).expect("so many");
                *damage += &format!(".{key}");
                value
            }
            _ => unreachable!("it has children"),
        };
    }
    let before = node.clone();
    match (below(random, 4), &mut *node) {
        (0, Value::Array(items)) if !items.is_empty() => {
            let item = items[below(random, items.len())].clone();
            let times = [1, 2, 100, 3000][below(random, 4)];
            items.extend(std::iter::repeat_n(item, times));
        }
        (1, Value::Array(items)) if !items.is_empty() => {
            let at = below(random, items.len());
            items.remove(at);
        }
        (0, Value::Object(entries)) => {
            entries.insert("kind".to_owned(), other);
        }
        (1, Value::Object(entries)) if !entries.is_empty() => {
            let key = entries.keys().nth(below(random, entries.len())).expect("so many").clone();
            entries.remove(&key);
        }
        (2, Value::Number(number)) => {
            let value = number.as_f64().unwrap_or(0.0);
            let changed =
                [value + 1.0, value - 1.0, -value, value * 2.0, value * 1e9, value * 1e40]
                    [below(random, 6)];
            *node = match number.as_u64() {
                Some(whole) => json!(
                    [
                        whole.wrapping_add(1),
                        whole.wrapping_sub(1),
                        whole.wrapping_mul(2),
                        whole.wrapping_mul(1 << 32),
                    ][below(random, 4)]
                ),
                None => Number::from_f64(changed).map_or(Value::Null, Value::Number),
            };
        }
        _ => *node = absurd_value(random, other),
    }
    let text = |value: &Value| value.to_string().chars().take(40).collect::<String>();
    *damage += &format!(": {} is {}, ", text(&before), text(node));
}

fn random_child<'a>(value: &'a Value, random: &mut ChaCha8Rng) -> Option<&'a Value> {
    match value {
        Value::Array(items) if !items.is_empty() => Some(&items[below(random, items.len())]),
        Value::Object(entries) if !entries.is_empty() => {
            entries.values().nth(below(random, entries.len()))
        }
        _ => None,
    }
}

fn absurd_value(random: &mut ChaCha8Rng, other: Value) -> Value {
    match below(random, 10) {
        0..=4 => {
            let number = NUMBERS[below(random, NUMBERS.len() - 2)];
            serde_json::from_str(number).expect("a number of JSON")
        }
        5 => {
            let values =
                json!([null, true, "", "relu", [], {}, u64::MAX, i64::MIN, f64::MAX, "\0"]);
            values[below(random, 10)].clone()
        }
        6 => {
            let depth = [3, 40, 100][below(random, 3)];
            (0..depth).fold(json!(1), |inside, _| json!([inside]))
        }
        7 => {
            let times = [10_000_u64, 2, 1][below(random, 3)];
            (0..[2, 5, 20][below(random, 3)]).fold(
                json!({ "kind": "relu" }),
                |inside, _| json!({ "kind": "repeat", "times": times, "layer": [inside] }),
            )
        }
        8 => json!(vec![0; 1 << below(random, 14)]),
        _ => other,
    }
}

fn below(random: &mut ChaCha8Rng, bound: usize) -> usize {
    (random.next_u64() % bound.max(1) as u64) as usize
}
