//! What drafts have in common, as long as a connection lasts.

use crate::calendar::Calendar;
use crate::naming::Seen;
use pyo3::prelude::*;

/// What is decided elsewhere, once for all batches: the calendar, and the tables of stages and notices.
#[pyclass]
pub struct Rules {
    pub calendar: Calendar,
    /// The status of each stage as it is numbered for announcements, None for the one that leaves the report.
    pub status_of_stage: Vec<Option<i16>>,
    pub status_names: Vec<String>,
    pub notice_days: Vec<i32>,
    pub seen: Seen,
}

#[pymethods]
impl Rules {
    /// `calendar` is a `lifecycle.calendar.Calendar`; `notice_days` go down.
    #[new]
    fn new(
        calendar: Py<PyAny>,
        status_of_stage: Vec<Option<i16>>,
        status_names: Vec<String>,
        notice_days: Vec<i32>,
    ) -> Self {
        Rules {
            calendar: Calendar::new(calendar),
            status_of_stage,
            status_names,
            notice_days,
            seen: Seen::default(),
        }
    }
}
