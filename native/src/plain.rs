//! Reads the events that make up nearly all: structured mode, plain text, nothing out of the ordinary.
//!
//! `read` gives what `schemas.envelope` makes of such a message, or None for whatever is out of the ordinary in any
//! way, right or wrong: that is read in Python, which alone knows the rules and the refusals. So nothing here decides
//! what an event may say; it recognizes a part of what is certainly right. A test holds the two against each other.
//!
//! Plain is: JSON of texts without escapes, control characters or bytes beyond ASCII, of small whole numbers, and no
//! name twice in an object.

use crate::calendar::{days_of_month, ordinal_of, DAY_US};
use crate::event::{hash, identity, Data, Event, Order, OrderLine, ShipmentLine, Shipped, Text};
use crate::json::{self, canonical, Json};
use crate::maps::HashSet;

const IDENTIFIER_MAX: usize = 128;
const TEXT_MAX: usize = 500;
const SERIALS_MAX: usize = 10_000;
const FIRST_INSTANT: i64 = 946_684_800_000_000;
const END_OF_INSTANTS: i64 = 4_102_444_800_000_000;

/// The members of an object. What is asked for comes back as None where it is not plain.
struct Members<'a, 'b>(&'b [(&'a str, Json<'a>)]);

impl<'a> Members<'a, '_> {
    /// The value of a member; absence is null.
    fn get(&self, name: &str) -> &Json<'a> {
        self.0.iter().find(|(known, _)| *known == name).map_or(&Json::Null, |(_, value)| value)
    }

    fn some_text(&self, name: &str) -> Option<&'a str> {
        match self.get(name) {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    fn absent(&self, name: &str) -> bool {
        matches!(self.get(name), Json::Null | Json::Text(""))
    }

    fn identifier(&self, name: &str) -> Option<Text> {
        self.some_text(name).filter(|text| is_identifier(text, IDENTIFIER_MAX)).map(Text::from)
    }

    fn optional<T>(&self, name: &str, value: Option<T>) -> Option<Option<T>> {
        if self.absent(name) {
            Some(None)
        } else {
            value.map(Some)
        }
    }

    fn optional_identifier(&self, name: &str) -> Option<Option<Text>> {
        self.optional(name, self.identifier(name))
    }

    fn text(&self, name: &str) -> Option<Text> {
        let is_text = |text: &&str| text.len() <= TEXT_MAX && text.bytes().any(|byte| byte != b' ');
        self.some_text(name).filter(is_text).map(Text::from)
    }

    fn optional_text(&self, name: &str) -> Option<Option<Text>> {
        self.optional(name, self.some_text(name).filter(|text| text.len() <= TEXT_MAX).map(Text::from))
    }

    fn instant(&self, name: &str) -> Option<i64> {
        self.some_text(name).and_then(instant_of)
    }

    fn optional_instant(&self, name: &str) -> Option<Option<i64>> {
        self.optional(name, self.instant(name))
    }

    fn date(&self, name: &str) -> Option<i32> {
        self.some_text(name).filter(|text| text.len() == 10).and_then(date_of)
    }

    fn whole(&self, name: &str, least: i64) -> Option<i64> {
        match self.get(name) {
            Json::Whole(value) if *value >= least => Some(*value),
            _ => None,
        }
    }

    fn optional_whole(&self, name: &str, least: i64) -> Option<Option<i64>> {
        self.optional(name, self.whole(name, least))
    }

    fn flag(&self, name: &str) -> Option<bool> {
        match self.get(name) {
            Json::Boolean(value) => Some(*value),
            _ => self.absent(name).then_some(false),
        }
    }

    fn identifiers(&self, name: &str) -> Option<Vec<Text>> {
        let Json::Array(values) = self.get(name) else { return None };
        values
            .iter()
            .map(|value| match value {
                Json::Text(text) if is_identifier(text, IDENTIFIER_MAX) => Some(Text::from(*text)),
                _ => None,
            })
            .collect()
    }

    fn serials(&self, name: &str) -> Option<Vec<Text>> {
        self.identifiers(name).filter(|serials| !serials.is_empty() && are_serials(serials.iter()))
    }

    fn lines<T>(&self, line: impl Fn(&Members<'a, '_>) -> Option<T>) -> Option<Vec<T>> {
        let Json::Array(values) = self.get("lines") else { return None };
        let lines: Option<Vec<T>> = values
            .iter()
            .map(|value| match value {
                Json::Object(members) => line(&Members(members)),
                _ => None,
            })
            .collect();
        lines.filter(|lines| !lines.is_empty())
    }
}

fn is_identifier(text: &str, longest: usize) -> bool {
    !text.is_empty() && text.len() <= longest && !text.starts_with(' ') && !text.ends_with(' ')
}

/// Whether no serial stands twice, nor too many.
fn are_serials<'a>(serials: impl Iterator<Item = &'a Text>) -> bool {
    let mut known = HashSet::default();
    let mut count = 0;
    serials.inspect(|_| count += 1).all(|serial| known.insert(serial)) && count <= SERIALS_MAX
}

fn are_unlike<T: std::hash::Hash + Eq>(names: impl Iterator<Item = T>) -> bool {
    let mut known = HashSet::default();
    names.into_iter().all(|name| known.insert(name))
}

fn digits(text: &[u8]) -> Option<i32> {
    text.iter().try_fold(0, |number, byte| byte.is_ascii_digit().then(|| 10 * number + i32::from(byte - b'0')))
}

/// The ordinal of a date of the years 2000 to 2099 that a text begins with.
fn date_of(text: &str) -> Option<i32> {
    let text = text.as_bytes();
    let (year, month, day) = (digits(&text[..4])?, digits(&text[5..7])?, digits(&text[8..10])?);
    let is_right = text[4] == b'-'
        && text[7] == b'-'
        && (2000..2100).contains(&year)
        && (1..=12).contains(&month)
        && day >= 1
        && day <= days_of_month(year, month);
    is_right.then(|| ordinal_of(year, month, day))
}

/// Microseconds since 1970 of an RFC 3339 instant of the years 2000 to 2099, here and in UTC; finer digits are cut off.
fn instant_of(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes.len() < 20 || bytes[10] != b'T' || bytes[13] != b':' || bytes[16] != b':' {
        return None;
    }
    let day = i64::from(date_of(text)? - ordinal_of(1970, 1, 1));
    let (hour, minute, second) = (digits(&bytes[11..13])?, digits(&bytes[14..16])?, digits(&bytes[17..19])?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let mut instant = day * DAY_US + i64::from((hour * 60 + minute) * 60 + second) * 1_000_000;
    let mut at = 19;
    if bytes[at] == b'.' {
        let mut unit = 100_000;
        at += 1;
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            instant += i64::from(bytes[at] - b'0') * unit;
            unit /= 10;
            at += 1;
        }
        if at == 20 {
            return None;
        }
    }
    instant -= ahead_of(&bytes[at..])?;
    (FIRST_INSTANT..END_OF_INSTANTS).contains(&instant).then_some(instant)
}

/// How far (microseconds) a zone as RFC 3339 writes it is ahead of UTC.
fn ahead_of(zone: &[u8]) -> Option<i64> {
    let sign = match zone {
        b"Z" => return Some(0),
        [b'+', _, _, b':', _, _] => 1,
        [b'-', _, _, b':', _, _] => -1,
        _ => return None,
    };
    let (hours, minutes) = (digits(&zone[1..3])?, digits(&zone[4..6])?);
    // What -00:00 means is for others to say.
    let is_plain = hours <= 23 && minutes <= 59 && (sign > 0 || hours + minutes > 0);
    is_plain.then(|| sign * i64::from(hours * 60 + minutes) * 60_000_000)
}

/// The event of a message, None where it is not plain.
pub fn read(value: &[u8]) -> Option<Event> {
    let Json::Object(envelope) = json::read(value)? else { return None };
    let is_plain = |(name, value): &(&str, Json)| match *name {
        "data" => matches!(value, Json::Object(_)),
        "data_base64" => false,
        "datacontenttype" => matches!(value, Json::Text("application/json")),
        _ => matches!(value, Json::Text(_)),
    };
    if !envelope.iter().all(is_plain) {
        return None;
    }
    let envelope = Members(&envelope);
    if envelope.some_text("specversion") != Some("1.0") {
        return None;
    }
    let source = envelope.some_text("source").filter(|text| is_identifier(text, TEXT_MAX))?;
    let id = envelope.some_text("id").filter(|text| is_identifier(text, IDENTIFIER_MAX))?;
    let event_type = envelope.some_text("type")?;
    let time = envelope.instant("time")?;
    let given = envelope.get("data");
    let Json::Object(members) = given else { return None };
    let data = data_of(event_type, &Members(members))?;
    if matches!(data, Data::Activated { activated_at, .. } if activated_at > time + DAY_US) {
        return None;
    }
    let mut content = Vec::with_capacity(value.len());
    content.extend(event_type.as_bytes());
    content.push(0);
    canonical(given, &mut content);
    Some(Event {
        source: source.into(),
        id: id.into(),
        time,
        data,
        identity: identity(source, id),
        content: hash(&[&content]),
    })
}

fn data_of(event_type: &str, data: &Members) -> Option<Data> {
    Some(match event_type {
        "servicetokens.station.activated.v1" => Data::Activated {
            station: data.identifier("station_serial")?,
            activated_at: data.instant("activated_at")?,
            serial: data.optional_identifier("token_serial")?,
        },
        "servicetokens.token.applied.v1" => Data::Applied {
            serial: data.identifier("token_serial")?,
            station: data.identifier("station_serial")?,
            station_name: data.optional_text("station_name")?,
            evse_id: data.optional_identifier("evse_id")?,
            applied_at: data.instant("applied_at")?,
            starts_at: data.optional_instant("starts_at")?,
        },
        "servicetokens.token.unapplied.v1" => Data::Unapplied {
            serial: data.identifier("token_serial")?,
            unapplied_at: data.instant("unapplied_at")?,
            station: data.optional_identifier("station_serial")?,
        },
        "servicetokens.token.transferred.v1" => Data::Transferred {
            serials: data.serials("token_serials")?,
            from_org_id: data.identifier("from_org_id")?,
            to_org_id: data.identifier("to_org_id")?,
            to_org_name: data.text("to_org_name")?,
            transferred_at: data.instant("transferred_at")?,
        },
        "servicetokens.token.returned.v1" => Data::Returned {
            serials: data.serials("token_serials")?,
            returned_at: data.instant("returned_at")?,
            reason: data.optional_text("reason")?,
        },
        "servicetokens.order.placed.v1" => Data::Placed(order_of(data)?),
        "servicetokens.order.shipped.v1" => Data::Shipped(shipped_of(data)?),
        _ => return None,
    })
}

fn order_of(data: &Members) -> Option<Order> {
    let lines = data.lines(|line| {
        Some(OrderLine {
            line: line.identifier("line")?,
            part_number: line.text("part_number")?,
            cloud_plan: line.text("cloud_plan")?,
            description: line.optional_text("description")?,
            term_years: line.whole("term_years", 1).filter(|years| *years <= 99)?,
            token_type: line.text("token_type")?,
            quantity: line.optional_whole("quantity", 1)?,
            cancelled: line.flag("cancelled")?,
            serials: line.identifiers("token_serials")?,
        })
    })?;
    if !are_unlike(lines.iter().map(|line| &line.line))
        || !are_serials(lines.iter().flat_map(|line| &line.serials))
    {
        return None;
    }
    Some(Order {
        sales_order: data.identifier("sales_order")?,
        revision: data.optional_whole("revision", 0)?,
        purchase_order: data.optional_text("purchase_order")?,
        customer_reference: data.optional_text("customer_reference")?,
        customer_id: data.identifier("customer_id")?,
        customer_name: data.text("customer_name")?,
        org_id: data.identifier("org_id")?,
        org_name: data.text("org_name")?,
        order_date: data.date("order_date")?,
        lines,
    })
}

fn shipped_of(data: &Members) -> Option<Shipped> {
    let lines = data.lines(|line| {
        Some(ShipmentLine {
            sales_order: line.identifier("sales_order")?,
            line: line.identifier("line")?,
            serials: line.identifiers("token_serials")?,
        })
    })?;
    let names = lines.iter().map(|line| (&line.sales_order, &line.line));
    if !are_unlike(names) || !are_serials(lines.iter().flat_map(|line| &line.serials)) {
        return None;
    }
    Some(Shipped {
        shipment: data.identifier("shipment")?,
        revision: data.optional_whole("revision", 0)?,
        ship_date: data.date("ship_date")?,
        lines,
    })
}
