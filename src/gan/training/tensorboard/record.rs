//! The framing of TFRecord files: length, its checksum, data, their checksum; all little-endian.

const MASK: u32 = 0xa282_ead8;
const HEADER: usize = 12;
const FOOTER: usize = 4;

/// CRC-32C, rotated right by 15 bits and moved by a constant: a checksum of data that hold checksums
/// themselves would be weak.
fn masked_checksum(data: &[u8]) -> u32 {
    crc32c::crc32c(data).rotate_right(15).wrapping_add(MASK)
}

/// A record with these data.
pub fn record(data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u64).to_le_bytes();
    let mut framed = Vec::with_capacity(HEADER + data.len() + FOOTER);
    framed.extend(length);
    framed.extend(masked_checksum(&length).to_le_bytes());
    framed.extend(data);
    framed.extend(masked_checksum(data).to_le_bytes());
    framed
}

/// The records of a file one after the other, as (end in the file, data), up to the first that is
/// broken or cut off.
pub fn records(file: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = &file[at..];
        let length: [u8; 8] = rest.get(..8)?.try_into().ok()?;
        let checksum = |bytes: Option<&[u8]>| Some(u32::from_le_bytes(bytes?.try_into().ok()?));
        if checksum(rest.get(8..HEADER))? != masked_checksum(&length) {
            return None;
        }
        let end = HEADER.checked_add(usize::try_from(u64::from_le_bytes(length)).ok()?)?;
        let data = rest.get(HEADER..end)?;
        if checksum(rest.get(end..end.checked_add(FOOTER)?))? != masked_checksum(data) {
            return None;
        }
        at += end + FOOTER;
        Some((at, data))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_the_known_ones() {
        // RFC 3720, B.4: 32 bytes of zeros, and 0 to 31.
        assert_eq!(crc32c::crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c::crc32c(&(0..32).collect::<Vec<u8>>()), 0x46dd_794e);
        // The masked checksum of LevelDB's format: of "foo", it is not that of the checksum.
        let plain = crc32c::crc32c(b"foo");
        assert_ne!(masked_checksum(b"foo"), plain);
        let back = masked_checksum(b"foo").wrapping_sub(MASK).rotate_left(15);
        assert_eq!(back, plain);
    }

    #[test]
    fn records_come_back_up_to_the_first_broken_one() {
        let mut file = [record(b"one"), record(b""), record(b"three")].concat();
        let read = |file: &[u8]| -> Vec<Vec<u8>> {
            records(file).map(|(_, data)| data.to_vec()).collect()
        };
        assert_eq!(read(&file), [&b"one"[..], b"", b"three"]);
        assert_eq!(records(&file).last().map(|(end, _)| end), Some(file.len()));
        assert_eq!(read(&file[..file.len() - 1]), [&b"one"[..], b""]);
        file[13] ^= 1;
        assert!(read(&file).is_empty());
        assert!(read(&[255; 40]).is_empty());
    }
}
