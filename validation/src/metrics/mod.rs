//! General measures of how alike two sets are.

pub mod images;
