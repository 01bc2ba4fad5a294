//! What of a batch is news: the twin of `projections.recorder.draft.intake`.

use crate::arrivals::{Arrival, Parsed};
use crate::copying::{Fields, Rows};
use crate::event::{Event, Hash};
use crate::from_python::hash_of;
use crate::maps::HashMap;
use pyo3::prelude::*;
use std::sync::Arc;

/// What the journal holds under an identity. `content` is None where a retraction alone has named it.
pub struct Known {
    pub content: Option<Hash>,
    pub segment: Option<i64>,
    pub position: Option<i32>,
    pub retracted: Option<i64>,
}

/// Where the event lies that was first under an id.
pub enum First {
    Arrived(usize),
    Recorded(i64, i32),
}

/// Arrivals are known by their numbers.
#[derive(Default)]
pub struct Intake {
    pub arrivals: Vec<Arc<Arrival>>,
    pub invalid: Vec<usize>,
    /// The events that the journal lacks, each once, in order.
    pub fresh: Vec<usize>,
    pub by_identity: HashMap<Hash, usize>,
    pub repeats: usize,
    pub contradicting: Vec<(usize, First)>,
    /// The earliest retraction (the `time` of its envelope) of each fresh event that is taken back.
    pub retracted: HashMap<Hash, i64>,
    /// The events recorded earlier that this batch takes back.
    pub taken_back: HashMap<Hash, Arc<Event>>,
    pub to_read_back: Vec<(Hash, i64, i32)>,
    /// The earliest time of this batch's retractions, by their targets.
    retractions: HashMap<Hash, i64>,
    known: HashMap<Hash, Known>,
}

/// (identity, retracted_at, content as it was known).
pub type Earlier = (Hash, i64, Option<Hash>);

impl Intake {
    pub fn take(arrivals: Vec<Arc<Arrival>>) -> Self {
        let mut intake = Intake { arrivals, ..Intake::default() };
        for (number, arrival) in intake.arrivals.iter().enumerate() {
            if matches!(arrival.parsed, Parsed::Invalid(_)) {
                intake.invalid.push(number);
            }
        }
        intake
    }

    fn events(&self) -> impl Iterator<Item = (usize, &Event)> {
        self.arrivals.iter().enumerate().filter_map(|(number, arrival)| match &arrival.parsed {
            Parsed::Event(event, _) => Some((number, event)),
            Parsed::Invalid(_) => None,
        })
    }

    /// What the journal is to be asked for, sorted.
    pub fn identities(&self) -> Vec<Hash> {
        let mut identities: Vec<Hash> = Vec::with_capacity(self.arrivals.len());
        for (_, event) in self.events() {
            identities.push(event.identity);
            identities.extend(event.target());
        }
        identities.sort_unstable();
        identities.dedup();
        identities
    }

    /// Hold the batch against what is known: rows of identity, content, segment, position and retracted_at.
    pub fn know(&mut self, rows: &[Bound<'_, PyAny>]) -> PyResult<()> {
        for row in rows {
            let content = row.get_item(1)?;
            let known = Known {
                content: if content.is_none() { None } else { Some(hash_of(&content)?) },
                segment: row.get_item(2)?.extract()?,
                position: row.get_item(3)?.extract()?,
                retracted: row.get_item(4)?.extract()?,
            };
            self.known.insert(hash_of(&row.get_item(0)?)?, known);
        }
        let arrivals = std::mem::take(&mut self.arrivals);
        self.by_identity.reserve(arrivals.len());
        for (number, arrival) in arrivals.iter().enumerate() {
            if let Parsed::Event(event, _) = &arrival.parsed {
                self.sort(number, event, &arrivals);
            }
        }
        self.arrivals = arrivals;
        for (identity, time) in &self.retractions {
            if let Some(Known { content: Some(_), segment: Some(segment), position: Some(position), .. }) =
                self.known.get(identity)
            {
                self.to_read_back.push((*identity, *segment, *position));
            }
            if self.by_identity.contains_key(identity) {
                self.retracted.insert(*identity, *time);
            }
        }
        for (identity, known) in &self.known {
            if let (Some(time), true) = (known.retracted, self.by_identity.contains_key(identity)) {
                let earliest = self.retracted.entry(*identity).or_insert(time);
                *earliest = time.min(*earliest);
            }
        }
        Ok(())
    }

    fn sort(&mut self, number: usize, event: &Event, arrivals: &[Arc<Arrival>]) {
        if let Some(first) = self.by_identity.get(&event.identity) {
            match arrivals[*first].event().content == event.content {
                true => self.repeats += 1,
                false => self.contradicting.push((number, First::Arrived(*first))),
            }
            return;
        }
        if let Some(Known { content: Some(content), segment, position, .. }) = self.known.get(&event.identity) {
            match *content == event.content {
                true => self.repeats += 1,
                false => {
                    let place = (segment.expect("recorded"), position.expect("recorded"));
                    self.contradicting.push((number, First::Recorded(place.0, place.1)));
                }
            }
            return;
        }
        self.by_identity.insert(event.identity, number);
        self.fresh.push(number);
        if let Some(target) = event.target() {
            let earliest = self.retractions.entry(target).or_insert(event.time);
            *earliest = event.time.min(*earliest);
        }
    }

    /// What is to be written of identities: rows to make, in order; of those that a retraction had named before their
    /// event came, the rest; and of those recorded earlier, that they are taken back.
    pub fn to_remember(&self, places: &[(i64, i32)]) -> (Rows, Vec<(Hash, Hash, i64, i32, i64)>, Vec<Earlier>) {
        let mut made: Vec<Vec<u8>> = Vec::with_capacity(self.fresh.len());
        let mut arrived = Vec::new();
        for (number, (segment, position)) in self.fresh.iter().zip(places) {
            let event = self.arrivals[*number].event();
            let retracted = self.retracted.get(&event.identity).copied();
            if self.known.contains_key(&event.identity) {
                let time = retracted.expect("a retraction has named it");
                arrived.push((event.identity, event.content, *segment, *position, time));
            } else {
                made.push(id_row(
                    &event.identity,
                    Some(&event.content),
                    Some(*segment),
                    Some(*position),
                    retracted,
                ));
            }
        }
        let mut earlier = Vec::new();
        for (identity, time) in &self.retractions {
            if self.by_identity.contains_key(identity) {
                continue;
            }
            match self.known.get(identity) {
                None => made.push(id_row(identity, None, None, None, Some(*time))),
                Some(known) => earlier.push((*identity, *time, known.content)),
            }
        }
        made.sort_unstable(); // by identity, which each row begins with
        let mut rows = Rows::new(5);
        for row in made {
            rows.row().0.extend(row);
        }
        arrived.sort_unstable();
        earlier.sort_unstable();
        (rows, arrived, earlier)
    }

    /// The identities of the fresh events that are documents, and of all that are taken back: whose facts count no more.
    pub fn is_taken_back(&self, identity: &Hash) -> bool {
        self.retracted.contains_key(identity) || self.taken_back.contains_key(identity)
    }

    /// Every event whose subjects are touched.
    pub fn touching(&self) -> impl Iterator<Item = &Event> {
        let fresh = self.fresh.iter().map(|number| self.arrivals[*number].event());
        fresh.chain(self.taken_back.values().map(|event| &**event))
    }
}

fn id_row(
    identity: &Hash,
    content: Option<&Hash>,
    segment: Option<i64>,
    position: Option<i32>,
    retracted: Option<i64>,
) -> Vec<u8> {
    let mut row = Fields(Vec::with_capacity(76));
    row.bytes(identity);
    row.optional_bytes(content.map(|content| &content[..]));
    row.bigint(segment);
    row.integer(position);
    row.instant(retracted);
    row.0
}
