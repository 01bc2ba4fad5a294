//! A draft of what a batch changes, in memory: the twin of `projections.recorder.draft.Draft`, which says what each
//! method is for. Whoever holds it asks Postgres what it wants to know, and stores what it gives.

mod documents;
mod journal;
mod subjects;
mod tokens;

use crate::announcing::Announcements;
use crate::event::{Event, Hash, Text};
use crate::facts::TokenFacts;
use crate::intake::Intake;
use crate::maps::{HashMap, HashSet};
use crate::naming::Naming;
use crate::rows::Stored;
use crate::rules::Rules;
use crate::workspace::{Keys, Workspace};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use std::collections::VecDeque;
use std::sync::Arc;

struct Reading {
    serial: Text,
    before: Option<Stored>,
    facts: TokenFacts,
    packed: Vec<u8>,
}

type Names = (Vec<Name>, Vec<Name>, Vec<Name>);

/// A text on its way to Python.
struct Name(Text);

impl<'py> IntoPyObject<'py> for Name {
    type Target = PyString;
    type Output = Bound<'py, PyString>;
    type Error = std::convert::Infallible;

    fn into_pyobject(self, py: Python<'py>) -> Result<Self::Output, Self::Error> {
        Ok(PyString::new(py, &self.0))
    }
}

fn names(keys: &Keys) -> Names {
    let listed = |keys: &HashSet<Text>| keys.iter().cloned().map(Name).collect();
    (listed(&keys.lines), listed(&keys.shipments), listed(&keys.stations))
}

fn py_hash<'py>(py: Python<'py>, hash: &Hash) -> Bound<'py, PyBytes> {
    PyBytes::new(py, hash)
}

type Bytes<'py> = Option<Bound<'py, PyBytes>>;
/// Serial, the term's end, days left.
type Notice = (String, i64, i32);

#[pyclass]
pub struct Draft {
    rules: Py<Rules>,
    fold_version: i32,
    intake: Intake,
    places: Vec<(i64, i32)>,
    workspace: Workspace,
    needed: Keys,
    readings: VecDeque<Reading>,
    announcements: Announcements,
    notices: HashMap<Notice, Vec<u8>>,
    recalled: HashMap<Hash, Arc<Event>>,
    naming: Naming,
}

#[pymethods]
impl Draft {
    #[new]
    fn new(rules: Py<Rules>, fold_version: i32) -> Self {
        Draft {
            rules,
            fold_version,
            intake: Intake::default(),
            places: Vec::new(),
            workspace: Workspace::default(),
            needed: Keys::default(),
            readings: VecDeque::new(),
            announcements: Announcements::default(),
            notices: HashMap::default(),
            recalled: HashMap::default(),
            naming: Naming::default(),
        }
    }
}
