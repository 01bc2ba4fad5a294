//! A token's history as rows of `tokens` and `spans`: the twin of `projections.recorder.tokens`.

use crate::copying::{Fields, Rows};
use crate::event::Text;
use crate::fold::{History, Span};

pub const TOKEN_COLUMNS: u16 = 34;
pub const SPAN_COLUMNS: u16 = 9;
const HALF: usize = 8;
pub const NO_SPANS: [u8; HALF] = [0; HALF];
const SPANS_BEHIND: usize = 2;

/// Of a row's cells (8 bytes) and of its earlier spans (8).
pub type Digest = [u8; 2 * HALF];

/// What is read of a row before it is folded anew.
pub struct Stored {
    pub announced: Option<i16>,
    pub sequence: i32,
    pub due_at: Option<i64>,
    pub fold_version: i32,
    pub facts: Vec<u8>,
    pub digest: Vec<u8>,
}

/// What a row keeps beside its cells.
pub struct Kept<'a> {
    pub announced: Option<i16>,
    pub sequence: i32,
    pub due_at: Option<i64>,
    pub fold_version: i32,
    pub facts: &'a [u8],
}

impl Stored {
    /// Whether a row came out as it is stored; when it is due follows from the rest, and from the clock.
    fn equals(&self, kept: &Kept, digest: &Digest) -> bool {
        self.digest == digest
            && self.facts == kept.facts
            && self.announced == kept.announced
            && self.sequence == kept.sequence
            && self.fold_version == kept.fold_version
    }

    /// Whether it is to be written: not where it is what is stored already. A row that was due is written all the
    /// same, so that it is due no longer; and one that the clock would look at too late.
    pub fn is_replaced_by(&self, kept: &Kept, digest: &Digest, now: i64) -> bool {
        let was_due = self.due_at.is_some_and(|due_at| due_at <= now);
        let is_late = kept.due_at.is_some_and(|due_at| now < due_at && due_at < self.due_at.unwrap_or(i64::MAX));
        !self.equals(kept, digest) || was_due || is_late
    }

    pub fn spans_digest(&self) -> &[u8] {
        &self.digest[HALF..]
    }
}

/// A row's cells and earlier spans, packed.
#[derive(Default)]
pub struct Packed {
    cells: Fields,
    spans: Fields,
    /// Where each of the spans ends.
    ends: Vec<usize>,
}

impl Packed {
    /// Pack the rows of a history; gives the digest of the cells and of the earlier spans.
    pub fn pack(&mut self, serial: &str, history: &History) -> Digest {
        self.cells.0.clear();
        self.spans.0.clear();
        self.ends.clear();
        plan_cells(history, &mut self.cells);
        let empty = Span { starts_at: 0, owner: None, place: None };
        let last = history.spans.last();
        span_cells(last.unwrap_or(&empty), &mut self.cells);
        self.cells.instant(last.map(|span| span.starts_at));
        self.cells.day(history.activation_date);
        self.cells.day(history.expiration_date);
        for instant in history.stages {
            self.cells.instant(instant);
        }
        self.cells.texts(history.anomalies.iter().copied());
        for (span, following) in history.spans.iter().zip(history.spans.iter().skip(1)) {
            pack_span(serial, span, following.starts_at, &mut self.spans);
            self.ends.push(self.spans.0.len());
        }
        let mut digest = [0; 2 * HALF];
        digest[..HALF].copy_from_slice(&hash(&self.cells.0));
        digest[HALF..].copy_from_slice(&self.digest_of_first(self.ends.len()));
        digest
    }

    /// The digest of the first so many of the earlier spans.
    fn digest_of_first(&self, count: usize) -> [u8; HALF] {
        match count {
            0 => NO_SPANS,
            count => hash(&self.spans.0[..self.ends[count - 1]]),
        }
    }

    /// Add the earlier spans that are not stored yet, of which there is a digest; false where those that are stored do
    /// not begin the new ones, and all are added.
    pub fn add_spans(&self, stored: &[u8], rows: &mut Rows) -> bool {
        let count = self.ends.len();
        // Nearly always one has come behind those that are stored.
        let known = (count.saturating_sub(SPANS_BEHIND)..=count)
            .rev()
            .find(|&count| self.digest_of_first(count) == stored);
        for index in known.unwrap_or(0)..count {
            let start = if index == 0 { 0 } else { self.ends[index - 1] };
            rows.row().0.extend(&self.spans.0[start..self.ends[index]]);
        }
        known.is_some() || stored == NO_SPANS
    }
}

/// A whole row.
pub fn add_token(serial: &str, packed: &Packed, kept: &Kept, digest: &Digest, rows: &mut Rows) {
    let row = rows.row();
    row.text(serial);
    row.0.extend(&packed.cells.0);
    row.smallint(kept.announced);
    row.integer(Some(kept.sequence));
    row.instant(kept.due_at);
    row.integer(Some(kept.fold_version));
    row.bytes(kept.facts);
    row.bytes(digest);
}

fn plan_cells(history: &History, cells: &mut Fields) {
    let version = history.version;
    let text = |cells: &mut Fields, text: Option<&Text>| cells.optional_text(text.map(|text| &**text));
    text(cells, version.map(|version| &version.part_number));
    text(cells, version.map(|version| &version.cloud_plan));
    text(cells, version.and_then(|version| version.description.as_ref()));
    cells.smallint(version.map(|version| version.term_years as i16));
    text(cells, version.map(|version| &version.token_type));
    text(cells, version.and_then(|version| version.purchase_order.as_ref()));
    cells.optional_text(history.line.and_then(|line| line.split('\x1f').next()));
    text(cells, version.and_then(|version| version.customer_reference.as_ref()));
    text(cells, version.map(|version| &version.customer_name));
    text(cells, version.map(|version| &version.customer_id));
    cells.day(version.map(|version| version.order_date));
    cells.day(history.shipment.map(|shipment| shipment.ship_date));
}

fn span_cells(span: &Span, cells: &mut Fields) {
    let (owner, place) = (span.owner, span.place);
    cells.optional_text(owner.map(|(org_id, _)| &**org_id));
    cells.optional_text(owner.and_then(|(_, org_name)| org_name.map(|name| &**name)));
    cells.optional_text(place.and_then(|place| place.evse_id.map(|evse_id| &**evse_id)));
    cells.optional_text(place.map(|place| &**place.station));
    cells.optional_text(place.and_then(|place| place.station_name.map(|name| &**name)));
    cells.day(place.map(|place| place.applied_date));
}

fn pack_span(serial: &str, span: &Span, ends_at: i64, row: &mut Fields) {
    row.text(serial);
    row.instant(Some(span.starts_at));
    row.instant(Some(ends_at));
    span_cells(span, row);
}

fn hash(packed: &[u8]) -> [u8; HALF] {
    let hash = blake2b_simd::Params::new().hash_length(HALF).hash(packed);
    hash.as_bytes().try_into().expect("8 bytes")
}
