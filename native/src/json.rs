//! JSON that is plain: texts without escapes, control characters or bytes beyond ASCII, small whole numbers, no name
//! twice in an object.

const DIGITS_MAX: usize = 15;
const DEPTH_MAX: usize = 8;
const MEMBERS_MAX: usize = 64;
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
pub fn canonical(value: &Json, into: &mut Vec<u8>) {
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

/// The value that a text holds, None where it is not plain.
pub fn read(text: &[u8]) -> Option<Json<'_>> {
    let mut cursor = Cursor { text, at: 0 };
    let value = cursor.value(0)?;
    cursor.skip_blanks();
    (cursor.at == text.len()).then_some(value)
}
