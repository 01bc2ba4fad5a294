//! Order lines, shipments and stations: loaded, changed by the batch, and packed again.

use super::{names, Bytes, Draft, Name, Names};
use crate::copying::Rows;
use crate::event::{Data, Text};
use crate::facts::{pack_station, pack_versions, unpack_station, unpack_versions, Activation};
use crate::subjects::{Document, Serials, Station};
use crate::workspace::Keys;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

const LINE: i16 = 1;
const SHIPMENT: i16 = 2;
const STATION: i16 = 3;

type SubjectColumns<'py> =
    (Vec<i16>, Vec<Name>, Vec<Bound<'py, PyBytes>>, Vec<Bound<'py, PyBytes>>, Vec<Option<i64>>);

#[pymethods]
impl Draft {
    fn subject_keys(&mut self) -> Names {
        let mut keys = Keys::default();
        self.intake.touching().for_each(|event| keys.of(event));
        self.needed = keys;
        names(&self.needed)
    }

    fn load_subjects(&mut self, rows: Vec<Bound<'_, PyAny>>) -> PyResult<()> {
        for row in rows {
            let kind: i16 = row.get_item(0)?.extract()?;
            let key: Text = row.get_item(1)?.cast::<PyString>()?.to_str()?.into();
            let facts = row.get_item(2)?;
            let facts = facts.cast::<PyBytes>()?.as_bytes();
            let serials = row.get_item(3)?;
            let serials = match serials.is_none() {
                true => Serials::NotRead,
                false => Serials::Packed(serials.cast::<PyBytes>()?.as_bytes().to_vec()),
            };
            let workspace = &mut self.workspace;
            match kind {
                LINE => {
                    workspace.lines.insert(key, Document::stored(unpack_versions(facts)?, serials));
                }
                SHIPMENT => {
                    workspace.shipments.insert(key, Document::stored(unpack_versions(facts)?, serials));
                }
                _ => {
                    workspace.stations.insert(key, Station::stored(unpack_station(facts)?, serials));
                }
            }
        }
        self.workspace.add_missing(&std::mem::take(&mut self.needed));
        Ok(())
    }

    fn apply(&mut self, tokens: usize) -> PyResult<bool> {
        let intake = &self.intake;
        for &number in &intake.fresh {
            let event = intake.arrivals[number].event();
            self.workspace.apply(event, intake.retracted.get(&event.identity).copied(), number)?;
            if self.workspace.touched.len() > tokens && intake.fresh.len() > 1 {
                return Ok(false);
            }
            let Some(target) = event.target() else { continue };
            if let Some(recorded) = intake.taken_back.get(&target) {
                self.workspace.retract(recorded, event.time, number)?;
            } else if let Some(arrived) = intake.by_identity.get(&target) {
                let target = intake.arrivals[*arrived].event();
                if matches!(target.data, Data::Placed(_) | Data::Shipped(_)) {
                    self.workspace.retract(target, event.time, number)?;
                }
            }
        }
        Ok(true)
    }

    fn to_be_restored(&self) -> Vec<Name> {
        let stations = self.workspace.stations.iter().filter(|(_, station)| station.is_to_be_restored);
        stations.map(|(key, _)| Name(key.clone())).collect()
    }

    fn restore(&mut self, station: &str, activations: Vec<(i64, String, String)>) {
        let station = self.workspace.stations.get_mut(station).expect("it asked to be restored");
        let activations = activations.into_iter().map(|(activated_at, source, id)| Activation {
            activated_at,
            source: source.into(),
            id: id.into(),
        });
        station.first = activations.min();
        station.is_to_be_restored = false;
    }

    fn subjects<'py>(&self, py: Python<'py>) -> (Bytes<'py>, Option<SubjectColumns<'py>>) {
        let mut made: Vec<(i16, &Text, Vec<u8>, Vec<u8>, Option<i64>)> = Vec::new();
        let mut changed = made.clone();
        let mut add = |kind: i16, key, facts, serials: &Serials, started_at, is_stored: bool| {
            let row = (kind, key, facts, serials.pack(), started_at);
            if is_stored {
                changed.push(row)
            } else {
                made.push(row)
            }
        };
        for (key, line) in self.workspace.lines.iter().filter(|(_, line)| line.is_changed) {
            add(LINE, key, pack_versions(&line.versions), &line.serials, None, line.is_stored);
        }
        for (key, shipment) in self.workspace.shipments.iter().filter(|(_, shipment)| shipment.is_changed) {
            add(SHIPMENT, key, pack_versions(&shipment.versions), &shipment.serials, None, shipment.is_stored);
        }
        for (key, station) in self.workspace.stations.iter().filter(|(_, station)| station.is_changed) {
            let started_at = station.first.as_ref().map(|first| first.activated_at);
            add(
                STATION,
                key,
                pack_station(station.first.as_ref()),
                &station.serials,
                started_at,
                station.is_stored,
            );
        }
        made.sort_unstable();
        changed.sort_unstable();
        let mut rows = Rows::new(5);
        for (kind, key, facts, serials, started_at) in made {
            let row = rows.row();
            row.smallint(Some(kind));
            row.text(key);
            row.bytes(&facts);
            row.bytes(&serials);
            row.instant(started_at);
        }
        if changed.is_empty() {
            return (rows.finish(py), None);
        }
        let mut columns: SubjectColumns = Default::default();
        for (kind, key, facts, serials, started_at) in changed {
            columns.0.push(kind);
            columns.1.push(Name(key.clone()));
            columns.2.push(PyBytes::new(py, &facts));
            columns.3.push(PyBytes::new(py, &serials));
            columns.4.push(started_at);
        }
        (rows.finish(py), Some(columns))
    }
}
