//! Who owns a token: the line's organization, then each transfer in own order. The twin of `lifecycle.ownership`.

use crate::event::Text;
use crate::facts::{OrderVersion, Own, OwnFact};

/// An organization's id, and its name where it is known.
pub type Owner<'a> = (&'a Text, Option<&'a Text>);

pub struct Ownership<'a> {
    pub first: Option<Owner<'a>>,
    pub later: Vec<(i64, Owner<'a>)>,
    pub is_any_refused: bool,
}

/// Walk the transfers among facts that are in own order. Without an order version, the first one's sender is taken
/// for the first owner.
pub fn ownership_of<'a>(
    version: Option<&'a OrderVersion>,
    own: impl Iterator<Item = &'a OwnFact>,
) -> Ownership<'a> {
    let mut owner: Option<Owner> = version.map(|version| (&version.org_id, Some(&version.org_name)));
    let mut ownership = Ownership { first: owner, later: Vec::new(), is_any_refused: false };
    for fact in own {
        let Own::Transferred { from_org_id, to_org_id, to_org_name } = &fact.own else { continue };
        if owner.is_none() {
            owner = Some((from_org_id, None));
            ownership.first = owner;
        }
        if from_org_id == to_org_id || owner.is_some_and(|(org_id, _)| org_id != from_org_id) {
            ownership.is_any_refused = true;
        } else {
            let next = (to_org_id, Some(to_org_name));
            owner = Some(next);
            ownership.later.push((fact.instant, next));
        }
    }
    ownership
}
