//! The owners and the places of rows, which are kept for lists to look up: the twin of
//! `projections.recorder.draft.naming`.

use crate::event::Text;
use crate::fold::History;
use crate::maps::HashSet;
use foldhash::fast::RandomState;
use std::hash::{BuildHasher, Hash};

const MOST: usize = 1_000_000;

/// What this process has seen stored, by hashes of its own.
#[derive(Default)]
pub struct Seen {
    state: RandomState,
    hashes: HashSet<u64>,
}

impl Seen {
    /// Note what was stored for good.
    pub fn add(&mut self, naming: &Naming) {
        if self.hashes.len() + naming.hashes.len() > MOST {
            self.hashes.clear();
        }
        self.hashes.extend(&naming.hashes);
    }

    fn hash(&self, value: impl Hash) -> u64 {
        self.state.hash_one(value)
    }
}

/// An id and a name.
pub type Owner = (Text, Option<Text>);
/// A station's serial and name, and the port's id.
pub type Place = (Text, Option<Text>, Option<Text>);

/// What events and rows name that was not seen stored yet.
#[derive(Default)]
pub struct Naming {
    hashes: HashSet<u64>,
    pub owners: Vec<Owner>,
    pub places: Vec<Place>,
}

impl Naming {
    pub fn add(&mut self, history: &History, seen: &Seen) {
        for span in &history.spans {
            if let Some((org_id, org_name)) = span.owner {
                if self.is_new(seen.hash((0, org_id, org_name)), seen) {
                    self.owners.push((org_id.clone(), org_name.cloned()));
                }
            }
            if let Some(place) = &span.place {
                self.add_place(place.station, place.station_name, place.evse_id, seen);
            }
        }
    }

    pub fn add_place(&mut self, station: &Text, name: Option<&Text>, evse_id: Option<&Text>, seen: &Seen) {
        if (name.is_some() || evse_id.is_some()) && self.is_new(seen.hash((1, (station, name, evse_id))), seen) {
            self.places.push((station.clone(), name.cloned(), evse_id.cloned()));
        }
    }

    fn is_new(&mut self, hash: u64, seen: &Seen) -> bool {
        !seen.hashes.contains(&hash) && self.hashes.insert(hash)
    }
}
