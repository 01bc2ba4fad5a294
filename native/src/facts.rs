//! Facts as their subjects keep them, packed and unpacked: the twin of `lifecycle.facts`.

use crate::event::{Event, Hash, Text};
use crate::msgpack::{Read, Reader, Writer};
use std::cmp::Ordering;
use std::sync::Arc;

/// What lines and shipments have in common: whole versions, each of one event, of which one is in force.
pub struct Head {
    pub identity: Hash,
    pub revision: i64,
    pub time: i64,
    pub source: Text,
    pub id: Text,
    pub retracted: Option<i64>,
}

impl Head {
    const FIELDS: usize = 6;

    /// Of a document that an event brought.
    pub fn of(event: &Event, revision: Option<i64>, retracted: Option<i64>) -> Self {
        Head {
            identity: event.identity,
            revision: revision.unwrap_or(0),
            time: event.time,
            source: event.source.clone(),
            id: event.id.clone(),
            retracted,
        }
    }

    /// The last in this order is in force.
    pub fn order(&self) -> (i64, i64, &str, &str) {
        (self.revision, self.time, &self.source, &self.id)
    }

    fn pack(&self, writer: &mut Writer) {
        writer.bytes(&self.identity);
        writer.int(self.revision);
        writer.int(self.time);
        writer.text(&self.source);
        writer.text(&self.id);
        writer.optional_int(self.retracted);
    }

    fn unpack(reader: &mut Reader) -> Read<Self> {
        Ok(Head {
            identity: reader.hash()?,
            revision: reader.int()?,
            time: reader.int()?,
            source: reader.text()?,
            id: reader.text()?,
            retracted: reader.optional_int()?,
        })
    }
}

pub trait Version: Sized {
    fn head(&self) -> &Head;
    fn head_mut(&mut self) -> &mut Head;
    fn pack(&self, writer: &mut Writer);
    fn unpack(reader: &mut Reader) -> Read<Self>;
}

pub struct OrderVersion {
    pub head: Head,
    pub cancelled: bool,
    pub order_date: i32,
    pub org_id: Text,
    pub org_name: Text,
    pub customer_id: Text,
    pub customer_name: Text,
    pub purchase_order: Option<Text>,
    pub customer_reference: Option<Text>,
    pub part_number: Text,
    pub cloud_plan: Text,
    pub description: Option<Text>,
    pub term_years: i64,
    pub token_type: Text,
}

impl Version for OrderVersion {
    fn head(&self) -> &Head {
        &self.head
    }

    fn head_mut(&mut self) -> &mut Head {
        &mut self.head
    }

    fn pack(&self, writer: &mut Writer) {
        writer.array(Head::FIELDS + 13);
        self.head.pack(writer);
        writer.boolean(self.cancelled);
        writer.int(i64::from(self.order_date));
        for text in [&self.org_id, &self.org_name, &self.customer_id, &self.customer_name] {
            writer.text(text);
        }
        writer.optional_text(self.purchase_order.as_deref());
        writer.optional_text(self.customer_reference.as_deref());
        writer.text(&self.part_number);
        writer.text(&self.cloud_plan);
        writer.optional_text(self.description.as_deref());
        writer.int(self.term_years);
        writer.text(&self.token_type);
    }

    fn unpack(reader: &mut Reader) -> Read<Self> {
        reader.array()?;
        Ok(OrderVersion {
            head: Head::unpack(reader)?,
            cancelled: reader.boolean()?,
            order_date: reader.int()? as i32,
            org_id: reader.text()?,
            org_name: reader.text()?,
            customer_id: reader.text()?,
            customer_name: reader.text()?,
            purchase_order: reader.optional_text()?,
            customer_reference: reader.optional_text()?,
            part_number: reader.text()?,
            cloud_plan: reader.text()?,
            description: reader.optional_text()?,
            term_years: reader.int()?,
            token_type: reader.text()?,
        })
    }
}

pub struct ShipmentVersion {
    pub head: Head,
    pub ship_date: i32,
}

impl Version for ShipmentVersion {
    fn head(&self) -> &Head {
        &self.head
    }

    fn head_mut(&mut self) -> &mut Head {
        &mut self.head
    }

    fn pack(&self, writer: &mut Writer) {
        writer.array(Head::FIELDS + 1);
        self.head.pack(writer);
        writer.int(i64::from(self.ship_date));
    }

    fn unpack(reader: &mut Reader) -> Read<Self> {
        reader.array()?;
        Ok(ShipmentVersion { head: Head::unpack(reader)?, ship_date: reader.int()? as i32 })
    }
}

/// Ordered by (activated_at, source, id).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Activation {
    pub activated_at: i64,
    pub source: Text,
    pub id: Text,
}

pub enum Own {
    Unapplied { station: Option<Text> },
    Applied { station: Text, station_name: Option<Text>, evse_id: Option<Text>, starts_at: Option<i64> },
    Activated { station: Text },
    Transferred { from_org_id: Text, to_org_id: Text, to_org_name: Text },
    Returned { reason: Option<Text> },
}

pub struct OwnFact {
    pub instant: i64,
    pub time: i64,
    pub source: Text,
    pub id: Text,
    pub own: Own,
}

impl OwnFact {
    /// Own order: by instant, source and id; at equal instants un-applications go first.
    pub fn own_order(&self, other: &Self) -> Ordering {
        let key = |fact: &Self| (fact.instant, !matches!(fact.own, Own::Unapplied { .. }));
        key(self).cmp(&key(other)).then_with(|| {
            (self.source.as_ref(), self.id.as_ref()).cmp(&(other.source.as_ref(), other.id.as_ref()))
        })
    }

    fn pack(&self, writer: &mut Writer) {
        let (length, tag) = match self.own {
            Own::Unapplied { .. } => (6, 0),
            Own::Applied { .. } => (9, 1),
            Own::Activated { .. } => (6, 2),
            Own::Transferred { .. } => (8, 3),
            Own::Returned { .. } => (6, 4),
        };
        writer.array(length);
        writer.int(tag);
        writer.int(self.instant);
        writer.int(self.time);
        writer.text(&self.source);
        writer.text(&self.id);
        match &self.own {
            Own::Unapplied { station } => writer.optional_text(station.as_deref()),
            Own::Applied { station, station_name, evse_id, starts_at } => {
                writer.text(station);
                writer.optional_text(station_name.as_deref());
                writer.optional_text(evse_id.as_deref());
                writer.optional_int(*starts_at);
            }
            Own::Activated { station } => writer.text(station),
            Own::Transferred { from_org_id, to_org_id, to_org_name } => {
                writer.text(from_org_id);
                writer.text(to_org_id);
                writer.text(to_org_name);
            }
            Own::Returned { reason } => writer.optional_text(reason.as_deref()),
        }
    }

    fn unpack(reader: &mut Reader) -> Read<Self> {
        reader.array()?;
        let tag = reader.int()?;
        let (instant, time) = (reader.int()?, reader.int()?);
        let (source, id) = (reader.text()?, reader.text()?);
        let own = match tag {
            0 => Own::Unapplied { station: reader.optional_text()? },
            1 => Own::Applied {
                station: reader.text()?,
                station_name: reader.optional_text()?,
                evse_id: reader.optional_text()?,
                starts_at: reader.optional_int()?,
            },
            2 => Own::Activated { station: reader.text()? },
            3 => Own::Transferred {
                from_org_id: reader.text()?,
                to_org_id: reader.text()?,
                to_org_name: reader.text()?,
            },
            _ => Own::Returned { reason: reader.optional_text()? },
        };
        Ok(OwnFact { instant, time, source, id, own })
    }
}

/// All that reaches a token without passing through another subject; maps in the order of their making.
#[derive(Default)]
pub struct TokenFacts {
    pub own: Vec<Arc<OwnFact>>,
    pub lines: Vec<(Text, Vec<Hash>)>,
    pub shipments: Vec<(Text, Vec<(Hash, Text)>)>,
}

impl TokenFacts {
    pub fn pack(&self) -> Vec<u8> {
        let mut writer = Writer(Vec::with_capacity(256));
        writer.array(3);
        writer.array(self.own.len());
        for fact in &self.own {
            fact.pack(&mut writer);
        }
        writer.map(self.lines.len());
        for (line, identities) in &self.lines {
            writer.text(line);
            writer.array(identities.len());
            for identity in identities {
                writer.bytes(identity);
            }
        }
        writer.map(self.shipments.len());
        for (shipment, listings) in &self.shipments {
            writer.text(shipment);
            writer.map(listings.len());
            for (identity, line) in listings {
                writer.bytes(identity);
                writer.text(line);
            }
        }
        writer.0
    }

    pub fn unpack(packed: &[u8]) -> Read<Self> {
        let reader = &mut Reader::new(packed);
        reader.array()?;
        let mut facts = TokenFacts::default();
        for _ in 0..reader.array()? {
            facts.own.push(Arc::new(OwnFact::unpack(reader)?));
        }
        for _ in 0..reader.map()? {
            let line = reader.text()?;
            let identities = (0..reader.array()?).map(|_| reader.hash()).collect::<Read<_>>()?;
            facts.lines.push((line, identities));
        }
        for _ in 0..reader.map()? {
            let shipment = reader.text()?;
            let mut listings = Vec::new();
            for _ in 0..reader.map()? {
                listings.push((reader.hash()?, reader.text()?));
            }
            facts.shipments.push((shipment, listings));
        }
        Ok(facts)
    }
}

pub fn pack_versions<V: Version>(versions: &[V]) -> Vec<u8> {
    let mut writer = Writer(Vec::with_capacity(256));
    writer.array(versions.len());
    for version in versions {
        version.pack(&mut writer);
    }
    writer.0
}

pub fn unpack_versions<V: Version>(packed: &[u8]) -> Read<Vec<V>> {
    let reader = &mut Reader::new(packed);
    (0..reader.array()?).map(|_| V::unpack(reader)).collect()
}

pub fn pack_station(first: Option<&Activation>) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.array(1);
    writer.array(usize::from(first.is_some()));
    if let Some(first) = first {
        writer.array(3);
        writer.int(first.activated_at);
        writer.text(&first.source);
        writer.text(&first.id);
    }
    writer.0
}

pub fn unpack_station(packed: &[u8]) -> Read<Option<Activation>> {
    let reader = &mut Reader::new(packed);
    reader.array()?;
    if reader.array()? == 0 {
        return Ok(None);
    }
    reader.array()?;
    Ok(Some(Activation { activated_at: reader.int()?, source: reader.text()?, id: reader.text()? }))
}

pub fn pack_serials<'a>(serials: impl ExactSizeIterator<Item = &'a Text>) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.array(serials.len());
    for serial in serials {
        writer.text(serial);
    }
    writer.0
}

pub fn unpack_serials(packed: &[u8]) -> Read<Vec<Text>> {
    let reader = &mut Reader::new(packed);
    (0..reader.array()?).map(|_| reader.text()).collect()
}
