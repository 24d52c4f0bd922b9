//! Tables for people: aligned columns under a header.

use crate::text::printable;

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    title: &'static str,
    is_number: bool,
}

impl Column {
    /// A column of texts, flush left.
    pub const fn text(title: &'static str) -> Column {
        Column { title, is_number: false }
    }

    /// A column of numbers, flush right.
    pub const fn number(title: &'static str) -> Column {
        Column { title, is_number: true }
    }
}

/// The lines of a table: the header, then a line for each row. Columns that are empty in every row are left
/// out.
pub fn lines(columns: &[Column], rows: &[Vec<String>]) -> Vec<String> {
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| printable(cell)).collect()).collect();
    let cell = |row: &[String], column: usize| row.get(column).cloned().unwrap_or_default();
    let width = |text: &str| text.chars().count();
    // The columns that are shown, each with its width.
    let shown: Vec<(usize, usize)> = (0..columns.len())
        .filter_map(|column| {
            let widest =
                rows.iter().map(|row| width(&cell(row, column))).max().filter(|widest| *widest > 0)?;
            Some((column, widest.max(width(columns[column].title))))
        })
        .collect();
    let line = |row: &[String]| {
        let cells = shown.iter().map(|&(column, width)| match columns[column].is_number {
            true => format!("{:>width$}", cell(row, column)),
            false => format!("{:<width$}", cell(row, column)),
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let header: Vec<String> = columns.iter().map(|column| column.title.to_owned()).collect();
    std::iter::once(&header).chain(&rows).map(|row| line(row)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align_and_empty_ones_go() {
        let columns = [Column::text("name"), Column::text("tag"), Column::number("balance")];
        let row = |name: &str, balance: &str| vec![name.to_owned(), String::new(), balance.to_owned()];
        assert_eq!(
            lines(&columns, &[row("Zürich", "50000"), row("B\n", "-1.25")]),
            ["name    balance", "Zürich    50000", "B\\n       -1.25"]
        );
    }
}
