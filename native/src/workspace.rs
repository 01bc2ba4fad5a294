//! Takes events to their subjects, and says which tokens must be folded again: the twin of `lifecycle.workspace`.

use crate::event::{line_key, Data, Event, Hash, Order, OrderLine, Shipped, Text};
use crate::facts::{Head, OrderVersion, Own, OwnFact, ShipmentVersion, TokenFacts};
use crate::maps::{HashMap, HashSet};
use crate::msgpack::Read;
use crate::subjects::{Document, Line, Shipment, Station};
use std::sync::Arc;

#[derive(Clone)]
pub enum Change {
    Listed { line: Text, identity: Hash },
    Delivered(Arc<Delivered>),
    Dropped(Text, Text),
    Fact(Arc<OwnFact>),
}

pub struct Delivered {
    pub shipment: Text,
    pub identity: Hash,
    pub line: Text,
}

/// What is to be done with a token's facts (possibly nothing), and the last event that touched it, by its number.
#[derive(Default)]
pub struct Touched {
    pub changes: Vec<Change>,
    pub cause: usize,
}

#[derive(Default)]
pub struct Keys {
    pub lines: HashSet<Text>,
    pub shipments: HashSet<Text>,
    pub stations: HashSet<Text>,
}

impl Keys {
    /// The subjects that an event touches.
    pub fn of(&mut self, event: &Event) {
        match &event.data {
            Data::Activated { station, .. } | Data::Applied { station, .. } => {
                if !self.stations.contains(station) {
                    self.stations.insert(station.clone());
                }
            }
            Data::Placed(order) => {
                self.lines.extend(order.lines.iter().map(|line| line_key(&order.sales_order, &line.line)));
            }
            Data::Shipped(shipped) => {
                self.shipments.insert(shipped.shipment.clone());
                self.lines.extend(shipped.lines.iter().map(|line| line_key(&line.sales_order, &line.line)));
            }
            _ => {}
        }
    }

    /// The subjects that a fold of these facts looks at.
    pub fn needed_by(&mut self, facts: &TokenFacts) {
        self.lines.extend(facts.lines.iter().map(|(line, _)| line.clone()));
        for (shipment, listings) in &facts.shipments {
            self.shipments.insert(shipment.clone());
            self.lines.extend(listings.iter().map(|(_, line)| line.clone()));
        }
        for fact in &facts.own {
            if let Own::Applied { station, .. } = &fact.own {
                self.stations.insert(station.clone());
            }
        }
    }
}

#[derive(Default)]
pub struct Workspace {
    pub lines: HashMap<Text, Line>,
    pub shipments: HashMap<Text, Shipment>,
    pub stations: HashMap<Text, Station>,
    pub touched: HashMap<Text, Touched>,
}

impl Workspace {
    /// Of these keys, those of subjects that are not here.
    pub fn lacks(&self, keys: Keys) -> Keys {
        let lacked = |keys: HashSet<Text>, is_here: &dyn Fn(&Text) -> bool| {
            keys.into_iter().filter(|key| !is_here(key)).collect()
        };
        Keys {
            lines: lacked(keys.lines, &|key| self.lines.contains_key(key)),
            shipments: lacked(keys.shipments, &|key| self.shipments.contains_key(key)),
            stations: lacked(keys.stations, &|key| self.stations.contains_key(key)),
        }
    }

    /// Begin an empty subject for each key that has none.
    pub fn add_missing(&mut self, keys: &Keys) {
        for key in &keys.lines {
            if !self.lines.contains_key(key) {
                self.lines.insert(key.clone(), Document::empty());
            }
        }
        for key in &keys.shipments {
            if !self.shipments.contains_key(key) {
                self.shipments.insert(key.clone(), Document::empty());
            }
        }
        for key in &keys.stations {
            if !self.stations.contains_key(key) {
                self.stations.insert(key.clone(), Station::empty());
            }
        }
    }

    /// Take one event in; `retracted` is the earliest `time` of its retractions where there are any.
    pub fn apply(&mut self, event: &Event, retracted: Option<i64>, cause: usize) -> Read<()> {
        match &event.data {
            Data::Placed(order) => {
                for line in &order.lines {
                    self.order_line(event, order, line, retracted, cause)?;
                }
            }
            Data::Shipped(shipped) => self.shipment(event, shipped, retracted, cause)?,
            _ if retracted.is_some() => {}
            Data::Activated { station, activated_at, serial } => {
                let subject = self.stations.get_mut(station).expect("stations of events are loaded");
                // Stations report at every boot: nearly always they are known to have started before.
                if subject.activate(*activated_at, &event.source, &event.id) {
                    touch(&mut self.touched, subject.serials.get()?.iter(), cause);
                }
                if let Some(serial) = serial {
                    self.own(event, serial, *activated_at, Own::Activated { station: station.clone() }, cause);
                }
            }
            Data::Applied { serial, station, station_name, evse_id, applied_at, starts_at } => {
                let subject = self.stations.get_mut(station).expect("stations of events are loaded");
                if subject.serials.tie(std::slice::from_ref(serial))? {
                    subject.is_changed = true;
                }
                let own = Own::Applied {
                    station: station.clone(),
                    station_name: station_name.clone(),
                    evse_id: evse_id.clone(),
                    starts_at: *starts_at,
                };
                self.own(event, serial, *applied_at, own, cause);
            }
            Data::Unapplied { serial, unapplied_at, station } => {
                self.own(event, serial, *unapplied_at, Own::Unapplied { station: station.clone() }, cause);
            }
            Data::Transferred { serials, from_org_id, to_org_id, to_org_name, transferred_at } => {
                let own = Own::Transferred {
                    from_org_id: from_org_id.clone(),
                    to_org_id: to_org_id.clone(),
                    to_org_name: to_org_name.clone(),
                };
                self.own_of_all(event, serials, *transferred_at, own, cause);
            }
            Data::Returned { serials, returned_at, reason } => {
                self.own_of_all(event, serials, *returned_at, Own::Returned { reason: reason.clone() }, cause);
            }
            Data::Retracted { .. } => {}
        }
        Ok(())
    }

    /// Take back an event that was applied before; `cause` is the retraction, `time` its envelope's.
    pub fn retract(&mut self, target: &Event, time: i64, cause: usize) -> Read<()> {
        match &target.data {
            Data::Placed(order) => {
                for line in &order.lines {
                    let key = line_key(&order.sales_order, &line.line);
                    let subject = self.lines.get_mut(&key).expect("lines of targets are loaded");
                    subject.retract(&target.identity, time);
                    touch(&mut self.touched, subject.serials.get()?.iter(), cause);
                }
            }
            Data::Shipped(shipped) => {
                let subject = self.shipments.get_mut(&shipped.shipment).expect("shipments of targets are loaded");
                subject.retract(&target.identity, time);
                touch(&mut self.touched, subject.serials.get()?.iter(), cause);
            }
            Data::Retracted { .. } => {}
            data => {
                if let Data::Activated { station, .. } = data {
                    let subject = self.stations.get_mut(station).expect("stations of targets are loaded");
                    if subject.retract(&target.source, &target.id) {
                        touch(&mut self.touched, subject.serials.get()?.iter(), cause);
                    }
                }
                for serial in target.serials() {
                    let dropped = Change::Dropped(target.source.clone(), target.id.clone());
                    change(&mut self.touched, serial, dropped, cause);
                }
            }
        }
        Ok(())
    }

    fn order_line(
        &mut self,
        event: &Event,
        order: &Order,
        line: &OrderLine,
        retracted: Option<i64>,
        cause: usize,
    ) -> Read<()> {
        let key = line_key(&order.sales_order, &line.line);
        let subject = self.lines.get_mut(&key).expect("lines of events are loaded");
        touch(&mut self.touched, subject.serials.get()?.iter(), cause);
        subject.add(OrderVersion {
            head: Head::of(event, order.revision, retracted),
            cancelled: line.cancelled,
            order_date: order.order_date,
            org_id: order.org_id.clone(),
            org_name: order.org_name.clone(),
            customer_id: order.customer_id.clone(),
            customer_name: order.customer_name.clone(),
            purchase_order: order.purchase_order.clone(),
            customer_reference: order.customer_reference.clone(),
            part_number: line.part_number.clone(),
            cloud_plan: line.cloud_plan.clone(),
            description: line.description.clone(),
            term_years: line.term_years,
            token_type: line.token_type.clone(),
        });
        subject.tie(&line.serials)?;
        for serial in &line.serials {
            let listed = Change::Listed { line: key.clone(), identity: event.identity };
            change(&mut self.touched, serial, listed, cause);
        }
        Ok(())
    }

    fn shipment(&mut self, event: &Event, shipped: &Shipped, retracted: Option<i64>, cause: usize) -> Read<()> {
        let subject = self.shipments.get_mut(&shipped.shipment).expect("shipments of events are loaded");
        touch(&mut self.touched, subject.serials.get()?.iter(), cause);
        subject.add(ShipmentVersion {
            head: Head::of(event, shipped.revision, retracted),
            ship_date: shipped.ship_date,
        });
        for line in &shipped.lines {
            let key = line_key(&line.sales_order, &line.line);
            subject.tie(&line.serials)?;
            self.lines.get_mut(&key).expect("lines of events are loaded").tie(&line.serials)?;
            let delivered =
                Arc::new(Delivered { shipment: shipped.shipment.clone(), identity: event.identity, line: key });
            for serial in &line.serials {
                change(&mut self.touched, serial, Change::Delivered(delivered.clone()), cause);
            }
        }
        Ok(())
    }

    fn own(&mut self, event: &Event, serial: &Text, instant: i64, own: Own, cause: usize) {
        self.own_of_all(event, std::slice::from_ref(serial), instant, own, cause);
    }

    fn own_of_all(&mut self, event: &Event, serials: &[Text], instant: i64, own: Own, cause: usize) {
        let fact = Arc::new(OwnFact {
            instant,
            time: event.time,
            source: event.source.clone(),
            id: event.id.clone(),
            own,
        });
        for serial in serials {
            change(&mut self.touched, serial, Change::Fact(fact.clone()), cause);
        }
    }
}

fn touched<'a>(tokens: &'a mut HashMap<Text, Touched>, serial: &Text, cause: usize) -> &'a mut Touched {
    if !tokens.contains_key(serial) {
        tokens.insert(serial.clone(), Touched::default());
    }
    let token = tokens.get_mut(serial).expect("it was just put there");
    token.cause = cause;
    token
}

fn change(tokens: &mut HashMap<Text, Touched>, serial: &Text, change: Change, cause: usize) {
    touched(tokens, serial, cause).changes.push(change);
}

fn touch<'a>(tokens: &mut HashMap<Text, Touched>, serials: impl Iterator<Item = &'a Text>, cause: usize) {
    for serial in serials {
        touched(tokens, serial, cause);
    }
}

/// Carry changes out on a token's facts.
///
/// Facts are kept in own order and identities sorted, so that equal sets pack to equal bytes.
pub fn carry_out(facts: &mut TokenFacts, changes: &[Change]) {
    for change in changes {
        match change {
            Change::Listed { line, identity } => {
                let identities = entry(&mut facts.lines, line);
                identities.push(*identity);
                identities.sort();
            }
            Change::Delivered(delivered) => {
                let listings = entry(&mut facts.shipments, &delivered.shipment);
                match listings.iter_mut().find(|(identity, _)| *identity == delivered.identity) {
                    Some((_, line)) => *line = delivered.line.clone(),
                    None => listings.push((delivered.identity, delivered.line.clone())),
                }
            }
            Change::Dropped(source, id) => facts.own.retain(|fact| (&fact.source, &fact.id) != (source, id)),
            Change::Fact(fact) => {
                facts.own.push(fact.clone());
                facts.own.sort_by(|one, other| one.own_order(other));
            }
        }
    }
}

fn entry<'a, T>(map: &'a mut Vec<(Text, Vec<T>)>, key: &Text) -> &'a mut Vec<T> {
    let index = map.iter().position(|(known, _)| known == key).unwrap_or_else(|| {
        map.push((key.clone(), Vec::new()));
        map.len() - 1
    });
    &mut map[index].1
}
