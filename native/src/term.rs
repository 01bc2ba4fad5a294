//! When a token's term starts and ends: the twin of `lifecycle.term`.

use crate::calendar::{plus_years, Calendar};
use crate::facts::{OrderVersion, Own, OwnFact};
use crate::places::Stays;
use crate::workspace::Workspace;
use pyo3::prelude::*;

/// Dates are ordinals; the end is the midnight after the expiration date.
#[derive(Default)]
pub struct Term {
    pub starts_at: Option<i64>,
    pub activation_date: Option<i32>,
    pub expiration_date: Option<i32>,
    pub ends_at: Option<i64>,
}

/// The term: its start is the earliest candidate, its end follows from the plan's years where known.
pub fn term_of<'a>(
    stays: &Stays,
    own: impl Iterator<Item = &'a OwnFact>,
    workspace: &Workspace,
    version: Option<&OrderVersion>,
    calendar: &mut Calendar,
    py: Python<'_>,
) -> PyResult<Term> {
    let mut start: Option<i64> = None;
    let mut consider = |instant: i64| start = Some(start.map_or(instant, |start: i64| start.min(instant)));
    for application in &stays.applications {
        let Some(first) = &workspace.stations[application.station].first else { continue };
        let instant = application.instant.max(first.activated_at).max(application.starts_at.unwrap_or(i64::MIN));
        if application.until.is_none_or(|until| instant < until) {
            consider(instant);
        }
    }
    for fact in own {
        if let Own::Activated { station } = &fact.own {
            if stays.station_at(fact.instant) != Some(station) {
                consider(fact.instant);
            }
        }
    }
    let Some(starts_at) = start else { return Ok(Term::default()) };
    let activation_date = calendar.local_date(py, starts_at)?;
    let expiration_date = version.map(|version| plus_years(activation_date, version.term_years));
    let ends_at = expiration_date.map(|date| calendar.midnight(py, date + 1)).transpose()?;
    Ok(Term { starts_at: start, activation_date: Some(activation_date), expiration_date, ends_at })
}
