//! The doors of the service: who may connect, for how long a peer may keep it waiting, and who goes when there is no room.
//!
//! Every peer is let in as long as somebody else can go instead: at the limit the connection that has waited longest for its
//! peer makes room, idle ones first. Only when all are being worked for is a newcomer refused.

pub mod answer;
pub mod connection;
pub mod entrance;
pub mod handshake;
pub mod limits;
pub mod stream;
pub mod tls;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use tokio::sync::oneshot;

pub use connection::{Connection, Phase};
pub use limits::Limits;

/// All connections of one listener.
#[derive(Debug)]
pub struct Doors {
    pub limits: Arc<Limits>,
    /// In the label of the metrics.
    name: &'static str,
    inside: Mutex<Inside>,
    /// Bytes of answers that wait to be taken.
    held: AtomicUsize,
}

#[derive(Debug, Default)]
struct Inside {
    next: u64,
    guests: HashMap<u64, AdmittedGuest>,
    per_address: HashMap<IpAddr, usize>,
}

#[derive(Debug)]
struct AdmittedGuest {
    connection: Arc<Connection>,
    network: Option<IpAddr>,
    leave: oneshot::Sender<()>,
}

/// A place inside; given back when it is dropped.
#[derive(Debug)]
pub struct PlaceInside {
    doors: Arc<Doors>,
    number: u64,
    pub connection: Arc<Connection>,
}

impl Doors {
    pub fn new(name: &'static str, limits: Limits) -> Arc<Doors> {
        Arc::new(Doors { limits: Arc::new(limits), name, inside: Mutex::default(), held: AtomicUsize::new(0) })
    }

    /// A place for this peer, and the word that it has to leave; `None` when there is no room and nobody who could go.
    pub fn admit(self: &Arc<Doors>, peer: Option<IpAddr>) -> Option<(PlaceInside, oneshot::Receiver<()>)> {
        let connection = Arc::new(Connection::new(peer, self.limits.clone()));
        let network = peer.map(address_network);
        let mut inside = self.inside.lock();
        let of_network = network.and_then(|network| inside.per_address.get(&network)).copied().unwrap_or(0);
        let crowded = of_network >= self.limits.per_address;
        if (crowded && !inside.let_go(|guest| guest.network == network))
            || (inside.guests.len() >= self.limits.connections && !inside.let_go(|_| true))
        {
            drop(inside);
            metrics::counter!("waymark_connections_refused_total", "listener" => self.name).increment(1);
            return None;
        }
        let (leave, told) = oneshot::channel();
        let number = inside.next;
        inside.next = number.wrapping_add(1);
        if let Some(network) = network {
            *inside.per_address.entry(network).or_default() += 1;
        }
        inside.guests.insert(number, AdmittedGuest { connection: connection.clone(), network, leave });
        self.tell(&inside);
        drop(inside);
        Some((PlaceInside { doors: self.clone(), number, connection }, told))
    }

    /// How many are inside.
    pub fn count(&self) -> usize {
        self.inside.lock().guests.len()
    }

    /// Says why a connection was closed by the service.
    pub fn count_closed(&self, why: &'static str) {
        metrics::counter!("waymark_connections_closed_total", "listener" => self.name, "reason" => why).increment(1);
    }

    fn tell(&self, inside: &Inside) {
        let count = u32::try_from(inside.guests.len()).unwrap_or(u32::MAX);
        metrics::gauge!("waymark_connections", "listener" => self.name).set(f64::from(count));
    }

    /// Counts the memory of an answer; beyond the limit the readers go that have taken nothing for longest.
    fn hold(&self, connection: &Connection, bytes: usize) {
        connection.held.fetch_add(bytes, Ordering::Relaxed);
        let mut held = self.held.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        while held > limits::MOST_HELD {
            let mut inside = self.inside.lock();
            let mut freed = 0;
            let slow = |guest: &AdmittedGuest| guest.connection.phase() == Phase::Write && holds(guest) > 0;
            if let Some(number) = inside.longest_waiting(slow) {
                freed = inside.guests.get(&number).map_or(0, holds);
                inside.remove(number);
            }
            if freed == 0 {
                break;
            }
            held = held.saturating_sub(freed);
        }
    }

    fn release(&self, connection: &Connection, bytes: usize) {
        connection.held.fetch_sub(bytes, Ordering::Relaxed);
        self.held.fetch_sub(bytes, Ordering::Relaxed);
    }
}

fn holds(guest: &AdmittedGuest) -> usize {
    guest.connection.held.load(Ordering::Relaxed)
}

/// The address by which a peer is counted: who has one IPv6 address has 2^64 of them.
pub fn address_network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) & !u128::from(u64::MAX)).into()),
        address @ IpAddr::V4(_) => address,
    }
}

impl Inside {
    /// The connection that has waited longest for its peer, idle ones before all others.
    fn longest_waiting(&self, may: impl Fn(&AdmittedGuest) -> bool) -> Option<u64> {
        let waiting = self.guests.iter().filter(|(_, guest)| guest.connection.phase() != Phase::Work && may(guest));
        let oldest = waiting.min_by_key(|(_, guest)| (guest.connection.phase() != Phase::Idle, guest.connection.since()));
        oldest.map(|(number, _)| *number)
    }

    /// Makes room; false when nobody can go.
    fn let_go(&mut self, may: impl Fn(&AdmittedGuest) -> bool) -> bool {
        let oldest = self.longest_waiting(may);
        oldest.is_some_and(|number| self.remove(number))
    }

    /// Who is removed here leaves soon, and counts no more.
    fn remove(&mut self, number: u64) -> bool {
        let Some(guest) = self.guests.remove(&number) else { return false };
        if let Some(network) = guest.network
            && let Some(count) = self.per_address.get_mut(&network)
        {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.per_address.remove(&network);
            }
        }
        // It may have gone by itself meanwhile.
        let _ = guest.leave.send(());
        true
    }
}

impl Drop for PlaceInside {
    fn drop(&mut self) {
        let mut inside = self.doors.inside.lock();
        if inside.remove(self.number) {
            self.doors.tell(&inside);
        }
    }
}

impl PlaceInside {
    pub fn doors(&self) -> &Arc<Doors> {
        &self.doors
    }
}

#[cfg(test)]
#[path = "doors_tests.rs"]
mod tests;
