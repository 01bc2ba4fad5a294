//! MessagePack as msgspec writes it, each value in its shortest form, and what is needed to read it back.

use crate::event::{Hash, Text};
use pyo3::exceptions::PyValueError;
use pyo3::PyErr;

#[derive(Default)]
pub struct Writer(pub Vec<u8>);

impl Writer {
    fn sized(&mut self, length: usize, few: Option<(u8, usize)>, one: Option<u8>, two: u8, four: u8) {
        match (few, one) {
            (Some((code, most)), _) if length <= most => self.0.push(code | length as u8),
            (_, Some(code)) if length < 1 << 8 => self.0.extend([code, length as u8]),
            _ if length < 1 << 16 => {
                self.0.push(two);
                self.0.extend((length as u16).to_be_bytes());
            }
            _ => {
                self.0.push(four);
                self.0.extend((length as u32).to_be_bytes());
            }
        }
    }

    pub fn array(&mut self, length: usize) {
        self.sized(length, Some((0x90, 15)), None, 0xdc, 0xdd);
    }

    pub fn map(&mut self, length: usize) {
        self.sized(length, Some((0x80, 15)), None, 0xde, 0xdf);
    }

    pub fn text(&mut self, text: &str) {
        self.sized(text.len(), Some((0xa0, 31)), Some(0xd9), 0xda, 0xdb);
        self.0.extend(text.as_bytes());
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        self.sized(bytes.len(), None, Some(0xc4), 0xc5, 0xc6);
        self.0.extend(bytes);
    }

    pub fn nil(&mut self) {
        self.0.push(0xc0);
    }

    pub fn boolean(&mut self, value: bool) {
        self.0.push(0xc2 | value as u8);
    }

    pub fn int(&mut self, value: i64) {
        match value {
            0..=0x7f => self.0.push(value as u8),
            0x80..=0xff => self.0.extend([0xcc, value as u8]),
            0x100..=0xffff => {
                self.0.push(0xcd);
                self.0.extend((value as u16).to_be_bytes());
            }
            0x1_0000..=0xffff_ffff => {
                self.0.push(0xce);
                self.0.extend((value as u32).to_be_bytes());
            }
            0x1_0000_0000.. => {
                self.0.push(0xcf);
                self.0.extend((value as u64).to_be_bytes());
            }
            -0x20..=-1 => self.0.push(value as i8 as u8),
            -0x80..=-0x21 => self.0.extend([0xd0, value as i8 as u8]),
            -0x8000..=-0x81 => {
                self.0.push(0xd1);
                self.0.extend((value as i16).to_be_bytes());
            }
            -0x8000_0000..=-0x8001 => {
                self.0.push(0xd2);
                self.0.extend((value as i32).to_be_bytes());
            }
            _ => {
                self.0.push(0xd3);
                self.0.extend(value.to_be_bytes());
            }
        }
    }

    pub fn optional_text(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.text(text),
            None => self.nil(),
        }
    }

    pub fn optional_int(&mut self, value: Option<i64>) {
        match value {
            Some(value) => self.int(value),
            None => self.nil(),
        }
    }
}

pub struct Unreadable(&'static str);

impl From<Unreadable> for PyErr {
    fn from(error: Unreadable) -> PyErr {
        PyValueError::new_err(format!("facts are not as they were packed: {}", error.0))
    }
}

pub type Read<T> = Result<T, Unreadable>;

pub struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Reader { bytes }
    }

    fn take(&mut self, count: usize) -> Read<&'a [u8]> {
        if self.bytes.len() < count {
            return Err(Unreadable("they end early"));
        }
        let (taken, rest) = self.bytes.split_at(count);
        self.bytes = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Read<u8> {
        Ok(self.take(1)?[0])
    }

    fn number(&mut self, width: usize) -> Read<u64> {
        Ok(self.take(width)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    pub fn array(&mut self) -> Read<usize> {
        match self.byte()? {
            code @ 0x90..=0x9f => Ok((code & 0x0f) as usize),
            0xdc => Ok(self.number(2)? as usize),
            0xdd => Ok(self.number(4)? as usize),
            _ => Err(Unreadable("no array")),
        }
    }

    pub fn map(&mut self) -> Read<usize> {
        match self.byte()? {
            code @ 0x80..=0x8f => Ok((code & 0x0f) as usize),
            0xde => Ok(self.number(2)? as usize),
            0xdf => Ok(self.number(4)? as usize),
            _ => Err(Unreadable("no map")),
        }
    }

    pub fn optional_text(&mut self) -> Read<Option<Text>> {
        let length = match self.byte()? {
            0xc0 => return Ok(None),
            code @ 0xa0..=0xbf => (code & 0x1f) as usize,
            0xd9 => self.number(1)? as usize,
            0xda => self.number(2)? as usize,
            0xdb => self.number(4)? as usize,
            _ => return Err(Unreadable("no text")),
        };
        match std::str::from_utf8(self.take(length)?) {
            Ok(text) => Ok(Some(text.into())),
            Err(_) => Err(Unreadable("no UTF-8")),
        }
    }

    pub fn text(&mut self) -> Read<Text> {
        self.optional_text()?.ok_or(Unreadable("no text"))
    }

    pub fn hash(&mut self) -> Read<Hash> {
        let length = match self.byte()? {
            0xc4 => self.number(1)? as usize,
            0xc5 => self.number(2)? as usize,
            0xc6 => self.number(4)? as usize,
            _ => return Err(Unreadable("no bytes")),
        };
        self.take(length)?.try_into().map_err(|_| Unreadable("no hash"))
    }

    pub fn boolean(&mut self) -> Read<bool> {
        match self.byte()? {
            0xc2 => Ok(false),
            0xc3 => Ok(true),
            _ => Err(Unreadable("neither true nor false")),
        }
    }

    pub fn optional_int(&mut self) -> Read<Option<i64>> {
        Ok(Some(match self.byte()? {
            0xc0 => return Ok(None),
            code @ 0x00..=0x7f => i64::from(code),
            code @ 0xe0..=0xff => i64::from(code as i8),
            0xcc => self.number(1)? as i64,
            0xcd => self.number(2)? as i64,
            0xce => self.number(4)? as i64,
            0xcf => i64::try_from(self.number(8)?).map_err(|_| Unreadable("too large a number"))?,
            0xd0 => i64::from(self.number(1)? as i8),
            0xd1 => i64::from(self.number(2)? as i16),
            0xd2 => i64::from(self.number(4)? as i32),
            0xd3 => self.number(8)? as i64,
            _ => return Err(Unreadable("no number")),
        }))
    }

    pub fn int(&mut self) -> Read<i64> {
        self.optional_int()?.ok_or(Unreadable("no number"))
    }
}
