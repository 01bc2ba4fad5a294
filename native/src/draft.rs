//! A draft of what a batch changes, in memory: the twin of `projections.recorder.draft.Draft`, which says what each
//! method is for. Whoever holds it asks Postgres what it wants to know, and stores what it gives.

use crate::announcing::{expiring, Announcements};
use crate::arrivals::Arrivals;
use crate::calendar::Rules;
use crate::copying::Rows;
use crate::documents;
use crate::event::{Data, Event, Hash, Text};
use crate::facts::{pack_station, pack_versions, unpack_station, unpack_versions, Activation, TokenFacts};
use crate::fold::{fold, EXPIRED};
use crate::from_python;
use crate::intake::{First, Intake};
use crate::journal;
use crate::maps::{HashMap, HashSet};
use crate::naming::Naming;
use crate::rows::{add_token, Kept, Packed, Stored, NO_SPANS, SPAN_COLUMNS, TOKEN_COLUMNS};
use crate::subjects::{Document, Serials, Station};
use crate::workspace::{carry_out, Keys, Workspace};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use std::collections::VecDeque;
use std::sync::Arc;

const LINE: i16 = 1;
const SHIPMENT: i16 = 2;
const STATION: i16 = 3;

struct Reading {
    serial: Text,
    before: Option<Stored>,
    facts: TokenFacts,
    packed: Vec<u8>,
}

type Names = (Vec<Name>, Vec<Name>, Vec<Name>);

/// A text on its way to Python.
struct Name(Text);

impl<'py> IntoPyObject<'py> for Name {
    type Target = PyString;
    type Output = Bound<'py, PyString>;
    type Error = std::convert::Infallible;

    fn into_pyobject(self, py: Python<'py>) -> Result<Self::Output, Self::Error> {
        Ok(PyString::new(py, &self.0))
    }
}

fn names(keys: Keys) -> Names {
    let listed = |keys: HashSet<Text>| keys.into_iter().map(Name).collect();
    (listed(keys.lines), listed(keys.shipments), listed(keys.stations))
}

fn py_hash<'py>(py: Python<'py>, hash: &Hash) -> Bound<'py, PyBytes> {
    PyBytes::new(py, hash)
}

type Bytes<'py> = Option<Bound<'py, PyBytes>>;
/// Serial, the term's end, days left.
type Notice = (String, i64, i32);
type SubjectColumns<'py> =
    (Vec<i16>, Vec<Name>, Vec<Bound<'py, PyBytes>>, Vec<Bound<'py, PyBytes>>, Vec<Option<i64>>);

#[pyclass]
pub struct Draft {
    rules: Py<Rules>,
    fold_version: i32,
    intake: Intake,
    places: Vec<(i64, i32)>,
    workspace: Workspace,
    needed: Keys,
    readings: VecDeque<Reading>,
    announcements: Announcements,
    notices: HashMap<Notice, Vec<u8>>,
    recalled: HashMap<Hash, Arc<Event>>,
    naming: Naming,
}

#[pymethods]
impl Draft {
    #[new]
    fn new(rules: Py<Rules>, fold_version: i32) -> Self {
        Draft {
            rules,
            fold_version,
            intake: Intake::default(),
            places: Vec::new(),
            workspace: Workspace::default(),
            needed: Keys::default(),
            readings: VecDeque::new(),
            announcements: Announcements::default(),
            notices: HashMap::default(),
            recalled: HashMap::default(),
            naming: Naming::default(),
        }
    }

    // The journal.

    fn take<'py>(&mut self, py: Python<'py>, received: &Bound<'py, PyAny>) -> PyResult<Vec<Bound<'py, PyBytes>>> {
        self.intake = Intake::take(Arrivals::items_of(received)?);
        Ok(self.intake.identities().iter().map(|identity| py_hash(py, identity)).collect())
    }

    fn know(&mut self, rows: Vec<Bound<'_, PyAny>>) -> PyResult<()> {
        self.intake.know(&rows)
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
        targets.map(|(identity, segment, position, _)| (py_hash(py, identity), *segment, *position)).collect()
    }

    fn take_back(&mut self, event: &Bound<'_, PyAny>) -> PyResult<()> {
        let event = from_python::event(event)?;
        let found = self.intake.to_read_back.iter().find(|(identity, ..)| *identity == event.identity);
        let time = found.ok_or_else(|| PyValueError::new_err("no retraction of the batch names it"))?.3;
        self.intake.taken_back.insert(event.identity, (Arc::new(event), time));
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

    // The subjects.

    fn subject_keys(&self) -> Names {
        let mut keys = Keys::default();
        self.intake.touching().for_each(|event| keys.of(event));
        names(keys)
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
        Ok(())
    }

    fn apply(&mut self, tokens: usize) -> PyResult<bool> {
        let mut keys = Keys::default();
        self.intake.touching().for_each(|event| keys.of(event));
        self.workspace.add_missing(&keys);
        let intake = &self.intake;
        for &number in &intake.fresh {
            let event = intake.arrivals[number].event();
            self.workspace.apply(event, intake.retracted.get(&event.identity).copied(), number)?;
            if self.workspace.touched.len() > tokens && intake.fresh.len() > 1 {
                return Ok(false);
            }
            let Some(target) = event.target() else { continue };
            if let Some((recorded, _)) = intake.taken_back.get(&target) {
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

    // The lists of order lines and shipments.

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

    // The tokens.

    fn touched<'py>(&self, py: Python<'py>) -> Vec<Bound<'py, PyString>> {
        let mut serials: Vec<&Text> = self.workspace.touched.keys().collect();
        serials.sort_unstable();
        serials.into_iter().map(|serial| PyString::new(py, serial)).collect()
    }

    fn read(&mut self, serials: Vec<String>, rows: Vec<Bound<'_, PyAny>>) -> PyResult<Names> {
        let mut stored: HashMap<String, Stored> = HashMap::default();
        stored.reserve(rows.len());
        for row in rows {
            stored.insert(row.get_item(0)?.extract()?, stored_of(&row)?);
        }
        let mut needed = Keys::default();
        for serial in serials {
            let before = stored.remove(&serial);
            let mut facts = match &before {
                Some(before) => TokenFacts::unpack(&before.facts)?,
                None => TokenFacts::default(),
            };
            let changes = self.workspace.touched.get(serial.as_str()).map_or(&[][..], |token| &token.changes);
            carry_out(&mut facts, changes);
            let packed = match &before {
                Some(before) if changes.is_empty() => before.facts.clone(),
                _ => facts.pack(),
            };
            needed.needed_by(&facts);
            self.readings.push_back(Reading { serial: serial.into(), before, facts, packed });
        }
        let lacking = self.workspace.lacks(needed);
        let asked = Keys {
            lines: lacking.lines.clone(),
            shipments: lacking.shipments.clone(),
            stations: lacking.stations.clone(),
        };
        self.needed = lacking;
        Ok(names(asked))
    }

    #[allow(clippy::type_complexity)]
    fn fold<'py>(
        &mut self,
        py: Python<'py>,
        tokens: usize,
        now: i64,
    ) -> PyResult<Option<(usize, Bytes<'py>, Vec<Name>, Bytes<'py>, Vec<Name>, Vec<Notice>)>> {
        if self.readings.is_empty() {
            return Ok(None);
        }
        self.workspace.add_missing(&std::mem::take(&mut self.needed));
        let rules = &mut *self.rules.borrow_mut(py);
        let (mut written, mut replaced) = (Rows::new(TOKEN_COLUMNS), Vec::new());
        let (mut span_rows, mut spans_replaced) = (Rows::new(SPAN_COLUMNS), Vec::new());
        let mut notices = Vec::new();
        let mut rows = Packed::default();
        let count = tokens.min(self.readings.len());
        for Reading { serial, before, facts, packed } in self.readings.drain(..count) {
            let history = fold(&facts, &self.workspace, &mut rules.calendar, py)?;
            let digest = rows.pack(&serial, &history);
            let cause = self.workspace.touched.get(&serial);
            let cause = cause.map(|token| self.intake.arrivals[token.cause].event());
            let (announced, sequence) = before.as_ref().map_or((None, 0), |row| (row.announced, row.sequence));
            let (announced, is_said) =
                self.announcements.status_changed(&serial, &history, announced, sequence, cause, now, rules);
            let (days_left, due_at) = history.due(now, rules, py)?;
            if let Some(days_left) = days_left {
                let expires_at = history.stages[EXPIRED].expect("what is due to expire has an end");
                let notice = (serial.to_string(), expires_at, days_left);
                self.notices.insert(notice.clone(), expiring(&serial, &history, expires_at, days_left, now));
                notices.push(notice);
            }
            let kept = Kept {
                announced,
                sequence: sequence + i32::from(is_said),
                due_at,
                fold_version: self.fold_version,
                facts: &packed,
            };
            if let Some(before) = &before {
                if !before.is_replaced_by(&kept, &digest, now) {
                    continue;
                }
                replaced.push(Name(serial.clone()));
            }
            self.naming.add(&history, &rules.kept);
            add_token(&serial, &rows, &kept, &digest, &mut written);
            let spans_before = before.as_ref().map_or(&NO_SPANS[..], |before| before.spans_digest());
            if !rows.add_spans(spans_before, &mut span_rows) {
                spans_replaced.push(Name(serial.clone()));
            }
        }
        let count = written.count;
        Ok(Some((count, written.finish(py), replaced, span_rows.finish(py), spans_replaced, notices)))
    }

    #[allow(clippy::type_complexity)]
    fn owners_and_places(
        &mut self,
    ) -> (Vec<Name>, Vec<Option<Name>>, Vec<Name>, Vec<Option<Name>>, Vec<Option<Name>>) {
        let (owners, places) = (&mut self.naming.owners, &mut self.naming.places);
        owners.sort_unstable();
        places.sort_unstable();
        let name = |text: &Text| Name(text.clone());
        let optional = |text: &Option<Text>| text.as_ref().map(name);
        (
            owners.iter().map(|(org_id, _)| name(org_id)).collect(),
            owners.iter().map(|(_, org_name)| optional(org_name)).collect(),
            places.iter().map(|(station, ..)| name(station)).collect(),
            places.iter().map(|(_, station_name, _)| optional(station_name)).collect(),
            places.iter().map(|(.., evse_id)| optional(evse_id)).collect(),
        )
    }

    fn committed(&mut self, py: Python<'_>) {
        self.rules.borrow_mut(py).kept.add(&self.naming);
    }

    fn notify(&mut self, notices: Vec<Notice>) {
        for notice in notices {
            self.announcements.add(&self.notices[&notice]);
        }
    }

    fn announced<'py>(&self, py: Python<'py>) -> (usize, Bytes<'py>) {
        (self.announcements.count, self.announcements.packed().map(|packed| PyBytes::new(py, &packed)))
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

/// Of a row of token_serial, announced, sequence, due_at, fold_version, facts and digest.
fn stored_of(row: &Bound<'_, PyAny>) -> PyResult<Stored> {
    Ok(Stored {
        announced: row.get_item(1)?.extract()?,
        sequence: row.get_item(2)?.extract()?,
        due_at: row.get_item(3)?.extract()?,
        fold_version: row.get_item(4)?.extract()?,
        facts: row.get_item(5)?.cast::<PyBytes>()?.as_bytes().to_vec(),
        digest: row.get_item(6)?.cast::<PyBytes>()?.as_bytes().to_vec(),
    })
}
