//! The rows of the lists of order lines and shipments.

use super::{py_hash, Bytes, Draft, Name};
use crate::copying::Rows;
use crate::documents;
use crate::event::{Data, Event, Hash};
use crate::from_python;
use crate::workspace::Keys;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::sync::Arc;

#[pymethods]
impl Draft {
    fn documents_to_read_back<'py>(&self, py: Python<'py>) -> Vec<Bound<'py, PyBytes>> {
        let lines = self.workspace.lines.values().filter(|line| line.is_replaced());
        let shipments = self.workspace.shipments.values().filter(|shipment| shipment.is_replaced());
        let in_force = lines
            .filter_map(|line| line.identity_in_force())
            .chain(shipments.filter_map(|shipment| shipment.identity_in_force()));
        in_force
            .filter(|identity| !self.intake.by_identity.contains_key(identity))
            .map(|identity| py_hash(py, &identity))
            .collect()
    }

    fn read_back(&mut self, event: &Bound<'_, PyAny>) -> PyResult<()> {
        let event = from_python::event(event)?;
        self.recalled.insert(event.identity, Arc::new(event));
        Ok(())
    }

    #[allow(clippy::type_complexity)]
    fn documents<'py>(&self, py: Python<'py>) -> (Vec<String>, Bytes<'py>, Vec<Name>, Bytes<'py>, Vec<Name>) {
        let mut replaced_lines = Vec::new();
        let mut lines = Rows::new(documents::LINE_COLUMNS);
        let mut sorted: Vec<_> = self.workspace.lines.iter().filter(|(_, line)| line.is_replaced()).collect();
        sorted.sort_unstable_by_key(|(key, _)| *key);
        for (key, line) in sorted {
            replaced_lines.push(documents::order_line(key));
            match line.identity_in_force() {
                Some(identity) => documents::add_line(key, self.document(&identity), &mut lines),
                None => documents::add_bare_line(key, &mut lines),
            }
        }
        let mut replaced_shipments = Vec::new();
        let mut shipments = Rows::new(documents::SHIPMENT_COLUMNS);
        let mut sorted: Vec<_> =
            self.workspace.shipments.iter().filter(|(_, shipment)| shipment.is_replaced()).collect();
        sorted.sort_unstable_by_key(|(key, _)| *key);
        for (key, shipment) in sorted {
            if shipment.before.flatten().is_some() {
                replaced_shipments.push(Name(key.clone()));
            }
            if let Some(identity) = shipment.identity_in_force() {
                documents::add_shipment(self.document(&identity), &mut shipments);
            }
        }
        (replaced_lines, lines.finish(py), replaced_shipments, shipments.finish(py), self.bare_lines())
    }
}

impl Draft {
    fn document(&self, identity: &Hash) -> &Event {
        match self.intake.by_identity.get(identity) {
            Some(number) => self.intake.arrivals[*number].event(),
            None => &self.recalled[identity],
        }
    }

    /// The lines that the batch's shipments name, of which no version is in force.
    fn bare_lines(&self) -> Vec<Name> {
        let mut keys = Keys::default();
        for number in &self.intake.fresh {
            let event = self.intake.arrivals[*number].event();
            if matches!(event.data, Data::Shipped(_)) {
                keys.of(event);
            }
        }
        let bare = keys.lines.into_iter().filter(|key| self.workspace.lines[key].in_force().is_none());
        bare.map(Name).collect()
    }
}
