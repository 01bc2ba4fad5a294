//! The report as CSV: the twin of `projections.export.csv_file`.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;

const FORMULA_STARTS: &[u8] = b"=+-@\t\r\n";

/// Whole rows as Postgres gives them, with CR LF behind each, and a mark before what a spreadsheet would take for a
/// formula in the columns that are guarded. Raises ValueError where the last row is not whole.
#[pyfunction]
pub fn csv_rows<'py>(py: Python<'py>, rows: PyBackedBytes, guarded: Vec<bool>) -> PyResult<Bound<'py, PyBytes>> {
    let mut written = Vec::with_capacity(rows.len() + rows.len() / 8);
    let (mut copied, mut at, mut column) = (0, 0, 0);
    while at < rows.len() {
        let is_quoted = rows[at] == b'"';
        at += usize::from(is_quoted);
        // A line's end that is not within quotes is that of the row, behind an empty cell.
        let begins =
            rows.get(at).is_some_and(|byte| FORMULA_STARTS.contains(byte) && (is_quoted || *byte != b'\n'));
        if begins && guarded.get(column) == Some(&true) {
            written.extend(&rows[copied..at]);
            written.push(b'\'');
            copied = at;
        }
        if is_quoted {
            // Two quotes are one of the cell.
            while rows.get(at).is_some_and(|byte| *byte != b'"' || rows.get(at + 1) == Some(&b'"')) {
                at += 1 + usize::from(rows[at] == b'"');
            }
        }
        while rows.get(at).is_some_and(|byte| *byte != b',' && *byte != b'\n') {
            at += 1;
        }
        column += 1;
        if rows.get(at) == Some(&b'\n') {
            written.extend(&rows[copied..at]);
            written.extend(b"\r\n");
            copied = at + 1;
            column = 0;
        }
        at += 1;
    }
    match copied == rows.len() {
        true => Ok(PyBytes::new(py, &written)),
        false => Err(PyValueError::new_err("the last row has no end")),
    }
}
