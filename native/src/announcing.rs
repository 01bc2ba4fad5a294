//! What is to be said, packed for the outbox: the twin of `projections.recorder.announcements`.

use crate::calendar::Rules;
use crate::event::{Event, Text};
use crate::fold::History;
use crate::msgpack::Writer;

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
