//! Lists for C: one block of rows, with the texts that they point to.

use std::ffi::{CString, c_char};

use super::guard::{Out, guard_value};
use super::handle::Handled;
use super::text::to_c;

/// Rows and the texts that their pointers lead to.
pub(super) struct List<Row> {
    rows: Box<[Row]>,
    _texts: Vec<CString>,
}

// SAFETY: the rows are never changed, and their pointers lead to texts that the list owns and never moves.
unsafe impl<Row> Send for List<Row> {}
// SAFETY: as for `Send`.
unsafe impl<Row> Sync for List<Row> {}

/// Keeps the texts of a list that is being made.
#[derive(Default)]
pub(super) struct Texts(Vec<CString>);

impl Texts {
    /// A pointer that lives as long as the list.
    pub(super) fn keep(&mut self, text: &str) -> *const c_char {
        let text = to_c(text);
        let pointer = text.as_ptr();
        self.0.push(text);
        pointer
    }

    /// As [`Texts::keep`]; NULL for an absent text.
    pub(super) fn keep_optional(&mut self, text: Option<&str>) -> *const c_char {
        text.map_or(std::ptr::null(), |text| self.keep(text))
    }
}

impl<Row> List<Row> {
    /// The rows of `items`.
    pub(super) fn new<T>(items: &[T], mut row: impl FnMut(&T, &mut Texts) -> Row) -> List<Row> {
        let mut texts = Texts::default();
        let rows = items.iter().map(|item| row(item, &mut texts)).collect();
        List { rows, _texts: texts.0 }
    }
}

/// The block of rows of a list handle and its length; NULL and 0 for a dead handle or an empty list.
pub(super) fn data<T: Handled, Row>(
    handle: *const T,
    out_count: *mut usize,
    list: impl Fn(&T) -> &List<Row>,
) -> *const Row {
    let found = guard_value(None, || {
        let object = T::table().get(handle)?;
        let rows = &list(&object).rows;
        (!rows.is_empty()).then_some((rows.as_ptr(), rows.len()))
    });
    let (rows, count) = found.unwrap_or((std::ptr::null(), 0));
    if let Ok(out) = Out::new("out_count", out_count) {
        out.set(count);
    }
    rows
}
