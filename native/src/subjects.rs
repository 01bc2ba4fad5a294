//! Order lines, shipments and stations in memory: the twin of `lifecycle.subjects`.

use crate::event::{Hash, Text};
use crate::facts::{pack_serials, unpack_serials, Activation, OrderVersion, ShipmentVersion, Version};
use crate::maps::IndexSet;
use crate::msgpack::Read;

/// Every token ever tied to a subject, in the order of their coming. As stored until it is asked for.
pub enum Serials {
    Packed(Vec<u8>),
    Unpacked(IndexSet<Text>),
    /// Of a subject that was read only to be looked at.
    NotRead,
}

impl Serials {
    pub fn none() -> Self {
        Serials::Unpacked(IndexSet::default())
    }

    pub fn get(&mut self) -> Read<&mut IndexSet<Text>> {
        if let Serials::Packed(packed) = self {
            *self = Serials::Unpacked(unpack_serials(packed)?.into_iter().collect());
        }
        match self {
            Serials::Unpacked(serials) => Ok(serials),
            _ => panic!("a subject that is read to be looked at does not change"),
        }
    }

    /// Remember tokens; whether any of them is new.
    pub fn tie(&mut self, serials: &[Text]) -> Read<bool> {
        let known = self.get()?;
        let before = known.len();
        known.extend(serials.iter().cloned());
        Ok(known.len() != before)
    }

    pub fn pack(&self) -> Vec<u8> {
        match self {
            Serials::Packed(packed) => packed.clone(),
            Serials::Unpacked(serials) => pack_serials(serials.iter()),
            Serials::NotRead => panic!("a subject that is read to be looked at is not written"),
        }
    }
}

/// The last version by (revision, time, source, id) that no retraction takes back; with `until` as the documents and
/// retractions with `time` up to then alone would have it.
pub fn version_in_force<V: Version>(versions: &[V], until: Option<i64>) -> Option<&V> {
    versions
        .iter()
        .filter(|version| match until {
            None => version.head().retracted.is_none(),
            Some(until) => version.head().time <= until && version.head().retracted.is_none_or(|at| at > until),
        })
        .max_by(|one, other| one.head().order().cmp(&other.head().order()))
}

/// What events bring whole versions of: an order line or a shipment.
pub struct Document<V> {
    pub versions: Vec<V>,
    pub serials: Serials,
    pub is_stored: bool,
    pub is_changed: bool,
    /// The version that was in force before the first change; None where nothing changed.
    pub before: Option<Option<Hash>>,
}

impl<V: Version> Document<V> {
    pub fn empty() -> Self {
        Document {
            versions: Vec::new(),
            serials: Serials::none(),
            is_stored: false,
            is_changed: false,
            before: None,
        }
    }

    pub fn stored(versions: Vec<V>, serials: Serials) -> Self {
        Document { versions, serials, is_stored: true, is_changed: false, before: None }
    }

    pub fn in_force(&self) -> Option<&V> {
        version_in_force(&self.versions, None)
    }

    pub fn identity_in_force(&self) -> Option<Hash> {
        self.in_force().map(|version| version.head().identity)
    }

    /// Take a version in. Versions are kept by identity, so that arrival leaves no trace.
    pub fn add(&mut self, version: V) {
        self.remember();
        self.versions.push(version);
        self.versions.sort_by(|one, other| one.head().identity.cmp(&other.head().identity));
        self.is_changed = true;
    }

    /// Take one version back; the earliest retraction counts.
    pub fn retract(&mut self, identity: &Hash, time: i64) {
        let found = self.versions.iter().position(|version| version.head().identity == *identity);
        let Some(index) = found else { return };
        if self.versions[index].head().retracted.is_none_or(|before| time < before) {
            self.remember();
            self.versions[index].head_mut().retracted = Some(time);
            self.is_changed = true;
        }
    }

    pub fn tie(&mut self, serials: &[Text]) -> Read<()> {
        if self.serials.tie(serials)? {
            self.is_changed = true;
        }
        Ok(())
    }

    /// Whether another version is in force than before the first change.
    pub fn is_replaced(&self) -> bool {
        self.before.is_some_and(|before| before != self.identity_in_force())
    }

    fn remember(&mut self) {
        if self.before.is_none() {
            self.before = Some(self.identity_in_force());
        }
    }
}

pub type Line = Document<OrderVersion>;
pub type Shipment = Document<ShipmentVersion>;

/// A station: its first activation, and every token ever applied to it.
pub struct Station {
    pub first: Option<Activation>,
    pub serials: Serials,
    pub is_stored: bool,
    pub is_changed: bool,
    pub is_to_be_restored: bool,
}

impl Station {
    pub fn empty() -> Self {
        Station {
            first: None,
            serials: Serials::none(),
            is_stored: false,
            is_changed: false,
            is_to_be_restored: false,
        }
    }

    pub fn stored(first: Option<Activation>, serials: Serials) -> Self {
        Station { first, serials, is_stored: true, is_changed: false, is_to_be_restored: false }
    }

    /// Take an activation in; whether it is now the first.
    pub fn activate(&mut self, activated_at: i64, source: &Text, id: &Text) -> bool {
        if let Some(first) = &self.first {
            let known = (first.activated_at, first.source.as_ref(), first.id.as_ref());
            if (activated_at, source.as_ref(), id.as_ref()) > known {
                return false;
            }
        }
        self.first = Some(Activation { activated_at, source: source.clone(), id: id.clone() });
        self.is_changed = true;
        true
    }

    /// Drop an activation; whether it was the first, which is then to be restored from the journal.
    pub fn retract(&mut self, source: &str, id: &str) -> bool {
        let is_first = self.first.as_ref().is_some_and(|first| (&*first.source, &*first.id) == (source, id));
        if is_first {
            self.first = None;
            self.is_changed = true;
            self.is_to_be_restored = true;
        }
        is_first
    }
}
