//! How much one caller may ask in a time: cells of what was asked (`cell`), in tables of a fixed size (`table`), and how many of its
//! requests may run at once (`at_once`). Who counts as one caller, and where the counting happens, is said by `web/meter.rs` and
//! `auth/caller.rs`. Each process counts for itself.

pub mod at_once;
pub mod cell;
pub mod settings;
pub mod standing;
pub mod table;

use std::hash::Hash;
use std::net::IpAddr;
use std::sync::Arc;

use crate::db::types::Time;
use crate::doors::address_network;
use crate::rates::at_once::{AtOnce, RunningRequest};
use crate::rates::settings::RateSettings;
use crate::rates::standing::{RateRefusal, RateStanding};
use crate::rates::table::CellTable;

/// What a refused sign-in counts beside the one that every request at the token endpoint does.
pub const FAILED_SIGN_IN: u32 = 9;

/// Cells of addresses and of people; a table of them is 1 MiB.
const MANY: usize = 65_536;
/// Cells of addresses where tokens are given out, which few ask often.
const SOME: usize = 16_384;
/// Cells of clients, which administrators make.
const FEW: usize = 4_096;

/// Whose allowance a request is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallerKind {
    /// A learner or a member of staff.
    Person,
    /// A client's own token, which may speak for a whole school.
    Client,
}

/// All that this process counts.
pub struct RateLimits {
    addresses: CellTable,
    sign_in_addresses: CellTable,
    sign_in_clients: CellTable,
    people: CellTable,
    clients: CellTable,
    from_address: Arc<AtOnce>,
    of_person: Arc<AtOnce>,
    of_client: Arc<AtOnce>,
}

impl RateLimits {
    pub fn new(settings: &RateSettings) -> RateLimits {
        RateLimits {
            addresses: CellTable::new("address", settings.address, MANY),
            sign_in_addresses: CellTable::new("token-endpoint", settings.token_endpoint, SOME),
            sign_in_clients: CellTable::new("token-endpoint-client", settings.token_endpoint, FEW),
            people: CellTable::new("person", settings.person, MANY),
            clients: CellTable::new("client", settings.client, FEW),
            from_address: AtOnce::up_to("address-at-once", settings.address_at_once),
            of_person: AtOnce::up_to("person-at-once", settings.person_at_once),
            of_client: AtOnce::up_to("client-at-once", settings.client_at_once),
        }
    }

    fn of_endpoint(&self, sign_in: bool) -> &CellTable {
        if sign_in { &self.sign_in_addresses } else { &self.addresses }
    }

    /// Counts a request without a good token before anything is done for it; what is given back says that it runs.
    pub fn admit_address(
        &self,
        address: IpAddr,
        sign_in: bool,
        now: Time,
    ) -> Result<(Option<RateStanding>, RunningRequest), RateRefusal> {
        let network = address_network(address);
        // A request that may not run now is not counted: the wait for the one is not lengthened by the other.
        let running = self.from_address.enter(&network)?;
        let standing = self.of_endpoint(sign_in).take(&network, 1, now)?;
        Ok((standing, running))
    }

    /// What is left to an address, without counting anything.
    pub fn look_at_address(&self, address: IpAddr, now: Time) -> Result<(), RateRefusal> {
        self.addresses.look(&address_network(address), 1, now)
    }

    /// Counts what turned out to be no good after it was let in.
    pub fn charge_address(&self, address: IpAddr, sign_in: bool, cost: u32, now: Time) {
        self.of_endpoint(sign_in).charge(&address_network(address), cost, now);
    }

    /// Counts a token for a client that proved who it is. One that did not is counted by its address alone: whoever knows a
    /// client's id, which is no secret, must not be able to lock it out.
    pub fn admit_sign_in(&self, client: &impl Hash, now: Time) -> Result<(), RateRefusal> {
        self.sign_in_clients.take(client, 1, now).map(|_| ())
    }

    /// Counts a request with a good token, and says that it runs.
    pub fn admit_caller(
        &self,
        caller: &impl Hash,
        kind: CallerKind,
        cost: u32,
        now: Time,
    ) -> Result<(Option<RateStanding>, RunningRequest), RateRefusal> {
        let (cells, at_once) = match kind {
            CallerKind::Person => (&self.people, &self.of_person),
            CallerKind::Client => (&self.clients, &self.of_client),
        };
        let running = at_once.enter(caller)?;
        let standing = cells.take(caller, cost, now)?;
        Ok((standing, running))
    }
}
