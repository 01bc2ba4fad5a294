//! Events as the twin holds them: what `schemas.events` declares, without pydantic.

use std::sync::Arc;

pub type Text = Arc<str>;
/// BLAKE2b-128 of source and id, or of type and data.
pub type Hash = [u8; 16];

pub struct OrderLine {
    pub line: Text,
    pub part_number: Text,
    pub cloud_plan: Text,
    pub description: Option<Text>,
    pub term_years: i64,
    pub token_type: Text,
    pub quantity: Option<i64>,
    pub cancelled: bool,
    pub serials: Vec<Text>,
}

pub struct Order {
    pub sales_order: Text,
    pub revision: Option<i64>,
    pub purchase_order: Option<Text>,
    pub customer_reference: Option<Text>,
    pub customer_id: Text,
    pub customer_name: Text,
    pub org_id: Text,
    pub org_name: Text,
    pub order_date: i32,
    pub lines: Vec<OrderLine>,
}

pub struct ShipmentLine {
    pub sales_order: Text,
    pub line: Text,
    pub serials: Vec<Text>,
}

pub struct Shipped {
    pub shipment: Text,
    pub revision: Option<i64>,
    pub ship_date: i32,
    pub lines: Vec<ShipmentLine>,
}

pub enum Data {
    Placed(Order),
    Shipped(Shipped),
    Returned {
        serials: Vec<Text>,
        returned_at: i64,
        reason: Option<Text>,
    },
    Applied {
        serial: Text,
        station: Text,
        station_name: Option<Text>,
        evse_id: Option<Text>,
        applied_at: i64,
        starts_at: Option<i64>,
    },
    Unapplied {
        serial: Text,
        unapplied_at: i64,
        station: Option<Text>,
    },
    Activated {
        station: Text,
        activated_at: i64,
        serial: Option<Text>,
    },
    Transferred {
        serials: Vec<Text>,
        from_org_id: Text,
        to_org_id: Text,
        to_org_name: Text,
        transferred_at: i64,
    },
    Retracted {
        source: Text,
        id: Text,
    },
}

impl Data {
    /// The full name of the type.
    pub fn type_name(&self) -> &'static str {
        match self {
            Data::Placed(_) => "servicetokens.order.placed.v1",
            Data::Shipped(_) => "servicetokens.order.shipped.v1",
            Data::Returned { .. } => "servicetokens.token.returned.v1",
            Data::Applied { .. } => "servicetokens.token.applied.v1",
            Data::Unapplied { .. } => "servicetokens.token.unapplied.v1",
            Data::Activated { .. } => "servicetokens.station.activated.v1",
            Data::Transferred { .. } => "servicetokens.token.transferred.v1",
            Data::Retracted { .. } => "servicetokens.event.retracted.v1",
        }
    }
}

/// Dates are `date.toordinal()` numbers, instants microseconds since 1970.
pub struct Event {
    pub source: Text,
    pub id: Text,
    pub time: i64,
    pub data: Data,
    pub identity: Hash,
    pub content: Hash,
}

impl Event {
    /// The identity of the event that this one takes back.
    pub fn target(&self) -> Option<Hash> {
        match &self.data {
            Data::Retracted { source, id } => Some(identity(source, id)),
            _ => None,
        }
    }

    /// The tokens that an event about tokens or stations names.
    pub fn serials(&self) -> &[Text] {
        match &self.data {
            Data::Applied { serial, .. } | Data::Unapplied { serial, .. } => std::slice::from_ref(serial),
            Data::Activated { serial: Some(serial), .. } => std::slice::from_ref(serial),
            Data::Returned { serials, .. } | Data::Transferred { serials, .. } => serials,
            _ => &[],
        }
    }
}

pub fn hash(parts: &[&[u8]]) -> Hash {
    let mut state = blake2b_simd::Params::new().hash_length(16).to_state();
    for part in parts {
        state.update(part);
    }
    state.finalize().as_bytes().try_into().expect("16 bytes")
}

/// The identity of an event known by its source and id.
pub fn identity(source: &str, id: &str) -> Hash {
    hash(&[source.as_bytes(), b"\0", id.as_bytes()])
}

/// An order line's key; the separator is no character of an identifier.
pub fn line_key(sales_order: &str, line: &str) -> Text {
    let mut key = String::with_capacity(sales_order.len() + line.len() + 1);
    key.push_str(sales_order);
    key.push('\x1f');
    key.push_str(line);
    key.into()
}
