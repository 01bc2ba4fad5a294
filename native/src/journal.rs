//! Segments of the journal: the twin of what `projections.recorder.journal` packs.

use crate::arrivals::Arrival;
use crate::event::{Data, Event};
use crate::msgpack::Writer;
use crate::workspace::Keys;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

#[derive(Clone, Copy)]
enum Kind {
    Token,
    Line,
    Shipment,
    Station,
    Retracted,
}

fn mark(kind: Kind, key: &str) -> i32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(kind as u32);
    hasher.update(key.as_bytes());
    (i64::from(hasher.finalize()) - 0x8000_0000) as i32
}

/// The numbers under which a segment of these events is found, sorted.
pub fn marks<'a>(events: impl Iterator<Item = &'a Event>) -> Vec<i32> {
    let mut keys = Keys::default();
    let mut marks = Vec::new();
    for event in events {
        keys.of(event);
        match &event.data {
            Data::Placed(order) => {
                let serials = order.lines.iter().flat_map(|line| &line.serials);
                marks.extend(serials.map(|serial| mark(Kind::Token, serial)));
            }
            Data::Shipped(shipped) => {
                let serials = shipped.lines.iter().flat_map(|line| &line.serials);
                marks.extend(serials.map(|serial| mark(Kind::Token, serial)));
            }
            Data::Retracted { source, id } => marks.push(mark(Kind::Retracted, &format!("{source}\0{id}"))),
            _ => marks.extend(event.serials().iter().map(|serial| mark(Kind::Token, serial))),
        }
    }
    marks.extend(keys.lines.iter().map(|key| mark(Kind::Line, key)));
    marks.extend(keys.shipments.iter().map(|key| mark(Kind::Shipment, key)));
    marks.extend(keys.stations.iter().map(|key| mark(Kind::Station, key)));
    marks.sort_unstable();
    marks.dedup();
    marks
}

/// Messages as a segment's body holds them, before it is compressed.
pub fn body<'a>(py: Python<'_>, arrivals: impl ExactSizeIterator<Item = &'a Arrival>) -> PyResult<Vec<u8>> {
    let mut packed = Writer(Vec::with_capacity(512 * arrivals.len()));
    packed.array(arrivals.len());
    for arrival in arrivals {
        packed.array(7);
        packed.text(arrival.topic.to_str(py)?);
        packed.int(arrival.partition);
        packed.int(arrival.offset);
        packed.int(arrival.timestamp);
        bytes(&mut packed, arrival.key.as_ref().map(|key| key.as_bytes(py)));
        let headers = arrival.headers.bind(py);
        packed.array(headers.len());
        for header in headers {
            packed.array(2);
            packed.text(header.get_item(0)?.cast::<PyString>()?.to_str()?);
            let value = header.get_item(1)?;
            bytes(&mut packed, if value.is_none() { None } else { Some(value.cast::<PyBytes>()?.as_bytes()) });
        }
        bytes(&mut packed, arrival.value.as_ref().map(|value| value.as_bytes(py)));
    }
    Ok(packed.0)
}

fn bytes(packed: &mut Writer, value: Option<&[u8]>) {
    match value {
        Some(value) => packed.bytes(value),
        None => packed.nil(),
    }
}
