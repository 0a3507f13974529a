//! Tables that the listings print, for programs and for people.

/// A line for each row, a tab between two cells. A tab or line break within a
/// cell is written as a space.
pub fn tsv<const COLUMNS: usize>(
    rows: impl IntoIterator<Item = [String; COLUMNS]>,
) -> String {
    let line = |row: [String; COLUMNS]| {
        let cells = row.map(|cell| cell.replace(['\t', '\n', '\r'], " "));
        cells.join("\t") + "\n"
    };
    rows.into_iter().map(line).collect()
}

/// A line for each row, in columns that are as wide as their longest cells, with
/// two spaces between them.
pub fn columns<const COLUMNS: usize>(
    rows: impl IntoIterator<Item = [String; COLUMNS]>,
) -> String {
    let rows: Vec<_> = rows.into_iter().collect();
    let mut widths = [0; COLUMNS];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let line = |row: &[String; COLUMNS]| {
        let cells = row.iter().zip(widths);
        let cells: Vec<_> =
            cells.map(|(cell, width)| format!("{cell:width$}")).collect();
        cells.join("  ").trim_end().to_string() + "\n"
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> [[String; 2]; 2] {
        [["a\tb", "1"], ["größer", ""]].map(|row| row.map(String::from))
    }

    #[test]
    fn a_tab_separates_cells_and_stands_in_none() {
        assert_eq!(tsv(rows()), "a b\t1\ngrößer\t\n");
    }

    #[test]
    fn a_column_is_as_wide_as_its_longest_cell() {
        let rows = [["a", "1"], ["größer", "2"], ["", "3"]]
            .map(|row| row.map(String::from));
        assert_eq!(columns(rows), "a       1\ngrößer  2\n        3\n");
    }
}
