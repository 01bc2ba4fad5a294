//! Tokens: read, folded, and packed as rows, with what is to be said of them.

use super::{names, Bytes, Draft, Name, Names, Notice, Reading};
use crate::announcing::expiring;
use crate::copying::Rows;
use crate::event::Text;
use crate::facts::TokenFacts;
use crate::fold::{fold, EXPIRED};
use crate::maps::HashMap;
use crate::rows::{add_token, Kept, Packed, Stored, NO_SPANS, SPAN_COLUMNS, TOKEN_COLUMNS};
use crate::workspace::{carry_out, Keys};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

#[pymethods]
impl Draft {
    fn touched<'py>(&self, py: Python<'py>) -> Vec<Bound<'py, PyString>> {
        let mut serials: Vec<&Text> = self.workspace.touched.keys().collect();
        serials.sort_unstable();
        serials.into_iter().map(|serial| PyString::new(py, serial)).collect()
    }

    fn read(&mut self, serials: Vec<String>, rows: Vec<Bound<'_, PyAny>>) -> PyResult<Names> {
        let mut stored: HashMap<String, Stored> = HashMap::default();
        stored.reserve(rows.len());
        for row in rows {
            stored.insert(row.get_item(0)?.extract()?, stored_of(&row)?);
        }
        let mut needed = Keys::default();
        for serial in serials {
            let before = stored.remove(&serial);
            let mut facts = match &before {
                Some(before) => TokenFacts::unpack(&before.facts)?,
                None => TokenFacts::default(),
            };
            let changes = self.workspace.touched.get(serial.as_str()).map_or(&[][..], |token| &token.changes);
            carry_out(&mut facts, changes);
            let packed = match &before {
                Some(before) if changes.is_empty() => before.facts.clone(),
                _ => facts.pack(),
            };
            needed.needed_by(&facts);
            self.readings.push_back(Reading { serial: serial.into(), before, facts, packed });
        }
        self.needed = self.workspace.lacks(needed);
        Ok(names(&self.needed))
    }

    #[allow(clippy::type_complexity)]
    fn fold<'py>(
        &mut self,
        py: Python<'py>,
        tokens: usize,
        now: i64,
    ) -> PyResult<Option<(usize, Bytes<'py>, Vec<Name>, Bytes<'py>, Vec<Name>, Vec<Notice>)>> {
        if self.readings.is_empty() {
            return Ok(None);
        }
        let rules = &mut *self.rules.borrow_mut(py);
        let (mut written, mut replaced) = (Rows::new(TOKEN_COLUMNS), Vec::new());
        let (mut span_rows, mut spans_replaced) = (Rows::new(SPAN_COLUMNS), Vec::new());
        let mut notices = Vec::new();
        let mut rows = Packed::default();
        let count = tokens.min(self.readings.len());
        for Reading { serial, before, facts, packed } in self.readings.drain(..count) {
            let history = fold(&facts, &self.workspace, &mut rules.calendar, py)?;
            let digest = rows.pack(&serial, &history);
            self.naming.add(&history, &rules.seen);
            let cause = self.workspace.touched.get(&serial);
            let cause = cause.map(|token| self.intake.arrivals[token.cause].event());
            let (announced, sequence) = before.as_ref().map_or((None, 0), |row| (row.announced, row.sequence));
            let (announced, is_said) =
                self.announcements.status_changed(&serial, &history, announced, sequence, cause, now, rules);
            let (days_left, due_at) = history.due(now, &rules.notice_days, &mut rules.calendar, py)?;
            if let Some(days_left) = days_left {
                let expires_at = history.stages[EXPIRED].expect("what is due to expire has an end");
                let notice = (serial.to_string(), expires_at, days_left);
                self.notices.insert(notice.clone(), expiring(&serial, &history, expires_at, days_left, now));
                notices.push(notice);
            }
            let kept = Kept {
                announced,
                sequence: sequence + i32::from(is_said),
                due_at,
                fold_version: self.fold_version,
                facts: &packed,
            };
            if let Some(before) = &before {
                if !before.is_replaced_by(&kept, &digest, now) {
                    continue;
                }
                replaced.push(Name(serial.clone()));
            }
            add_token(&serial, &rows, &kept, &digest, &mut written);
            let spans_before = before.as_ref().map_or(&NO_SPANS[..], |before| before.spans_digest());
            if !rows.add_spans(spans_before, &mut span_rows) {
                spans_replaced.push(Name(serial.clone()));
            }
        }
        let count = written.count;
        Ok(Some((count, written.finish(py), replaced, span_rows.finish(py), spans_replaced, notices)))
    }

    #[allow(clippy::type_complexity)]
    fn owners_and_places(
        &mut self,
    ) -> (Vec<Name>, Vec<Option<Name>>, Vec<Name>, Vec<Option<Name>>, Vec<Option<Name>>) {
        let mut owners = std::mem::take(&mut self.naming.owners);
        let mut places = std::mem::take(&mut self.naming.places);
        owners.sort_unstable();
        places.sort_unstable();
        let name = |text: &Text| Name(text.clone());
        let optional = |text: &Option<Text>| text.as_ref().map(name);
        (
            owners.iter().map(|(org_id, _)| name(org_id)).collect(),
            owners.iter().map(|(_, org_name)| optional(org_name)).collect(),
            places.iter().map(|(station, ..)| name(station)).collect(),
            places.iter().map(|(_, station_name, _)| optional(station_name)).collect(),
            places.iter().map(|(.., evse_id)| optional(evse_id)).collect(),
        )
    }

    fn committed(&mut self, py: Python<'_>) {
        self.rules.borrow_mut(py).seen.add(&self.naming);
    }

    fn notify(&mut self, notices: Vec<Notice>) {
        for notice in notices {
            self.announcements.add(&self.notices[&notice]);
        }
    }

    fn announced<'py>(&self, py: Python<'py>) -> (usize, Bytes<'py>) {
        (self.announcements.count, self.announcements.packed().map(|packed| PyBytes::new(py, &packed)))
    }
}

/// Of a row of token_serial, announced, sequence, due_at, fold_version, facts and digest.
fn stored_of(row: &Bound<'_, PyAny>) -> PyResult<Stored> {
    Ok(Stored {
        announced: row.get_item(1)?.extract()?,
        sequence: row.get_item(2)?.extract()?,
        due_at: row.get_item(3)?.extract()?,
        fold_version: row.get_item(4)?.extract()?,
        facts: row.get_item(5)?.cast::<PyBytes>()?.as_bytes().to_vec(),
        digest: row.get_item(6)?.cast::<PyBytes>()?.as_bytes().to_vec(),
    })
}
