use std::path::Path;

use hdf5_metno as hdf5;
use ndarray::{ArrayView2, s};

use super::{
    BadValueKind, EventsError, INCIDENT_ENERGIES, Provenance, SHOWERS, ShowerFile, hdf5_errors,
};
use crate::files::AtomicFile;

/// How a file of showers is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriteOptions {
    /// Replace an output that exists.
    pub force: bool,
    /// 0 (none) to 9 (smallest). There is no shuffle filter: it makes sparse showers larger.
    pub gzip_level: u8,
    /// Events that are compressed together; 0 lets the voxel count decide.
    pub chunk_events: usize,
}

impl Default for WriteOptions {
    fn default() -> Self {
        Self { force: false, gzip_level: 4, chunk_events: 0 }
    }
}

impl WriteOptions {
    /// Half a MiB of raw voxels fits HDF5's default chunk cache twice.
    fn events_per_chunk(self, voxel_count: usize) -> usize {
        const CHUNK_BYTES: usize = 512 << 10;
        match self.chunk_events {
            0 => (CHUNK_BYTES / (4 * voxel_count)).clamp(1, 1000),
            events => events,
        }
    }
}

/// Writes a file of showers in CaloChallenge's layout, block by block.
///
/// The file has its final name only after [`ShowerWriter::finish`]; dropped before, it leaves
/// nothing. Equal events with equal provenance and options give equal bytes, however the events
/// were divided into blocks.
#[derive(Debug)]
pub struct ShowerWriter {
    // Fields are dropped in this order: HDF5 lets go of the file before it is removed.
    incident_energies: hdf5::Dataset,
    showers: hdf5::Dataset,
    file: hdf5::File,
    output: AtomicFile,
    voxel_count: usize,
    chunk_events: usize,
    written: usize,
    pending_energies: Vec<f64>,
    pending_voxels: Vec<f32>,
}

impl ShowerWriter {
    /// # Errors
    /// The output exists and `force` is not set, or it cannot be created.
    pub fn create(
        path: &Path,
        voxel_count: usize,
        provenance: &Provenance,
        options: WriteOptions,
    ) -> Result<Self, EventsError> {
        let output = AtomicFile::create(path, options.force)?;
        let file =
            hdf5::File::create(output.path()).map_err(hdf5_errors::writing(path, "create"))?;
        let chunk_events = options.events_per_chunk(voxel_count);
        let incident_energies = file
            .new_dataset::<f64>()
            .chunk((chunk_events, 1))
            .deflate(options.gzip_level)
            .obj_track_times(false)
            .shape((0.., 1))
            .create(INCIDENT_ENERGIES)
            .map_err(hdf5_errors::writing(path, "create `incident_energies` in"))?;
        let showers = file
            .new_dataset::<f32>()
            .chunk((chunk_events, voxel_count))
            .deflate(options.gzip_level)
            .obj_track_times(false)
            .shape((0.., voxel_count))
            .create(SHOWERS)
            .map_err(hdf5_errors::writing(path, "create `showers` in"))?;
        provenance.write(&file, path)?;
        Ok(Self {
            incident_energies,
            showers,
            file,
            output,
            voxel_count,
            chunk_events,
            written: 0,
            pending_energies: Vec::new(),
            pending_voxels: Vec::new(),
        })
    }

    /// Adds events after those already there.
    ///
    /// # Shapes
    /// `incident_energies_mev`: `[events]`; `voxels_mev`: `[events, voxels]`.
    ///
    /// # Errors
    /// The shapes do not fit, an energy is negative or not finite, or the disk refuses.
    pub fn append(
        &mut self,
        incident_energies_mev: &[f64],
        voxels_mev: ArrayView2<'_, f32>,
    ) -> Result<(), EventsError> {
        self.check(incident_energies_mev, voxels_mev)?;
        self.pending_energies.extend_from_slice(incident_energies_mev);
        self.pending_voxels.extend(voxels_mev.iter());
        // Whole chunks only, so that the calls to HDF5, and with them the bytes, do not depend on
        // the sizes of the blocks.
        let whole = self.pending_energies.len() / self.chunk_events * self.chunk_events;
        for first in (0..whole).step_by(self.chunk_events) {
            self.write_chunk(first, self.chunk_events)?;
        }
        self.pending_energies.drain(..whole);
        self.pending_voxels.drain(..whole * self.voxel_count);
        Ok(())
    }

    /// Writes what is left and gives the file its final name. Returns the number of events.
    ///
    /// # Errors
    /// There are no events, the disk refuses, or another job has made the output meanwhile.
    pub fn finish(mut self) -> Result<usize, EventsError> {
        let path = self.output.output().to_owned();
        if !self.pending_energies.is_empty() {
            self.write_chunk(0, self.pending_energies.len())?;
        }
        if self.written == 0 {
            return Err(EventsError::NoEvents { path });
        }
        let Self { incident_energies, showers, file, output, written, .. } = self;
        file.flush().map_err(hdf5_errors::writing(&path, "write"))?;
        drop((incident_energies, showers));
        file.close().map_err(hdf5_errors::writing(&path, "close"))?;
        // Not every failure of a close is reported: what was written must open again.
        ShowerFile::open(output.path())?;
        output.commit()?;
        Ok(written)
    }

    fn write_chunk(&mut self, first: usize, events: usize) -> Result<(), EventsError> {
        let path = self.output.output();
        let end = self.written + events;
        let voxels = &self.pending_voxels[first * self.voxel_count..][..events * self.voxel_count];
        let voxels = ArrayView2::from_shape((events, self.voxel_count), voxels)
            .expect("as many voxels are pending as energies times the voxel count");
        let energies =
            ArrayView2::from_shape((events, 1), &self.pending_energies[first..][..events])
                .expect("the slice has that length");
        self.incident_energies
            .resize((end, 1))
            .and_then(|()| self.incident_energies.write_slice(energies, s![self.written..end, ..]))
            .and_then(|()| self.showers.resize((end, self.voxel_count)))
            .and_then(|()| self.showers.write_slice(voxels, s![self.written..end, ..]))
            .map_err(hdf5_errors::writing(path, "write"))?;
        self.written = end;
        Ok(())
    }

    fn check(&self, energies: &[f64], voxels: ArrayView2<'_, f32>) -> Result<(), EventsError> {
        let path = self.output.output();
        if energies.len() != voxels.nrows() || voxels.ncols() != self.voxel_count {
            return Err(EventsError::Block {
                path: path.to_owned(),
                energies: energies.len(),
                rows: voxels.nrows(),
                found: voxels.ncols(),
                expected: self.voxel_count,
            });
        }
        let bad = |value: f64, dataset, index: usize, voxel: Option<usize>| {
            let kind = BadValueKind::of(value)?;
            let event = self.written + self.pending_energies.len() + index;
            let path = path.to_owned();
            Some(EventsError::BadValue { path, dataset, kind, value, event, voxel, count: 1 })
        };
        let in_energies = energies
            .iter()
            .enumerate()
            .find_map(|(event, &energy)| bad(energy, INCIDENT_ENERGIES, event, None));
        let in_voxels = || {
            voxels
                .indexed_iter()
                .find_map(|((event, i), &voxel)| bad(voxel.into(), SHOWERS, event, Some(i)))
        };
        in_energies.or_else(in_voxels).map_or(Ok(()), Err)
    }
}
