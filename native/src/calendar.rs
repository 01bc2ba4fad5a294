//! Instants to local dates and back: what `lifecycle.calendar` says, asked once for each day and remembered.

use pyo3::prelude::*;
use pyo3::types::PyDate;

pub const DAY_US: i64 = 86_400_000_000;
pub const EPOCH_ORDINAL: i32 = 719_163;
/// 1999-01-01, and some 270 years: all that events, terms and their notices reach.
const FIRST_ORDINAL: i32 = 729_755;
const DAYS: usize = 100_000;
const NOT_ASKED: i64 = i64::MIN;
const CHANGES_WITHIN_THE_DAY: i64 = i64::MAX;

pub struct Calendar {
    asked: Py<PyAny>,
    midnights: Vec<i64>,
    offsets: Vec<i64>,
}

impl Calendar {
    pub fn new(asked: Py<PyAny>) -> Self {
        Calendar { asked, midnights: vec![NOT_ASKED; DAYS], offsets: vec![NOT_ASKED; DAYS] }
    }

    /// The first instant of a local date.
    pub fn midnight(&mut self, py: Python<'_>, ordinal: i32) -> PyResult<i64> {
        let place = place_of(ordinal);
        if let Some(place) = place {
            if self.midnights[place] != NOT_ASKED {
                return Ok(self.midnights[place]);
            }
        }
        let date = date_of(py, ordinal)?;
        let midnight: i64 = self.asked.call_method1(py, "midnight", (date,))?.extract(py)?;
        if let Some(place) = place {
            self.midnights[place] = midnight;
        }
        Ok(midnight)
    }

    /// The date on a local wall calendar at an instant.
    pub fn local_date(&mut self, py: Python<'_>, instant: i64) -> PyResult<i32> {
        let day = instant.div_euclid(DAY_US);
        let Some(place) = i32::try_from(day).ok().and_then(|day| place_of(day + EPOCH_ORDINAL)) else {
            return self.asked_date(py, instant);
        };
        if self.offsets[place] == NOT_ASKED {
            let offset: Option<i64> = self.asked.call_method1(py, "offset_through", (day,))?.extract(py)?;
            self.offsets[place] = offset.unwrap_or(CHANGES_WITHIN_THE_DAY);
        }
        match self.offsets[place] {
            CHANGES_WITHIN_THE_DAY => self.asked_date(py, instant),
            offset => Ok((instant + offset).div_euclid(DAY_US) as i32 + EPOCH_ORDINAL),
        }
    }

    fn asked_date(&self, py: Python<'_>, instant: i64) -> PyResult<i32> {
        let date = self.asked.call_method1(py, "local_date", (instant,))?;
        date.call_method0(py, "toordinal")?.extract(py)
    }
}

fn place_of(ordinal: i32) -> Option<usize> {
    usize::try_from(ordinal - FIRST_ORDINAL).ok().filter(|place| *place < DAYS)
}

pub fn date_of(py: Python<'_>, ordinal: i32) -> PyResult<Bound<'_, PyDate>> {
    let (year, month, day) = civil(ordinal);
    PyDate::new(py, year, month as u8, day as u8)
}

/// Year, month and day of an ordinal, in the Gregorian calendar.
pub fn civil(ordinal: i32) -> (i32, i32, i32) {
    // Counted from 1 March of the year 0, so that a leap day ends a year.
    let days = ordinal + 305;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i32::from(month <= 2), month, day)
}

pub fn ordinal_of(year: i32, month: i32, day: i32) -> i32 {
    let shifted_year = if month <= 2 { year - 1 } else { year };
    let era = shifted_year.div_euclid(400);
    let of_era = shifted_year.rem_euclid(400);
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 305
}

pub fn days_of_month(year: i32, month: i32) -> i32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// A date some years on, in one step; 29 February becomes the 28th where that year has none.
pub fn plus_years(ordinal: i32, years: i64) -> i32 {
    let (year, month, day) = civil(ordinal);
    let year = year + years as i32;
    ordinal_of(year, month, day.min(days_of_month(year, month)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinals_are_those_of_python() {
        assert_eq!(ordinal_of(1970, 1, 1), EPOCH_ORDINAL);
        assert_eq!(ordinal_of(1, 1, 1), 1);
        for ordinal in 1..200_000 {
            let (year, month, day) = civil(ordinal + 600_000);
            assert_eq!(ordinal_of(year, month, day), ordinal + 600_000);
        }
    }
}
