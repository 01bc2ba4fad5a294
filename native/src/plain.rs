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
use crate::maps::HashSet;

const MEMBERS_MAX: usize = 64;
const DEPTH_MAX: usize = 8;
const IDENTIFIER_MAX: usize = 128;
const TEXT_MAX: usize = 500;
const SERIALS_MAX: usize = 10_000;
const DIGITS_MAX: usize = 15;
const FIRST_INSTANT: i64 = 946_684_800_000_000;
const END_OF_INSTANTS: i64 = 4_102_444_800_000_000;

pub enum Json<'a> {
    Null,
    Boolean(bool),
    Whole(i64),
    Text(&'a str),
    Array(Vec<Json<'a>>),
    Object(Vec<(&'a str, Json<'a>)>),
}

struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn skip_blanks(&mut self) {
        while matches!(self.text.get(self.at), Some(b' ' | b'\n' | b'\t' | b'\r')) {
            self.at += 1;
        }
    }

    fn take(&mut self, expected: u8) -> bool {
        self.skip_blanks();
        let is_there = self.text.get(self.at) == Some(&expected);
        self.at += usize::from(is_there);
        is_there
    }

    fn word(&mut self, word: &str) -> Option<()> {
        let is_there = self.text[self.at..].starts_with(word.as_bytes());
        self.at += word.len();
        is_there.then_some(())
    }

    fn text(&mut self) -> Option<&'a str> {
        if !self.take(b'"') {
            return None;
        }
        let rest = &self.text[self.at..];
        let end = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f | 0x7f..))?;
        self.at += end + 1;
        if rest[end] == b'"' {
            std::str::from_utf8(&rest[..end]).ok()
        } else {
            None
        }
    }

    fn whole(&mut self) -> Option<i64> {
        let start = self.at;
        self.at += usize::from(self.text[self.at] == b'-');
        let first = self.at;
        while self.text.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        let digits = self.at - first;
        let is_zero_first = self.text.get(first) == Some(&b'0');
        if digits == 0 || digits > DIGITS_MAX || (is_zero_first && (digits > 1 || first > start)) {
            return None;
        }
        if matches!(self.text.get(self.at), Some(b'.' | b'e' | b'E')) {
            return None;
        }
        std::str::from_utf8(&self.text[start..self.at]).ok()?.parse().ok()
    }

    fn value(&mut self, depth: usize) -> Option<Json<'a>> {
        self.skip_blanks();
        match self.text.get(self.at)? {
            b'"' => self.text().map(Json::Text),
            b'{' if depth < DEPTH_MAX => self.object(depth),
            b'[' if depth < DEPTH_MAX => self.array(depth),
            b'n' => self.word("null").map(|()| Json::Null),
            b't' => self.word("true").map(|()| Json::Boolean(true)),
            b'f' => self.word("false").map(|()| Json::Boolean(false)),
            b'-' | b'0'..=b'9' => self.whole().map(Json::Whole),
            _ => None,
        }
    }

    fn object(&mut self, depth: usize) -> Option<Json<'a>> {
        let mut members: Vec<(&str, Json)> = Vec::with_capacity(8);
        self.at += 1;
        if self.take(b'}') {
            return Some(Json::Object(members));
        }
        loop {
            let name = self.text()?;
            if !self.take(b':') || members.len() == MEMBERS_MAX || members.iter().any(|(known, _)| *known == name)
            {
                return None;
            }
            members.push((name, self.value(depth + 1)?));
            if !self.take(b',') {
                return self.take(b'}').then_some(Json::Object(members));
            }
        }
    }

    fn array(&mut self, depth: usize) -> Option<Json<'a>> {
        let mut values = Vec::new();
        self.at += 1;
        if self.take(b']') {
            return Some(Json::Array(values));
        }
        loop {
            values.push(self.value(depth + 1)?);
            if !self.take(b',') {
                return self.take(b']').then_some(Json::Array(values));
            }
        }
    }
}

/// JSON with its names in order and no blanks.
fn canonical(value: &Json, into: &mut Vec<u8>) {
    match value {
        Json::Null => into.extend(b"null"),
        Json::Boolean(value) => into.extend(if *value { &b"true"[..] } else { b"false" }),
        Json::Whole(value) => into.extend(value.to_string().as_bytes()),
        Json::Text(text) => {
            into.push(b'"');
            into.extend(text.as_bytes());
            into.push(b'"');
        }
        Json::Array(values) => {
            into.push(b'[');
            for (index, value) in values.iter().enumerate() {
                if index > 0 {
                    into.push(b',');
                }
                canonical(value, into);
            }
            into.push(b']');
        }
        Json::Object(members) => {
            let mut members: Vec<&(&str, Json)> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            into.push(b'{');
            for (index, (name, value)) in members.into_iter().enumerate() {
                into.extend(if index > 0 { &b",\""[..] } else { b"\"" });
                into.extend(name.as_bytes());
                into.extend(b"\":");
                canonical(value, into);
            }
            into.push(b'}');
        }
    }
}

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
    let mut cursor = Cursor { text: value, at: 0 };
    let Json::Object(envelope) = cursor.value(0)? else { return None };
    cursor.skip_blanks();
    if cursor.at != value.len() {
        return None;
    }
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
    let json = envelope.get("data");
    let Json::Object(members) = json else { return None };
    let data = data_of(event_type, &Members(members))?;
    if matches!(data, Data::Activated { activated_at, .. } if activated_at > time + DAY_US) {
        return None;
    }
    let mut content = Vec::with_capacity(value.len());
    content.extend(event_type.as_bytes());
    content.push(0);
    canonical(json, &mut content);
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
