//! What is to be said, packed for the outbox: the twin of `projections.recorder.announcements`.

use crate::calendar::{civil, DAY_US, EPOCH_ORDINAL};
use crate::event::{Event, Text};
use crate::fold::History;
use crate::msgpack::{Read, Reader, Writer};
use crate::rules::Rules;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::fmt::Write;

/// Announcements one after the other, as `lifecycle.announcing` has them.
#[derive(Default)]
pub struct Announcements {
    packed: Writer,
    pub count: usize,
}

impl Announcements {
    /// Note a change of status, where the one reached by `now` is another than was announced; gives its number.
    #[allow(clippy::too_many_arguments)]
    pub fn status_changed(
        &mut self,
        serial: &str,
        history: &History,
        announced: Option<i16>,
        sequence: i32,
        cause: Option<&Event>,
        now: i64,
        rules: &Rules,
    ) -> (Option<i16>, bool) {
        let stage = history.stage_at(now);
        let reached = stage.and_then(|stage| rules.status_of_stage[stage]);
        if reached == announced {
            return (announced, false);
        }
        let name = |status: Option<i16>| status.map(|status| rules.status_names[status as usize].as_str());
        let (org_id, station) = whereabouts(history, now);
        let packed = &mut self.packed;
        packed.array(10);
        packed.int(0);
        packed.text(serial);
        packed.int(i64::from(sequence) + 1);
        packed.optional_text(name(announced));
        packed.optional_text(name(reached));
        packed.optional_int(stage.and_then(|stage| history.stages[stage]));
        packed.optional_text(cause.map(|cause| &*cause.source));
        packed.optional_text(cause.map(|cause| &*cause.id));
        packed.optional_text(org_id.map(|org_id| &**org_id));
        packed.optional_text(station.map(|station| &**station));
        self.count += 1;
        (reached, true)
    }

    pub fn add(&mut self, notice: &[u8]) {
        self.packed.0.extend(notice);
        self.count += 1;
    }

    /// All of them, None for none.
    pub fn packed(&self) -> Option<Vec<u8>> {
        if self.count == 0 {
            return None;
        }
        let mut whole = Writer(Vec::with_capacity(self.packed.0.len() + 5));
        whole.array(self.count);
        whole.0.extend(&self.packed.0);
        Some(whole.0)
    }
}

/// The notice of a term that ends in so many days, packed.
pub fn expiring(serial: &str, history: &History, expires_at: i64, days_left: i32, now: i64) -> Vec<u8> {
    let (org_id, station) = whereabouts(history, now);
    let mut packed = Writer::default();
    packed.array(7);
    packed.int(1);
    packed.text(serial);
    packed.int(i64::from(history.expiration_date.expect("what expires has a date")));
    packed.int(expires_at);
    packed.int(i64::from(days_left));
    packed.optional_text(org_id.map(|org_id| &**org_id));
    packed.optional_text(station.map(|station| &**station));
    packed.0
}

fn whereabouts<'a>(history: &History<'a>, now: i64) -> (Option<&'a Text>, Option<&'a Text>) {
    match history.span_at(now) {
        Some(span) => (span.owner.map(|(org_id, _)| org_id), span.place.map(|place| place.station)),
        None => (None, None),
    }
}

/// A type of event and its topic.
type Kind = (String, String);
type Message<'py> = (String, Bound<'py, PyBytes>, Bound<'py, PyBytes>);

/// The messages of an entry of the outbox, in order: topic, key and value. The twin of
/// `lifecycle.announcing.messages_in_python`.
#[pyfunction]
pub fn announcements<'py>(
    py: Python<'py>,
    packed: &[u8],
    recorded_at: i64,
    source: &str,
    kinds: (Kind, Kind),
) -> PyResult<Vec<Message<'py>>> {
    let (changes, notices) = kinds;
    let reader = &mut Reader::new(packed);
    let mut json = String::with_capacity(512);
    let mut said = Vec::new();
    for _ in 0..reader.array()? {
        reader.array()?;
        let is_change = reader.int()? == 0;
        json.clear();
        let (name, topic) = if is_change { &changes } else { &notices };
        let envelope = Envelope { source, name, recorded_at };
        let serial =
            if is_change { envelope.change(reader, &mut json)? } else { envelope.notice(reader, &mut json)? };
        let (key, value) = (PyBytes::new(py, serial.as_bytes()), PyBytes::new(py, json.as_bytes()));
        said.push((topic.clone(), key, value));
    }
    Ok(said)
}

struct Envelope<'a> {
    source: &'a str,
    name: &'a str,
    recorded_at: i64,
}

impl Envelope<'_> {
    fn change(&self, reader: &mut Reader, json: &mut String) -> Read<Text> {
        let (serial, sequence) = (reader.text()?, reader.int()?);
        self.begin(&format!("{serial}/{sequence}"), &serial, json);
        for name in ["from", "to"] {
            member(name, reader.optional_text()?.as_deref(), json);
        }
        member("at", reader.optional_int()?.map(instant).as_deref(), json);
        match (reader.optional_text()?, reader.optional_text()?) {
            (Some(source), Some(id)) => {
                json.push_str(",\"cause\":{\"source\":");
                text(&source, json);
                member("id", Some(&id), json);
                json.push('}');
            }
            _ => member("cause", Some("clock"), json),
        }
        end(reader, json)?;
        Ok(serial)
    }

    fn notice(&self, reader: &mut Reader, json: &mut String) -> Read<Text> {
        let (serial, expiration_date) = (reader.text()?, reader.int()?);
        let (expires_at, days_left) = (instant(reader.int()?), reader.int()?);
        self.begin(&format!("{serial}/{days_left}/{expires_at}"), &serial, json);
        member("expiration_date", Some(&date(expiration_date as i32)), json);
        member("expires_at", Some(&expires_at), json);
        write!(json, ",\"days_left\":{days_left}").expect("memory");
        end(reader, json)?;
        Ok(serial)
    }

    fn begin(&self, id: &str, serial: &str, json: &mut String) {
        json.push_str("{\"specversion\":\"1.0\"");
        member("id", Some(id), json);
        member("source", Some(self.source), json);
        member("type", Some(self.name), json);
        member("time", Some(&instant(self.recorded_at)), json);
        member("datacontenttype", Some("application/json"), json);
        json.push_str(",\"data\":{\"token_serial\":");
        text(serial, json);
    }
}

fn end(reader: &mut Reader, json: &mut String) -> Read<()> {
    member("org_id", reader.optional_text()?.as_deref(), json);
    member("station_serial", reader.optional_text()?.as_deref(), json);
    json.push_str("}}");
    Ok(())
}

fn member(name: &str, value: Option<&str>, json: &mut String) {
    write!(json, ",\"{name}\":").expect("memory");
    match value {
        Some(value) => text(value, json),
        None => json.push_str("null"),
    }
}

fn text(value: &str, json: &mut String) {
    json.push('"');
    for letter in value.chars() {
        match letter {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            // Identifiers hold no control characters.
            letter => json.push(letter),
        }
    }
    json.push('"');
}

fn date(ordinal: i32) -> String {
    let (year, month, day) = civil(ordinal);
    format!("{year:04}-{month:02}-{day:02}")
}

/// RFC 3339 in UTC with `Z`; six digits of a second only where they are not all zero.
fn instant(microseconds: i64) -> String {
    let day = date(microseconds.div_euclid(DAY_US) as i32 + EPOCH_ORDINAL);
    let (seconds, fraction) = (microseconds.rem_euclid(DAY_US) / 1_000_000, microseconds.rem_euclid(1_000_000));
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if fraction == 0 {
        format!("{day}T{hours:02}:{minutes:02}:{seconds:02}Z")
    } else {
        format!("{day}T{hours:02}:{minutes:02}:{seconds:02}.{fraction:06}Z")
    }
}
