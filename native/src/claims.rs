//! Which order line is a token's, and when it shipped: the twin of `lifecycle.claims`.

use crate::event::Text;
use crate::facts::{Head, OrderVersion, ShipmentVersion, TokenFacts, Version};
use crate::subjects::{version_in_force, Document};
use crate::workspace::Workspace;

/// The documents in force that name a token, and the line that they make its own.
pub struct Claims<'a> {
    pub line: Option<&'a Text>,
    pub version: Option<&'a OrderVersion>,
    pub shipment: Option<&'a ShipmentVersion>,
    pub lines_claiming: usize,
    pub naming_orders: Vec<&'a OrderVersion>,
    pub naming_shipments: Vec<&'a ShipmentVersion>,
}

impl Claims<'_> {
    pub fn is_in_report(&self) -> bool {
        !self.naming_shipments.is_empty() || self.naming_orders.iter().any(|naming| !naming.cancelled)
    }
}

type Naming<'a> = (i64, &'a str, &'a str);

fn naming(head: &Head) -> Naming<'_> {
    (head.time, &head.source, &head.id)
}

/// The claims on one token; with `until`, by documents and retractions of `time` up to then.
pub fn claims_of<'a>(facts: &'a TokenFacts, workspace: &'a Workspace, until: Option<i64>) -> Claims<'a> {
    let mut latest: Vec<(&Text, Naming)> = Vec::new();
    let mut naming_orders = Vec::new();
    let mut naming_shipments: Vec<&ShipmentVersion> = Vec::new();
    for (key, identities) in &facts.lines {
        if let Some(version) = in_force(&workspace.lines[key], until) {
            if identities.contains(&version.head.identity) {
                naming_orders.push(version);
                latest.push((key, naming(&version.head)));
            }
        }
    }
    let mut shipped: Option<&ShipmentVersion> = None;
    for (key, listings) in &facts.shipments {
        let Some(shipment) = in_force(&workspace.shipments[key], until) else { continue };
        let Some((_, under)) = listings.iter().find(|(identity, _)| *identity == shipment.head.identity) else {
            continue;
        };
        naming_shipments.push(shipment);
        let named = naming(&shipment.head);
        match latest.iter_mut().find(|(line, _)| *line == under) {
            Some((_, known)) => *known = named.max(*known),
            None => latest.push((under, named)),
        }
        if shipped.is_none_or(|earliest| ship_order(shipment) < ship_order(earliest)) {
            shipped = Some(shipment);
        }
    }
    let mut chosen: Option<(_, &Text, Option<&OrderVersion>)> = None;
    for (key, named) in &latest {
        let version = in_force(&workspace.lines[*key], until);
        // Lines that are not cancelled go first, then those with an order version in force, then the last named.
        let standing = (version.is_none_or(|version| !version.cancelled), version.is_some(), *named);
        if chosen.as_ref().is_none_or(|(best, _, _)| standing > *best) {
            chosen = Some((standing, key, version));
        }
    }
    Claims {
        line: chosen.as_ref().map(|(_, key, _)| *key),
        version: chosen.and_then(|(_, _, version)| version),
        shipment: shipped,
        lines_claiming: latest.len(),
        naming_orders,
        naming_shipments,
    }
}

fn in_force<V: Version>(document: &Document<V>, until: Option<i64>) -> Option<&V> {
    version_in_force(&document.versions, until)
}

fn ship_order(version: &ShipmentVersion) -> (i32, i64, &str, &str) {
    (version.ship_date, version.head.time, &version.head.source, &version.head.id)
}
