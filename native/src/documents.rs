//! The rows from which the list of order lines is read: the twin of `projections.orders.rows`.

use crate::copying::{Fields, Rows};
use crate::event::{line_key, Data, Event, Text};

pub const LINE_COLUMNS: u16 = 20;
pub const SHIPMENT_COLUMNS: u16 = 8;

/// A line's key as the list shows it, from its subject's.
pub fn order_line(key: &str) -> String {
    let (sales_order, line) = key.split_once('\x1f').expect("a line's key has two parts");
    format!("{}/{line}", sales_order.replace('\\', "\\\\").replace('/', "\\/"))
}

/// The row of a line by the order event that is in force.
pub fn add_line(key: &str, event: &Event, rows: &mut Rows) {
    let Data::Placed(order) = &event.data else { panic!("a line's version is an order's") };
    let named = order.lines.iter().find(|line| *line_key(&order.sales_order, &line.line) == *key);
    let line = named.expect("the order names the line of its version");
    let row = rows.row();
    row.text(&order_line(key));
    row.bytes(&event.identity);
    row.instant(Some(event.time));
    row.boolean(Some(line.cancelled));
    row.text(&order.sales_order);
    row.text(&line.line);
    row.text(&line.part_number);
    row.text(&line.cloud_plan);
    row.optional_text(line.description.as_deref());
    row.smallint(Some(line.term_years as i16));
    row.text(&line.token_type);
    row.text(&order.org_id);
    row.text(&order.org_name);
    row.optional_text(order.purchase_order.as_deref());
    row.optional_text(order.customer_reference.as_deref());
    row.text(&order.customer_name);
    row.text(&order.customer_id);
    row.day(Some(order.order_date));
    row.bigint(line.quantity);
    add_sorted(&line.serials, row);
}

/// The row of a line of which no version is in force.
pub fn add_bare_line(key: &str, rows: &mut Rows) {
    let (sales_order, line) = key.split_once('\x1f').expect("a line's key has two parts");
    let row = rows.row();
    row.text(&order_line(key));
    row.optional_bytes(None);
    row.instant(None);
    row.boolean(None);
    row.text(sales_order);
    row.text(line);
    for _ in 0..3 {
        row.optional_text(None);
    }
    row.smallint(None);
    for _ in 0..7 {
        row.optional_text(None);
    }
    row.day(None);
    row.bigint(None);
    add_sorted(&[], row);
}

/// The rows of a shipment event.
pub fn add_shipment(event: &Event, rows: &mut Rows) {
    let Data::Shipped(shipped) = &event.data else { panic!("a shipment's version is a shipment's") };
    for line in &shipped.lines {
        let row = rows.row();
        row.text(&shipped.shipment);
        row.text(&order_line(&line_key(&line.sales_order, &line.line)));
        row.bytes(&event.identity);
        row.instant(Some(event.time));
        row.text(&line.sales_order);
        row.text(&line.line);
        row.day(Some(shipped.ship_date));
        add_sorted(&line.serials, row);
    }
}

fn add_sorted(serials: &[Text], row: &mut Fields) {
    let mut sorted: Vec<&str> = serials.iter().map(|serial| &**serial).collect();
    sorted.sort_unstable();
    row.texts(sorted.into_iter());
}
