//! Messages of a batch with what was read of them, without an object of Python for each.

use crate::event::Event;
use crate::from_python;
use crate::plain;
use pyo3::exceptions::PyIndexError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PySlice, PyString, PyTuple};
use std::sync::Arc;

pub enum Parsed {
    /// With the `schemas.envelope.Event`, where it was read in Python.
    Event(Event, Option<Py<PyAny>>),
    Invalid(Py<PyAny>),
}

impl Parsed {
    /// What was read in Python: an event has an identity.
    fn in_python(parsed: Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(match parsed.hasattr(intern!(parsed.py(), "identity"))? {
            true => Parsed::Event(from_python::event(&parsed)?, Some(parsed.unbind())),
            false => Parsed::Invalid(parsed.unbind()),
        })
    }
}

pub struct Arrival {
    pub topic: Py<PyString>,
    pub partition: i64,
    pub offset: i64,
    pub timestamp: i64,
    pub key: Option<Py<PyBytes>>,
    pub headers: Py<PyTuple>,
    pub value: Option<Py<PyBytes>>,
    pub parsed: Parsed,
}

impl Arrival {
    pub fn event(&self) -> &Event {
        match &self.parsed {
            Parsed::Event(event, _) => event,
            Parsed::Invalid(_) => panic!("what is invalid is never fresh"),
        }
    }

    /// A `lifecycle.recording.Message`.
    pub fn message<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let made = py.import(intern!(py, "lifecycle.recording"))?.getattr(intern!(py, "Message"))?;
        made.call1((
            &self.topic,
            self.partition,
            self.offset,
            self.timestamp,
            &self.key,
            &self.headers,
            &self.value,
        ))
    }

    /// A `schemas.envelope.Event`, or an `Invalid`.
    pub fn parsed<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match &self.parsed {
            Parsed::Event(_, Some(parsed)) | Parsed::Invalid(parsed) => Ok(parsed.bind(py).clone()),
            Parsed::Event(_, None) => {
                let parse = py.import(intern!(py, "schemas.envelope"))?.getattr(intern!(py, "parse"))?;
                parse.call1((&self.value, &self.headers))
            }
        }
    }

    /// A `lifecycle.recording.Received`.
    pub fn received<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let made = py.import(intern!(py, "lifecycle.recording"))?.getattr(intern!(py, "Received"))?;
        made.call1((self.message(py)?, self.parsed(py)?))
    }

    /// Of a `Received`.
    fn of(received: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = received.py();
        let message = received.getattr(intern!(py, "message"))?;
        Arrival::taken(&message, Parsed::in_python(received.getattr(intern!(py, "parsed"))?)?)
    }

    /// Of a message, or of what aiokafka gives: both name its parts alike.
    fn taken(message: &Bound<'_, PyAny>, parsed: Parsed) -> PyResult<Self> {
        let py = message.py();
        Ok(Arrival {
            topic: message.getattr(intern!(py, "topic"))?.extract().map_err(PyErr::from)?,
            partition: message.getattr(intern!(py, "partition"))?.extract()?,
            offset: message.getattr(intern!(py, "offset"))?.extract()?,
            timestamp: message.getattr(intern!(py, "timestamp"))?.extract()?,
            key: message.getattr(intern!(py, "key"))?.extract().map_err(PyErr::from)?,
            headers: message.getattr(intern!(py, "headers"))?.cast_into::<PyTuple>()?.unbind(),
            value: message.getattr(intern!(py, "value"))?.extract().map_err(PyErr::from)?,
            parsed,
        })
    }
}

/// Read like a list of `lifecycle.recording.Received`; slices share what they hold.
#[pyclass(sequence)]
pub struct Arrivals {
    pub items: Vec<Arc<Arrival>>,
}

impl Arrivals {
    /// The messages of any sequence of `Received`.
    pub fn items_of(received: &Bound<'_, PyAny>) -> PyResult<Vec<Arc<Arrival>>> {
        if let Ok(arrivals) = received.cast::<Arrivals>() {
            return Ok(arrivals.borrow().items.clone());
        }
        received.try_iter()?.map(|each| Ok(Arc::new(Arrival::of(&each?)?))).collect()
    }
}

#[pymethods]
impl Arrivals {
    #[new]
    fn new() -> Self {
        Arrivals { items: Vec::new() }
    }

    fn __len__(&self) -> usize {
        self.items.len()
    }

    fn __getitem__<'py>(&self, py: Python<'py>, place: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        if let Ok(slice) = place.cast::<PySlice>() {
            let range = slice.indices(self.items.len() as isize)?;
            let items = (0..range.slicelength)
                .map(|number| self.items[(range.start + number as isize * range.step) as usize].clone());
            return Ok(Bound::new(py, Arrivals { items: items.collect() })?.into_any());
        }
        let index: isize = place.extract()?;
        let index = if index < 0 { index + self.items.len() as isize } else { index };
        match usize::try_from(index).ok().and_then(|index| self.items.get(index)) {
            Some(arrival) => arrival.received(py),
            None => Err(PyIndexError::new_err("no such message")),
        }
    }

    /// Take in what was fetched (aiokafka's `ConsumerRecord`), in order; `parse` reads what is not plain.
    ///
    /// Gives how many are of each type, by its full name, and how many are invalid under None.
    fn receive<'py>(
        &mut self,
        py: Python<'py>,
        records: Vec<Bound<'py, PyAny>>,
        parse: &Bound<'py, PyAny>,
    ) -> PyResult<Vec<(Option<&'static str>, usize)>> {
        let mut counts: Vec<(Option<&'static str>, usize)> = Vec::new();
        self.items.reserve(records.len());
        for record in records {
            let headers = record.getattr(intern!(py, "headers"))?;
            let value = record.getattr(intern!(py, "value"))?;
            let parsed = match read_plain(&headers, &value)? {
                Some(event) => Parsed::Event(event, None),
                None => Parsed::in_python(parse.call1((&value, &headers))?)?,
            };
            let kind = match &parsed {
                Parsed::Event(event, _) => Some(event.data.type_name()),
                Parsed::Invalid(_) => None,
            };
            match counts.iter_mut().find(|(known, _)| *known == kind) {
                Some((_, count)) => *count += 1,
                None => counts.push((kind, 1)),
            }
            self.items.push(Arc::new(Arrival::taken(&record, parsed)?));
        }
        Ok(counts)
    }
}

fn read_plain(headers: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<Option<Event>> {
    let Ok(value) = value.cast::<PyBytes>() else { return Ok(None) };
    Ok(if is_usual(headers)? { plain::read(value.as_bytes()) } else { None })
}

/// As `schemas.headers.is_usual` has it.
fn is_usual(headers: &Bound<'_, PyAny>) -> PyResult<bool> {
    let Ok(headers) = headers.cast::<PyTuple>() else { return Ok(false) };
    match headers.len() {
        0 => Ok(true),
        1 => {
            let (name, value): (String, Option<Vec<u8>>) = headers.get_item(0)?.extract()?;
            Ok(name == "content-type" && value.as_deref() == Some(b"application/cloudevents+json"))
        }
        _ => Ok(false),
    }
}
