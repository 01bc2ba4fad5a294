//! Events that were read in Python, since something about them is out of the ordinary.

use crate::event::{Data, Event, Hash, Order, OrderLine, ShipmentLine, Shipped, Text};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

struct Model<'py>(Bound<'py, PyAny>);

impl<'py> Model<'py> {
    fn get<T>(&self, name: &str) -> PyResult<T>
    where
        T: for<'a> FromPyObject<'a, 'py>,
        for<'a> <T as FromPyObject<'a, 'py>>::Error: Into<PyErr>,
    {
        self.0.getattr(name)?.extract().map_err(Into::into)
    }

    fn text(&self, name: &str) -> PyResult<Text> {
        Ok(self.get::<String>(name)?.into())
    }

    fn optional_text(&self, name: &str) -> PyResult<Option<Text>> {
        Ok(self.get::<Option<String>>(name)?.map(Text::from))
    }

    fn texts(&self, name: &str) -> PyResult<Vec<Text>> {
        Ok(self.get::<Vec<String>>(name)?.into_iter().map(Text::from).collect())
    }

    fn ordinal(&self, name: &str) -> PyResult<i32> {
        self.0.getattr(name)?.call_method0("toordinal")?.extract()
    }

    fn hash(&self, name: &str) -> PyResult<Hash> {
        hash_of(&self.0.getattr(name)?)
    }

    fn models(&self, name: &str) -> PyResult<Vec<Model<'py>>> {
        self.0.getattr(name)?.try_iter()?.map(|each| Ok(Model(each?))).collect()
    }
}

/// The 16 bytes of a hash.
pub fn hash_of(bytes: &Bound<'_, PyAny>) -> PyResult<Hash> {
    bytes
        .cast::<PyBytes>()
        .ok()
        .and_then(|bytes| bytes.as_bytes().try_into().ok())
        .ok_or_else(|| PyTypeError::new_err("a hash has 16 bytes"))
}

/// The same event as `schemas.envelope.Event`.
pub fn event(given: &Bound<'_, PyAny>) -> PyResult<Event> {
    let event = Model(given.clone());
    let data = Model(given.getattr("data")?);
    let kind = data.0.get_type().name()?;
    let data = match kind.to_str()? {
        "OrderPlaced" => Data::Placed(order(&data)?),
        "OrderShipped" => Data::Shipped(shipped(&data)?),
        "TokenReturned" => Data::Returned {
            serials: data.texts("token_serials")?,
            returned_at: data.get("returned_at")?,
            reason: data.optional_text("reason")?,
        },
        "TokenApplied" => Data::Applied {
            serial: data.text("token_serial")?,
            station: data.text("station_serial")?,
            station_name: data.optional_text("station_name")?,
            evse_id: data.optional_text("evse_id")?,
            applied_at: data.get("applied_at")?,
            starts_at: data.get("starts_at")?,
        },
        "TokenUnapplied" => Data::Unapplied {
            serial: data.text("token_serial")?,
            unapplied_at: data.get("unapplied_at")?,
            station: data.optional_text("station_serial")?,
        },
        "StationActivated" => Data::Activated {
            station: data.text("station_serial")?,
            activated_at: data.get("activated_at")?,
            serial: data.optional_text("token_serial")?,
        },
        "TokenTransferred" => Data::Transferred {
            serials: data.texts("token_serials")?,
            from_org_id: data.text("from_org_id")?,
            to_org_id: data.text("to_org_id")?,
            to_org_name: data.text("to_org_name")?,
            transferred_at: data.get("transferred_at")?,
        },
        "EventRetracted" => Data::Retracted { source: data.text("event_source")?, id: data.text("event_id")? },
        kind => return Err(PyTypeError::new_err(format!("no rule is known for {kind}"))),
    };
    Ok(Event {
        source: event.text("source")?,
        id: event.text("id")?,
        time: event.get("time")?,
        data,
        identity: event.hash("identity")?,
        content: event.hash("content")?,
    })
}

fn order(data: &Model) -> PyResult<Order> {
    let lines = data.models("lines")?.into_iter().map(|line| {
        Ok(OrderLine {
            line: line.text("line")?,
            part_number: line.text("part_number")?,
            cloud_plan: line.text("cloud_plan")?,
            description: line.optional_text("description")?,
            term_years: line.get("term_years")?,
            token_type: line.text("token_type")?,
            quantity: line.get("quantity")?,
            cancelled: line.get("cancelled")?,
            serials: line.texts("token_serials")?,
        })
    });
    Ok(Order {
        sales_order: data.text("sales_order")?,
        revision: data.get("revision")?,
        purchase_order: data.optional_text("purchase_order")?,
        customer_reference: data.optional_text("customer_reference")?,
        customer_id: data.text("customer_id")?,
        customer_name: data.text("customer_name")?,
        org_id: data.text("org_id")?,
        org_name: data.text("org_name")?,
        order_date: data.ordinal("order_date")?,
        lines: lines.collect::<PyResult<_>>()?,
    })
}

fn shipped(data: &Model) -> PyResult<Shipped> {
    let lines = data.models("lines")?.into_iter().map(|line| {
        Ok(ShipmentLine {
            sales_order: line.text("sales_order")?,
            line: line.text("line")?,
            serials: line.texts("token_serials")?,
        })
    });
    Ok(Shipped {
        shipment: data.text("shipment")?,
        revision: data.get("revision")?,
        ship_date: data.ordinal("ship_date")?,
        lines: lines.collect::<PyResult<_>>()?,
    })
}
