//! Where a token is: applications and un-applications to stays on stations. The twin of `lifecycle.places`.

use crate::calendar::Calendar;
use crate::event::Text;
use crate::facts::{Own, OwnFact};
use pyo3::prelude::*;

#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub station: &'a Text,
    pub station_name: Option<&'a Text>,
    pub evse_id: Option<&'a Text>,
    pub applied_date: i32,
    pub starts_at: Option<i64>,
}

impl<'a> Place<'a> {
    /// The part that the report shows.
    pub fn cells(&self) -> (&'a Text, Option<&'a Text>, Option<&'a Text>, i32) {
        (self.station, self.station_name, self.evse_id, self.applied_date)
    }
}

/// One application as the term needs it: what held then, and the instant of the next effective move.
pub struct Application<'a> {
    pub instant: i64,
    pub station: &'a Text,
    pub starts_at: Option<i64>,
    pub until: Option<i64>,
}

#[derive(Default)]
pub struct Stays<'a> {
    pub changes: Vec<(i64, Option<Place<'a>>)>,
    pub applications: Vec<Application<'a>>,
    pub first_applied_at: Option<i64>,
}

impl<'a> Stays<'a> {
    pub fn station_at(&self, at: i64) -> Option<&'a Text> {
        let found = self.changes.iter().rev().find(|(instant, _)| *instant <= at);
        found.and_then(|(_, place)| place.as_ref().map(|place| place.station))
    }
}

/// Walk the moves among facts that are in own order. An un-application that names another station has no effect.
pub fn stays_of<'a>(
    own: impl Iterator<Item = &'a OwnFact>,
    calendar: &mut Calendar,
    py: Python<'_>,
) -> PyResult<Stays<'a>> {
    let mut stays = Stays::default();
    let mut place: Option<Place> = None;
    for fact in own {
        match &fact.own {
            Own::Unapplied { station } => {
                let Some(before) = &place else { continue };
                if station.as_ref().is_some_and(|station| station != before.station) {
                    continue;
                }
                place = None;
            }
            Own::Applied { station, station_name, evse_id, starts_at } => {
                if stays.first_applied_at.is_none() {
                    stays.first_applied_at = Some(fact.instant);
                }
                let (station_name, evse_id) = (station_name.as_ref(), evse_id.as_ref());
                place = Some(match place.filter(|before| before.station == station) {
                    Some(before) => Place {
                        station_name: station_name.or(before.station_name),
                        evse_id: evse_id.or(before.evse_id),
                        starts_at: starts_at.or(before.starts_at),
                        ..before
                    },
                    None => Place {
                        station,
                        station_name,
                        evse_id,
                        applied_date: calendar.local_date(py, fact.instant)?,
                        starts_at: *starts_at,
                    },
                });
            }
            _ => continue,
        }
        if let Some(last) = stays.applications.last_mut() {
            last.until.get_or_insert(fact.instant);
        }
        if let Some(place) = &place {
            stays.applications.push(Application {
                instant: fact.instant,
                station: place.station,
                starts_at: place.starts_at,
                until: None,
            });
        }
        stays.changes.push((fact.instant, place));
    }
    Ok(stays)
}
