use serde::Serialize;

/// A table of a page.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct TableView {
    pub head: Vec<CellView>,
    pub groups: Vec<GroupView>,
}

/// Rows under a heading of their own, if it is not empty.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct GroupView {
    pub heading: String,
    pub class: &'static str,
    pub rows: Vec<Vec<CellView>>,
}

/// A cell, as HTML.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct CellView {
    pub html: String,
    pub class: String,
}

impl CellView {
    /// Text, at the left.
    pub fn text(html: impl Into<String>) -> Self {
        Self { html: html.into(), class: String::new() }
    }

    /// A number, at the right.
    pub fn number(html: impl Into<String>) -> Self {
        Self { html: html.into(), class: "n".to_owned() }
    }

    pub fn with_class(mut self, class: &str) -> Self {
        if !self.class.is_empty() {
            self.class.push(' ');
        }
        self.class.push_str(class);
        self
    }
}
