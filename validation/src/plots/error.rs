//! What can go wrong while a figure is drawn.

/// Why a figure could not be drawn.
#[derive(Debug, thiserror::Error)]
pub enum PlotError {
    #[error("draw {figure}: {what} has {found} entries, expected {expected}")]
    Length { figure: String, what: &'static str, found: usize, expected: usize },

    #[error("draw {figure}: bin edges are not finite and increasing")]
    Edges { figure: String },

    #[error("draw {figure}: there is nothing to draw")]
    Empty { figure: String },

    #[error("read SVG: {0}")]
    Svg(#[from] resvg::usvg::Error),

    #[error("render PNG: {0}")]
    Png(String),

    #[error("render PDF: {0}")]
    Pdf(String),
}

/// `Ok` if `values` holds `expected` numbers.
pub(crate) fn check_length(
    figure: &str,
    what: &'static str,
    found: usize,
    expected: usize,
) -> Result<(), PlotError> {
    if found == expected {
        Ok(())
    } else {
        Err(PlotError::Length { figure: figure.to_owned(), what, found, expected })
    }
}

/// `Ok` if `edges` are at least two finite numbers, each larger than the one before.
pub(crate) fn check_edges(figure: &str, edges: &[f64]) -> Result<(), PlotError> {
    let finite = edges.iter().all(|edge| edge.is_finite());
    let increasing = edges.windows(2).all(|pair| pair[0] < pair[1]);
    if edges.len() >= 2 && finite && increasing {
        Ok(())
    } else {
        Err(PlotError::Edges { figure: figure.to_owned() })
    }
}
