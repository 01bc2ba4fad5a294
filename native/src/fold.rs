//! The fold: from the facts that reach a token to its history. The twin of `lifecycle.fold`, for rows alone: the
//! facts behind each value, which explanations want, are not kept.

use crate::anomalies::anomalies_of;
use crate::calendar::Calendar;
use crate::claims::{claims_of, Claims};
use crate::event::Text;
use crate::facts::{OrderVersion, Own, OwnFact, ShipmentVersion, TokenFacts};
use crate::ownership::{ownership_of, Owner, Ownership};
use crate::places::{stays_of, Place, Stays};
use crate::term::term_of;
use crate::workspace::Workspace;
use pyo3::prelude::*;

pub const EXPIRED: usize = 3;
pub const GONE: usize = 4;
pub const STAGES: usize = 5;

#[derive(Clone, Copy)]
pub struct Span<'a> {
    pub starts_at: i64,
    pub owner: Option<Owner<'a>>,
    pub place: Option<Place<'a>>,
}

impl Span<'_> {
    fn has_cells_of(&self, owner: Option<Owner>, place: Option<Place>) -> bool {
        self.owner == owner && self.place.map(|place| place.cells()) == place.map(|place| place.cells())
    }
}

/// What `lifecycle.fold.History` holds, in ordinals and microseconds. Without spans: in no report, ever.
#[derive(Default)]
pub struct History<'a> {
    pub line: Option<&'a Text>,
    pub version: Option<&'a OrderVersion>,
    pub shipment: Option<&'a ShipmentVersion>,
    pub stages: [Option<i64>; STAGES],
    pub spans: Vec<Span<'a>>,
    pub activation_date: Option<i32>,
    pub expiration_date: Option<i32>,
    pub anomalies: Vec<&'static str>,
}

impl<'a> History<'a> {
    /// The span that holds at an instant.
    pub fn span_at(&self, at: i64) -> Option<&Span<'a>> {
        self.spans.iter().rev().find(|span| span.starts_at <= at)
    }

    /// The furthest stage reached at an instant.
    pub fn stage_at(&self, at: i64) -> Option<usize> {
        (0..STAGES).rev().find(|stage| self.stages[*stage].is_some_and(|instant| instant <= at))
    }

    /// The smallest notice due by `now`, and the next instant at which anything changes.
    pub fn due(
        &self,
        now: i64,
        notice_days: &[i32],
        calendar: &mut Calendar,
        py: Python<'_>,
    ) -> PyResult<(Option<i32>, Option<i64>)> {
        let next_at = self.stages.iter().flatten().copied().filter(|instant| *instant > now).min();
        let (Some(date), Some(expires_at)) = (self.expiration_date, self.stages[EXPIRED]) else {
            return Ok((None, next_at));
        };
        if expires_at <= now || self.stages[GONE].is_some_and(|gone_at| gone_at <= now) {
            return Ok((None, next_at));
        }
        let mut days_left = None;
        for &days in notice_days {
            let notice_at = calendar.midnight(py, date - days + 1)?;
            if notice_at > now {
                return Ok((days_left, Some(next_at.map_or(notice_at, |next_at| next_at.min(notice_at)))));
            }
            days_left = Some(days);
        }
        Ok((days_left, next_at))
    }
}

/// The history of one token. The workspace has all subjects that `facts` names.
pub fn fold<'a>(
    facts: &'a TokenFacts,
    workspace: &'a Workspace,
    calendar: &mut Calendar,
    py: Python<'_>,
) -> PyResult<History<'a>> {
    let claims = claims_of(facts, workspace, None);
    if facts.own.is_empty() && !claims.is_in_report() {
        return Ok(History::default());
    }
    let own = || facts.own.iter().map(|fact| &**fact);
    let stays = stays_of(own(), calendar, py)?;
    let term = term_of(&stays, own(), workspace, claims.version, calendar, py)?;
    let ownership = ownership_of(claims.version, own());
    let gone_at = own().filter(|fact| matches!(fact.own, Own::Returned { .. })).map(|fact| fact.instant).min();
    let new_at = first_known(own(), &claims, calendar, py)?;
    let ship_midnight = claims.shipment.map(|shipment| calendar.midnight(py, shipment.ship_date)).transpose()?;
    let available_at = [ship_midnight, stays.first_applied_at, term.starts_at].into_iter().flatten().min();
    Ok(History {
        line: claims.line,
        version: claims.version,
        shipment: claims.shipment,
        stages: [Some(new_at), available_at, term.starts_at, term.ends_at, gone_at],
        spans: spans_of(new_at, &ownership, &stays),
        activation_date: term.activation_date,
        expiration_date: term.expiration_date,
        anomalies: anomalies_of(facts, &claims, &stays, &term, &ownership, workspace),
    })
}

/// Where New begins: the earliest instant in the facts that name the token, or its order's midnight.
fn first_known<'a>(
    own: impl Iterator<Item = &'a OwnFact>,
    claims: &Claims,
    calendar: &mut Calendar,
    py: Python<'_>,
) -> PyResult<i64> {
    let mut earliest = i64::MAX;
    for fact in own {
        earliest = earliest.min(fact.instant).min(fact.time);
    }
    for naming in &claims.naming_orders {
        earliest = earliest.min(naming.head.time).min(calendar.midnight(py, naming.order_date)?);
    }
    for naming in &claims.naming_shipments {
        earliest = earliest.min(naming.head.time).min(calendar.midnight(py, naming.ship_date)?);
    }
    if let Some(version) = claims.version {
        earliest = earliest.min(calendar.midnight(py, version.order_date)?);
    }
    Ok(earliest)
}

enum Turn<'a> {
    Owner(Owner<'a>),
    Place(Option<Place<'a>>),
}

/// Owner and place laid over each other. Of changes at one instant the last one holds.
fn spans_of<'a>(new_at: i64, ownership: &Ownership<'a>, stays: &Stays<'a>) -> Vec<Span<'a>> {
    let mut turns: Vec<(i64, Turn)> = Vec::with_capacity(ownership.later.len() + stays.changes.len());
    turns.extend(ownership.later.iter().map(|(instant, owner)| (*instant, Turn::Owner(*owner))));
    turns.extend(stays.changes.iter().map(|(instant, place)| (*instant, Turn::Place(*place))));
    turns.sort_by_key(|(instant, _)| *instant);
    let (mut owner, mut place) = (ownership.first, None);
    let mut spans = vec![Span { starts_at: new_at, owner, place }];
    for (instant, turn) in turns {
        match turn {
            Turn::Owner(next) => owner = Some(next),
            Turn::Place(next) => place = next,
        }
        if spans.last().is_some_and(|last| last.starts_at == instant) {
            spans.pop();
        }
        if !spans.last().is_some_and(|last| last.has_cells_of(owner, place)) {
            spans.push(Span { starts_at: instant, owner, place });
        }
    }
    spans
}
