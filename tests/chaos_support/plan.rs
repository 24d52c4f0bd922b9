//! What goes wrong, and in which order: the seed decides.

use std::time::Duration;

use tradeforge::sim::{Fault, FaultKind, Garbage, Hub, Sim};

/// A sequence of numbers from a seed.
pub struct Lot(u64);

impl Lot {
    pub fn new(seed: u64) -> Lot {
        Lot(seed)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (bits ^ (bits >> 31)) % limit
    }

    pub fn milliseconds(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.below(to - from + 1))
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }
}

/// How many kinds of trouble there are.
const KINDS: u64 = 26;

/// The next thing to go wrong.
pub fn trouble(lot: &mut Lot) -> Fault {
    let hub = lot.of(&[Hub::Market, Hub::User]);
    let of_hub = |kind| Fault::new(kind).hub(hub);
    let events = lot.of(&["GatewayUser*", "GatewayUserOrder", "GatewayUserTrade", "GatewayUserPosition"]);
    let orders = lot.of(&["/api/Order/place", "/api/Order/*", "/api/Position/*"]);
    let queries =
        lot.of(&["/api/Order/v2/*", "/api/Trade/*", "/api/Position/search*", "/api/Account/*", "/api/*"]);
    let some = 1 + lot.below(3) as u32;
    match lot.below(KINDS) {
        0 | 1 => of_hub(FaultKind::Drop),
        2 => of_hub(FaultKind::Reset),
        3 => of_hub(FaultKind::HalfOpen),
        4 => of_hub(FaultKind::Stall).hold(lot.milliseconds(50, 400)),
        5 | 6 => of_hub(FaultKind::CutFrame),
        7 => of_hub(FaultKind::Garbage).form(lot.of(&[Garbage::Html, Garbage::Empty, Garbage::Shape])),
        8 => Fault::new(FaultKind::Garbage).on(events).form(lot.of(&[Garbage::Empty, Garbage::Shape])),
        9 => Fault::new(FaultKind::CutFrame).on(events),
        10 => Fault::new(FaultKind::Duplicate).on(events).times(some),
        11 => Fault::new(FaultKind::Reorder).on(events).times(some),
        12 => of_hub(FaultKind::Logout).message("another session"),
        13 => of_hub(FaultKind::Close).allow_reconnect(true),
        14 => of_hub(FaultKind::Close).allow_reconnect(false).error("the server is going away"),
        15 => Fault::new(FaultKind::RefuseUpgrade).hub(hub).status(503).times(some),
        16 => Fault::new(FaultKind::SlowHandshake).hub(hub).delay(lot.milliseconds(10, 100)),
        17 => Fault::new(FaultKind::CompletionError).on("Subscribe*").error("try again"),
        18 => Fault::new(FaultKind::TokenExpiry).cut_sockets(lot.below(2) == 0),
        19 => {
            let down = lot.milliseconds(20, 200);
            Fault::new(FaultKind::Restart).down_for(down).keep_tokens(lot.below(2) == 0)
        }
        20 => Fault::new(FaultKind::Maintenance).lasting(lot.milliseconds(100, 500)),
        21 => Fault::new(FaultKind::Status).on(queries).status(lot.of(&[500, 502, 503])).times(some),
        22 => Fault::new(lot.of(&[FaultKind::Reset, FaultKind::LostReply, FaultKind::Refused])).on(orders),
        23 => Fault::new(lot.of(&[FaultKind::Cut, FaultKind::Stall])).on(orders),
        24 => Fault::new(FaultKind::Cut).on(queries).times(some),
        _ => Fault::new(FaultKind::Latency).on(queries).delay(lot.milliseconds(5, 60)).times(some),
    }
}

/// Injects it; a gateway that is down refuses what needs it up.
pub fn inject(sim: &Sim, fault: Fault) {
    let shown = format!("{fault:?}");
    sim.inject(fault).unwrap_or_else(|error| panic!("{shown}: {error}"));
}
