//! The pure part of the write path, compiled: from messages to events, subjects, histories and packed rows; and the rows
//! of an export as CSV.
//!
//! The rules stand in `lifecycle/`, and what they come to in rows in `projections/recorder/`; each module here is the
//! twin of the one of its name there, and is held to it by tests that compare all that both make of the same events.

use pyo3::prelude::*;

mod announcing;
mod anomalies;
mod arrivals;
mod calendar;
mod claims;
mod copying;
mod csv_file;
mod documents;
mod draft;
mod event;
mod facts;
mod fold;
mod from_python;
mod intake;
mod journal;
mod json;
mod maps;
mod msgpack;
mod naming;
mod ownership;
mod places;
mod plain;
mod rows;
mod rules;
mod subjects;
mod term;
mod to_python;
mod workspace;

#[pymodule]
fn compiled(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<arrivals::Arrivals>()?;
    module.add_class::<rules::Rules>()?;
    module.add_class::<draft::Draft>()?;
    module.add_function(wrap_pyfunction!(announcing::announcements, module)?)?;
    module.add_function(wrap_pyfunction!(copying::fields, module)?)?;
    module.add_function(wrap_pyfunction!(csv_file::csv_rows, module)?)?;
    module.add_function(wrap_pyfunction!(to_python::read_plain, module)?)?;
    Ok(())
}
