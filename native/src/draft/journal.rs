//! What of a batch is news, its segments and identities.

use super::{py_hash, Bytes, Draft};
use crate::arrivals::Arrivals;
use crate::event::Data;
use crate::from_python;
use crate::intake::{First, Intake};
use crate::journal;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::sync::Arc;

#[pymethods]
impl Draft {
    fn take<'py>(&mut self, py: Python<'py>, received: &Bound<'py, PyAny>) -> PyResult<Vec<Bound<'py, PyBytes>>> {
        self.intake = Intake::take(Arrivals::items_of(received)?);
        Ok(self.intake.identities().iter().map(|identity| py_hash(py, identity)).collect())
    }

    fn know(&mut self, py: Python<'_>, rows: Vec<Bound<'_, PyAny>>) -> PyResult<()> {
        self.intake.know(&rows)?;
        let seen = &self.rules.borrow(py).seen;
        for number in &self.intake.fresh {
            let event = self.intake.arrivals[*number].event();
            if let Data::Applied { station, station_name, evse_id, .. } = &event.data {
                self.naming.add_place(station, station_name.as_ref(), evse_id.as_ref(), seen);
            }
        }
        Ok(())
    }

    #[getter]
    fn events(&self) -> usize {
        self.intake.fresh.len()
    }

    #[getter]
    fn repeats(&self) -> usize {
        self.intake.repeats
    }

    fn invalid<'py>(&self, py: Python<'py>) -> PyResult<Vec<(Bound<'py, PyAny>, Bound<'py, PyAny>)>> {
        let arrivals = self.intake.invalid.iter().map(|number| &self.intake.arrivals[*number]);
        arrivals.map(|arrival| Ok((arrival.message(py)?, arrival.parsed(py)?))).collect()
    }

    #[allow(clippy::type_complexity)]
    fn contradicting<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<Vec<(Bound<'py, PyAny>, Option<Bound<'py, PyAny>>, Option<(i64, i32)>)>> {
        let found = self.intake.contradicting.iter().map(|(number, first)| {
            let received = self.intake.arrivals[*number].received(py)?;
            Ok(match first {
                First::Arrived(first) => (received, Some(self.intake.arrivals[*first].message(py)?), None),
                First::Recorded(segment, position) => (received, None, Some((*segment, *position))),
            })
        });
        found.collect()
    }

    fn targets<'py>(&self, py: Python<'py>) -> Vec<(Bound<'py, PyBytes>, i64, i32)> {
        let targets = self.intake.to_read_back.iter();
        targets.map(|(identity, segment, position)| (py_hash(py, identity), *segment, *position)).collect()
    }

    fn take_back(&mut self, event: &Bound<'_, PyAny>) -> PyResult<()> {
        let event = from_python::event(event)?;
        self.intake.taken_back.insert(event.identity, Arc::new(event));
        Ok(())
    }

    fn is_taken_back(&self, identity: &Bound<'_, PyAny>) -> PyResult<bool> {
        Ok(self.intake.is_taken_back(&from_python::hash_of(identity)?))
    }

    fn segments<'py>(
        &self,
        py: Python<'py>,
        messages: usize,
    ) -> PyResult<Vec<(usize, Vec<i32>, Bound<'py, PyBytes>)>> {
        let arrivals = &self.intake.arrivals;
        let parts = self.intake.fresh.chunks(messages).map(|part| {
            let marks = journal::marks(part.iter().map(|number| arrivals[*number].event()));
            let body = journal::body(py, part.iter().map(|number| &*arrivals[*number]))?;
            Ok((part.len(), marks, PyBytes::new(py, &body)))
        });
        parts.collect()
    }

    fn place(&mut self, segments: Vec<i64>, messages: usize) {
        let fresh = 0..self.intake.fresh.len();
        self.places = fresh.map(|index| (segments[index / messages], (index % messages) as i32)).collect();
    }

    #[allow(clippy::type_complexity)]
    fn identities<'py>(
        &self,
        py: Python<'py>,
    ) -> (
        Bytes<'py>,
        Vec<(Bound<'py, PyBytes>, Bound<'py, PyBytes>, i64, i32, i64)>,
        Vec<(Bound<'py, PyBytes>, i64, Bytes<'py>)>,
    ) {
        let (made, arrived, earlier) = self.intake.to_remember(&self.places);
        let arrived = arrived.iter().map(|(identity, content, segment, position, time)| {
            (py_hash(py, identity), py_hash(py, content), *segment, *position, *time)
        });
        let earlier = earlier.iter().map(|(identity, time, content)| {
            (py_hash(py, identity), *time, content.as_ref().map(|content| py_hash(py, content)))
        });
        (made.finish(py), arrived.collect(), earlier.collect())
    }
}
