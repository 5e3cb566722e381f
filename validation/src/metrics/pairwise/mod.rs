//! Products of all pairs of events, tile by tile: never a whole matrix of pairs.

mod points;
mod tiles;

pub(crate) use points::{Points, Scalar, common_centre, squared_distance};
pub(crate) use tiles::{TILE, Tile, between, map_tiles, multiply, within};
