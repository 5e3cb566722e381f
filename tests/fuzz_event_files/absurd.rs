//! Files whose structure is sound and whose content cannot be meant.

use std::cell::RefCell;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use hdf5_metno as hdf5;
use hdf5_metno::types::VarLenUnicode;
use ndarray::Array2;

use crate::bases::text_attribute;
pub fn absurd_files(folder: &Path) -> Vec<(String, PathBuf)> {
    let made = RefCell::new(Vec::new());
    let make = |name: &str, fill: &dyn Fn(&hdf5::File)| {
        let path = folder.join(format!("{name}.hdf5"));
        let file = hdf5::File::create(&path).unwrap();
        fill(&file);
        drop(file);
        made.borrow_mut().push((name.to_owned(), path));
    };
    let energies = |file: &hdf5::File| {
        let values = Array2::from_elem((4, 1), 1024.0_f64);
        file.new_dataset_builder().with_data(&values).create("incident_energies").unwrap();
    };
    let ones = Array2::from_elem((4, 368), 1_f32);
    let good = |file: &hdf5::File| {
        energies(file);
        file.new_dataset_builder().with_data(&ones).create("showers").unwrap();
    };

    // Shapes: all that is declared is not there.
    let shapes: [(&str, &[usize], &[usize]); 6] = [
        ("rows 2^40", &[1 << 40, 368], &[1000, 368]),
        ("columns 2^40", &[4, 1 << 40], &[1, 1000]),
        ("columns 2^24", &[4, 1 << 24], &[1, 1000]),
        ("a huge chunk", &[1 << 20, 368], &[1 << 20, 368]),
        ("no columns", &[4, 0], &[]),
        ("48 million chunks", &[1 << 17, 368], &[1, 1]),
    ];
    for (name, shape, chunk) in shapes {
        make(name, &|file| {
            let events = shape[0];
            let new = file.new_dataset::<u8>().chunk([4, 1]).fill_value(1_u8);
            new.shape([events, 1]).create("incident_energies").unwrap();
            let extents: Vec<_> = shape.iter().map(|&n| hdf5::Extent::resizable(n)).collect();
            let new = file.new_dataset::<u8>();
            let new = if chunk.is_empty() { new } else { new.chunk(chunk.to_vec()).deflate(1) };
            let extents = hdf5::SimpleExtents::from_vec(extents);
            if chunk.is_empty() {
                new.shape(shape.to_vec()).create("showers").unwrap();
            } else {
                new.shape(extents).create("showers").unwrap();
            }
        });
    }
    make("a scalar", &|file| {
        energies(file);
        file.new_dataset::<f32>().create("showers").unwrap();
    });

    // Types.
    macro_rules! of_type {
        ($($name:literal: $type:ty),*) => {$(
            make($name, &|file| {
                energies(file);
                let new = file.new_dataset::<$type>().chunk([4, 368]).deflate(1);
                new.shape([4, 368]).create("showers").unwrap();
            });
        )*};
    }
    of_type! {
        "booleans": bool, "texts": VarLenUnicode, "fixed texts": hdf5::types::FixedAscii<10>,
        "arrays": [f32; 3], "lists": hdf5::types::VarLenArray<f32>
    }

    // Links, and values in other files.
    let fifo = folder.join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    make("a link to itself", &|file| {
        energies(file);
        file.link_soft("/showers", "showers").unwrap();
    });
    make("a link into itself from outside", &|file| {
        energies(file);
        file.link_external("a link into itself from outside.hdf5", "/showers", "showers").unwrap();
    });
    make("a link to a pipe", &|file| {
        energies(file);
        file.link_external("fifo", "/showers", "showers").unwrap();
    });
    for (name, other) in
        [("values in a pipe", &*fifo), ("values in a device", "/dev/zero".as_ref())]
    {
        make(name, &|file| {
            energies(file);
            let size = 4 * 368 * 4;
            let new = file.new_dataset::<f32>().shape([4, 368]);
            new.with_dcpl(|p| p.external(other.to_str().unwrap(), 0, size))
                .create("showers")
                .unwrap();
        });
    }
    for (name, other) in [("virtual, of itself", "."), ("virtual, of a pipe", "fifo")] {
        make(name, &|file| {
            energies(file);
            let new = file.new_dataset::<f32>().shape([4, 368]);
            let all = hdf5::Selection::All;
            new.with_dcpl(|p| p.virtual_map(other, "showers", [4, 368], &all, [4, 368], &all))
                .create("showers")
                .unwrap();
        });
    }

    // Attributes and names.
    make("a long list of texts", &|file| {
        good(file);
        let texts = vec![hdf5::types::FixedAscii::<1>::from_ascii("x").unwrap(); 60_000];
        file.new_attr_builder().with_data(&texts).create("many").unwrap();
    });
    make("control characters", &|file| {
        energies(file);
        file.new_dataset::<f32>().create("two\nlines\u{1b}[31m").unwrap();
        text_attribute(file, "two\nlines\u{1b}[31m", "two\nlines\u{1b}[31m");
    });
    make("3000 data sets", &|file| {
        for number in 0..3000 {
            file.new_dataset::<f32>().create(format!("set {number}").as_str()).unwrap();
        }
    });

    // Chunks that hold more than their data set says: 16 MiB of zeros where there should be 6 KiB.
    let rows = 11_397_u32;
    for (name, fletcher) in [("a bomb", false), ("a bomb with a checksum", true)] {
        make(name, &|file| {
            energies(file);
            let zeros = Array2::from_elem((rows as usize, 368), 0_f32);
            let new = file.new_dataset_builder().chunk([rows as usize, 368]).deflate(9);
            let new = if fletcher { new.fletcher32() } else { new };
            new.with_data(&zeros).create("showers").unwrap();
        });
        let path = folder.join(format!("{name}.hdf5"));
        let mut bytes = std::fs::read(&path).unwrap();
        for at in 0..bytes.len() - 4 {
            if bytes[at..at + 4] == rows.to_le_bytes() {
                bytes[at..at + 4].copy_from_slice(&4_u32.to_le_bytes());
            }
        }
        OpenOptions::new().write(true).open(&path).unwrap().write_all(&bytes).unwrap();
    }
    made.into_inner()
}
