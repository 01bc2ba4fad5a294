//! What does not add up: the twin of `lifecycle.anomalies`.

use crate::claims::{claims_of, Claims};
use crate::facts::{OrderVersion, Own, OwnFact, TokenFacts};
use crate::ownership::Ownership;
use crate::places::Stays;
use crate::term::Term;
use crate::workspace::Workspace;

/// The anomalies of one token, sorted.
pub fn anomalies_of(
    facts: &TokenFacts,
    claims: &Claims,
    stays: &Stays,
    term: &Term,
    ownership: &Ownership,
    workspace: &Workspace,
) -> Vec<&'static str> {
    let mut found = Vec::new();
    if let Some(starts_at) = term.starts_at {
        if facts.own.iter().any(|fact| is_of_no_stay(fact, starts_at, stays)) {
            found.push("activated_unapplied");
        }
    }
    if claims.lines_claiming > 1 {
        found.push("claimed_by_two_lines");
    }
    match claims.version {
        None => found.push("order_missing"),
        Some(version) => {
            if version.cancelled {
                found.push("line_cancelled");
            }
            if claims.shipment.is_some_and(|shipment| shipment.ship_date < version.order_date) {
                found.push("shipped_before_ordered");
            }
            if term.starts_at.is_some_and(|at| is_plan_changed(facts, claims, version, at, workspace)) {
                found.push("plan_changed_in_term");
            }
        }
    }
    if claims.shipment.is_none() && (stays.first_applied_at.is_some() || term.starts_at.is_some()) {
        found.push("shipment_missing");
    }
    if ownership.is_any_refused {
        found.push("transfer_refused");
    }
    found.sort_unstable();
    found
}

fn is_of_no_stay(fact: &OwnFact, starts_at: i64, stays: &Stays) -> bool {
    let Own::Activated { station } = &fact.own else { return false };
    fact.instant == starts_at && !stays.applications.iter().any(|application| application.station == station)
}

type Plan<'a> = (&'a str, &'a str, i64);

fn plan_of(version: &OrderVersion) -> Plan<'_> {
    (&version.part_number, &version.cloud_plan, version.term_years)
}

/// Compare with what the events of `time` up to the start alone would have made the token's plan.
fn is_plan_changed(
    facts: &TokenFacts,
    claims: &Claims,
    version: &OrderVersion,
    starts_at: i64,
    workspace: &Workspace,
) -> bool {
    let plan = plan_of(version);
    let listed = facts.lines.iter().map(|(key, _)| key);
    let delivered = facts.shipments.iter().flat_map(|(_, listings)| listings.iter().map(|(_, line)| line));
    let is_one_plan = claims
        .line
        .into_iter()
        .chain(listed)
        .chain(delivered)
        .all(|key| workspace.lines[key].versions.iter().all(|version| plan_of(version) == plan));
    if is_one_plan {
        return false;
    }
    let then = claims_of(facts, workspace, Some(starts_at)).version;
    then.is_some_and(|then| plan_of(then) != plan)
}
