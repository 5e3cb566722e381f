//! The messages of event files, with the fields that are used here and their numbers in
//! `tensorboard/compat/proto/event.proto` and `summary.proto`.

#[derive(Clone, PartialEq, prost::Message)]
pub struct Event {
    /// Seconds since 1970.
    #[prost(double, tag = "1")]
    pub wall_time: f64,
    #[prost(int64, tag = "2")]
    pub step: i64,
    /// Of the first event of a file.
    #[prost(string, optional, tag = "3")]
    pub file_version: Option<String>,
    #[prost(message, optional, tag = "5")]
    pub summary: Option<Summary>,
    #[prost(message, optional, tag = "7")]
    pub session_log: Option<SessionLog>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Summary {
    #[prost(message, repeated, tag = "1")]
    pub value: Vec<Value>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Value {
    #[prost(string, tag = "1")]
    pub tag: String,
    #[prost(float, optional, tag = "2")]
    pub simple_value: Option<f32>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct SessionLog {
    /// 1: a start; what was read of this step or later is void.
    #[prost(int32, tag = "1")]
    pub status: i32,
}

pub const FILE_VERSION: &str = "brain.Event:2";
pub const START: i32 = 1;

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;

    #[test]
    fn a_scalar_has_the_bytes_that_the_protocol_says() {
        let value = Value { tag: "a".to_owned(), simple_value: Some(1.0) };
        let event = Event {
            wall_time: 1.0,
            step: 300,
            summary: Some(Summary { value: vec![value] }),
            ..Event::default()
        };
        let expected: &[u8] = &[
            0x09, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, // field 1, double 1.0
            0x10, 0xac, 0x02, // field 2, varint 300
            0x2a, 10, // field 5, 10 bytes
            0x0a, 8, // field 1, 8 bytes
            0x0a, 1, b'a', // field 1, 1 byte
            0x15, 0, 0, 0x80, 0x3f, // field 2, float 1.0
        ];
        assert_eq!(event.encode_to_vec(), expected);
        assert_eq!(Event::decode(expected).expect("valid"), event);
    }
}
