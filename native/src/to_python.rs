//! Plain events as Python has them: the fields of `schemas.envelope.Event`, with a model of `schemas.events`.

use crate::calendar::date_of;
use crate::event::{Data, Event, Order, OrderLine, ShipmentLine, Shipped, Text};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PySet, PyTuple};
use pyo3::IntoPyObjectExt;

static MODELS: PyOnceLock<Py<PyModule>> = PyOnceLock::new();

type Fields<'py> = Vec<(&'static str, Bound<'py, PyAny>)>;

struct Maker<'py> {
    py: Python<'py>,
    models: Bound<'py, PyModule>,
}

impl<'py> Maker<'py> {
    fn new(py: Python<'py>) -> PyResult<Self> {
        let models = MODELS.get_or_try_init(py, || Ok::<_, PyErr>(py.import("schemas.events")?.unbind()))?;
        Ok(Maker { py, models: models.bind(py).clone() })
    }

    /// What pydantic makes of values that it has validated.
    fn model(&self, name: &str, fields: Fields<'py>) -> PyResult<Bound<'py, PyAny>> {
        let class = self.models.getattr(name)?;
        let object = self.py.import("builtins")?.getattr("object")?;
        let model = object.call_method1("__new__", (&class,))?;
        let (values, present) = (PyDict::new(self.py), PySet::empty(self.py)?);
        for (name, value) in fields {
            values.set_item(name, value)?;
            present.add(name)?;
        }
        let set = object.getattr("__setattr__")?;
        set.call1((&model, "__dict__", values))?;
        set.call1((&model, "__pydantic_fields_set__", present))?;
        set.call1((&model, "__pydantic_extra__", self.py.None()))?;
        set.call1((&model, "__pydantic_private__", self.py.None()))?;
        Ok(model)
    }

    fn value<T: IntoPyObject<'py>>(&self, value: T) -> PyResult<Bound<'py, PyAny>> {
        value.into_bound_py_any(self.py)
    }

    fn text(&self, text: &Text) -> PyResult<Bound<'py, PyAny>> {
        self.value(&**text)
    }

    fn optional(&self, text: &Option<Text>) -> PyResult<Bound<'py, PyAny>> {
        self.value(text.as_deref())
    }

    fn texts(&self, texts: &[Text]) -> PyResult<Bound<'py, PyAny>> {
        Ok(PyTuple::new(self.py, texts.iter().map(|text| &**text))?.into_any())
    }

    fn date(&self, ordinal: i32) -> PyResult<Bound<'py, PyAny>> {
        Ok(date_of(self.py, ordinal)?.into_any())
    }

    fn data(&self, data: &Data) -> PyResult<Bound<'py, PyAny>> {
        match data {
            Data::Activated { station, activated_at, serial } => self.model(
                "StationActivated",
                vec![
                    ("station_serial", self.text(station)?),
                    ("activated_at", self.value(activated_at)?),
                    ("token_serial", self.optional(serial)?),
                ],
            ),
            Data::Applied { serial, station, station_name, evse_id, applied_at, starts_at } => self.model(
                "TokenApplied",
                vec![
                    ("token_serial", self.text(serial)?),
                    ("station_serial", self.text(station)?),
                    ("station_name", self.optional(station_name)?),
                    ("evse_id", self.optional(evse_id)?),
                    ("applied_at", self.value(applied_at)?),
                    ("starts_at", self.value(starts_at)?),
                ],
            ),
            Data::Unapplied { serial, unapplied_at, station } => self.model(
                "TokenUnapplied",
                vec![
                    ("token_serial", self.text(serial)?),
                    ("unapplied_at", self.value(unapplied_at)?),
                    ("station_serial", self.optional(station)?),
                ],
            ),
            Data::Transferred { serials, from_org_id, to_org_id, to_org_name, transferred_at } => self.model(
                "TokenTransferred",
                vec![
                    ("token_serials", self.texts(serials)?),
                    ("from_org_id", self.text(from_org_id)?),
                    ("to_org_id", self.text(to_org_id)?),
                    ("to_org_name", self.text(to_org_name)?),
                    ("transferred_at", self.value(transferred_at)?),
                ],
            ),
            Data::Returned { serials, returned_at, reason } => self.model(
                "TokenReturned",
                vec![
                    ("token_serials", self.texts(serials)?),
                    ("returned_at", self.value(returned_at)?),
                    ("reason", self.optional(reason)?),
                ],
            ),
            Data::Placed(order) => self.order(order),
            Data::Shipped(shipped) => self.shipped(shipped),
            Data::Retracted { .. } => panic!("a retraction is not plain"),
        }
    }

    fn order(&self, order: &Order) -> PyResult<Bound<'py, PyAny>> {
        let lines = order.lines.iter().map(|line| self.order_line(line)).collect::<PyResult<Vec<_>>>()?;
        self.model(
            "OrderPlaced",
            vec![
                ("sales_order", self.text(&order.sales_order)?),
                ("revision", self.value(order.revision)?),
                ("purchase_order", self.optional(&order.purchase_order)?),
                ("customer_reference", self.optional(&order.customer_reference)?),
                ("customer_id", self.text(&order.customer_id)?),
                ("customer_name", self.text(&order.customer_name)?),
                ("org_id", self.text(&order.org_id)?),
                ("org_name", self.text(&order.org_name)?),
                ("order_date", self.date(order.order_date)?),
                ("lines", PyTuple::new(self.py, lines)?.into_any()),
            ],
        )
    }

    fn order_line(&self, line: &OrderLine) -> PyResult<Bound<'py, PyAny>> {
        self.model(
            "OrderPlacedLine",
            vec![
                ("line", self.text(&line.line)?),
                ("part_number", self.text(&line.part_number)?),
                ("cloud_plan", self.text(&line.cloud_plan)?),
                ("description", self.optional(&line.description)?),
                ("term_years", self.value(line.term_years)?),
                ("token_type", self.text(&line.token_type)?),
                ("quantity", self.value(line.quantity)?),
                ("cancelled", self.value(line.cancelled)?),
                ("token_serials", self.texts(&line.serials)?),
            ],
        )
    }

    fn shipped(&self, shipped: &Shipped) -> PyResult<Bound<'py, PyAny>> {
        let line = |line: &ShipmentLine| {
            self.model(
                "OrderShippedLine",
                vec![
                    ("sales_order", self.text(&line.sales_order)?),
                    ("line", self.text(&line.line)?),
                    ("token_serials", self.texts(&line.serials)?),
                ],
            )
        };
        let lines = shipped.lines.iter().map(line).collect::<PyResult<Vec<_>>>()?;
        self.model(
            "OrderShipped",
            vec![
                ("shipment", self.text(&shipped.shipment)?),
                ("revision", self.value(shipped.revision)?),
                ("ship_date", self.date(shipped.ship_date)?),
                ("lines", PyTuple::new(self.py, lines)?.into_any()),
            ],
        )
    }
}

/// Source, id, type, time, data, identity and content of a plain event; None for what is not plain.
#[pyfunction]
pub fn read_plain<'py>(py: Python<'py>, value: &[u8]) -> PyResult<Option<Bound<'py, PyTuple>>> {
    let Some(event) = crate::plain::read(value) else { return Ok(None) };
    let Event { source, id, time, data, identity, content } = &event;
    let model = Maker::new(py)?.data(data)?;
    let (identity, content) = (PyBytes::new(py, identity), PyBytes::new(py, content));
    (&**source, &**id, data.type_name(), time, model, identity, content).into_pyobject(py).map(Some)
}
