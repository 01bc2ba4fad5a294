//! Rows as Postgres takes them by binary COPY: the twin of `projections.recorder.copying`.

use crate::calendar::ordinal_of;
use pyo3::exceptions::{PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDate, PyList, PyString, PyTuple};

const BEGIN: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
const END: &[u8] = b"\xff\xff";
const NULL: &[u8] = b"\xff\xff\xff\xff";
const POSTGRES_EPOCH_US: i64 = 946_684_800_000_000;
const TEXT_OID: u32 = 25;

/// Fields, one after the other, each with its length before it.
#[derive(Default)]
pub struct Fields(pub Vec<u8>);

impl Fields {
    fn fixed(&mut self, bytes: Option<&[u8]>) {
        match bytes {
            Some(bytes) => {
                self.0.extend((bytes.len() as u32).to_be_bytes());
                self.0.extend(bytes);
            }
            None => self.0.extend(NULL),
        }
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        self.fixed(Some(bytes));
    }

    pub fn optional_bytes(&mut self, bytes: Option<&[u8]>) {
        self.fixed(bytes);
    }

    pub fn text(&mut self, text: &str) {
        self.fixed(Some(text.as_bytes()));
    }

    pub fn optional_text(&mut self, text: Option<&str>) {
        self.fixed(text.map(str::as_bytes));
    }

    pub fn boolean(&mut self, value: Option<bool>) {
        self.fixed(value.map(|value| [u8::from(value)]).as_ref().map(|byte| &byte[..]));
    }

    pub fn smallint(&mut self, value: Option<i16>) {
        self.fixed(value.map(i16::to_be_bytes).as_ref().map(|bytes| &bytes[..]));
    }

    pub fn integer(&mut self, value: Option<i32>) {
        self.fixed(value.map(i32::to_be_bytes).as_ref().map(|bytes| &bytes[..]));
    }

    pub fn bigint(&mut self, value: Option<i64>) {
        self.fixed(value.map(i64::to_be_bytes).as_ref().map(|bytes| &bytes[..]));
    }

    /// Microseconds since 1970.
    pub fn instant(&mut self, value: Option<i64>) {
        self.bigint(value.map(|instant| instant - POSTGRES_EPOCH_US));
    }

    /// An ordinal.
    pub fn day(&mut self, value: Option<i32>) {
        self.integer(value.map(|ordinal| ordinal - ordinal_of(2000, 1, 1)));
    }

    pub fn texts<'a>(&mut self, texts: impl ExactSizeIterator<Item = &'a str>) {
        let start = self.0.len();
        let count = texts.len() as u32;
        self.0.extend([0; 4]);
        for number in [u32::from(count > 0), 0, TEXT_OID] {
            self.0.extend(number.to_be_bytes());
        }
        if count > 0 {
            self.0.extend(count.to_be_bytes());
            self.0.extend(1u32.to_be_bytes());
        }
        for text in texts {
            self.text(text);
        }
        let length = (self.0.len() - start - 4) as u32;
        self.0[start..start + 4].copy_from_slice(&length.to_be_bytes());
    }
}

/// What COPY takes for so many columns.
pub struct Rows {
    content: Fields,
    width: u16,
    pub count: usize,
}

impl Rows {
    pub fn new(width: u16) -> Self {
        Rows { content: Fields(BEGIN.to_vec()), width, count: 0 }
    }

    /// Begin a row: its fields are to be added to what is given.
    pub fn row(&mut self) -> &mut Fields {
        self.count += 1;
        self.content.0.extend(self.width.to_be_bytes());
        &mut self.content
    }

    /// All rows, None for none.
    pub fn finish<'py>(mut self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        if self.count == 0 {
            return None;
        }
        self.content.0.extend(END);
        Some(PyBytes::new(py, &self.content.0))
    }
}

/// Values of a row as COPY takes them, each of the kind that stands at its place in `kinds`.
#[pyfunction]
pub fn fields<'py>(py: Python<'py>, values: &Bound<'py, PyTuple>, kinds: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    if values.len() != kinds.len() {
        return Err(PyValueError::new_err("as many values as kinds are needed"));
    }
    let mut row = Fields::default();
    for (value, kind) in values.iter().zip(kinds) {
        add(&mut row, &value, *kind)?;
    }
    Ok(PyBytes::new(py, &row.0))
}

fn add(row: &mut Fields, value: &Bound<'_, PyAny>, kind: u8) -> PyResult<()> {
    if value.is_none() {
        row.fixed(None);
        return Ok(());
    }
    match kind {
        b't' => row.text(value.cast::<PyString>()?.to_str()?),
        b'h' => row.smallint(Some(whole(value)?)),
        b'i' => row.integer(Some(whole(value)?)),
        b'q' => row.bigint(Some(value.extract()?)),
        b'b' => row.bytes(value.cast::<PyBytes>()?.as_bytes()),
        b'd' => row.day(Some(value.cast::<PyDate>()?.call_method0("toordinal")?.extract()?)),
        b'u' => row.instant(Some(value.extract()?)),
        b'f' => row.boolean(Some(value.extract()?)),
        b'a' => {
            let texts: Vec<String> = value.cast::<PyList>()?.extract()?;
            row.texts(texts.iter().map(String::as_str));
        }
        b'p' => row.0.extend(value.cast::<PyBytes>()?.as_bytes()),
        _ => return Err(PyTypeError::new_err(format!("no field of kind {}", kind as char))),
    }
    Ok(())
}

fn whole<T: TryFrom<i64>>(value: &Bound<'_, PyAny>) -> PyResult<T> {
    let number: i64 = value.extract()?;
    T::try_from(number)
        .map_err(|_| PyOverflowError::new_err(format!("{number} needs more bytes than its column has")))
}
