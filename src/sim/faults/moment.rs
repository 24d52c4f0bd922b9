//! What happens when the moment of a fault has come.

use std::time::Duration;

use super::fault::Fault;
use super::kind::FaultKind;
use super::member::Member;
use super::plan::Timer;
use crate::sim::gateway::Gateway;
use crate::sim::hubs::outbox::Ending;

impl Gateway {
    /// Adds faults, and lets those strike whose moment is now.
    pub(in crate::sim) fn inject(&self, faults: Vec<Fault>) -> Result<Vec<u64>, String> {
        let numbers = self.faults.add(faults)?;
        self.strike_due();
        self.wake_market();
        Ok(numbers)
    }

    /// Ends all faults: what is held back goes out and the clock is right. What has ended stays so, and a
    /// closed port opens when it was to open.
    pub(in crate::sim) fn clear_faults(&self) {
        self.faults.clear();
        self.set_skew(0);
        for outbox in self.outboxes() {
            outbox.release(None);
        }
    }

    /// Lets happen what is due by now.
    pub(in crate::sim) fn strike_due(&self) {
        while let Some(timer) = self.faults.take_timer(self.time.now()) {
            match timer {
                Timer::Strike(number) => {
                    if let Some(fault) = self.faults.at_its_moment(number) {
                        self.strike_now(number, &fault);
                    }
                }
                Timer::Release(connection) => {
                    if let Some(outbox) = self.outboxes().iter().find(|outbox| outbox.id == connection) {
                        outbox.release(Some(self.time.now()));
                    }
                }
                Timer::EndSkew(number) => {
                    if self.faults.is_skewed_by(number) {
                        self.set_skew(0);
                    }
                }
                Timer::Open => self.door.open(),
            }
        }
    }

    /// Sets the gateway's clock. Connections look at it, because their tokens may have expired by it.
    fn set_skew(&self, nanos: i64) {
        self.time.set_skew(nanos);
        self.outboxes().iter().for_each(|outbox| outbox.nudge());
    }

    fn strike_now(&self, number: u64, fault: &Fault) {
        let now = self.time.now();
        match fault.kind() {
            FaultKind::TokenExpiry => {
                self.keys.expire_all();
                self.faults.record(number, "gateway", None);
                if fault.flag(Member::CutSockets).unwrap_or(false) {
                    self.outboxes().iter().for_each(|outbox| outbox.end(Ending::Dropped));
                }
            }
            FaultKind::ClockSkew => {
                let millis = fault.whole(Member::Skew).unwrap_or(60_000);
                self.set_skew(millis.saturating_mul(1_000_000));
                self.faults.record(number, "gateway", None);
                self.faults.set_skewed_by(number);
                if let Some(length) = fault.millis(Member::For) {
                    self.faults.schedule(now.saturating_add(length), Timer::EndSkew(number));
                }
            }
            FaultKind::Restart => {
                self.faults.record(number, "gateway", None);
                let down = fault.millis(Member::Down).unwrap_or(Duration::from_secs(2));
                self.restart(down, fault.flag(Member::KeepTokens).unwrap_or(false));
            }
            _ => {
                let mut outboxes = self.outboxes();
                outboxes.sort_unstable_by_key(|outbox| outbox.id);
                for outbox in outboxes {
                    let hub = outbox.line().map(|line| line.hub.name());
                    if fault.only_hub().is_none_or(|only| Some(only) == hub) && outbox.suffer(fault) {
                        self.faults.record(number, "connection", Some(outbox.id));
                    }
                }
            }
        }
    }

    /// Closes the port and ends every connection; the port opens again after a time.
    pub(in crate::sim) fn restart(&self, down: Duration, keeps_tokens: bool) {
        if !keeps_tokens {
            self.keys.forget_all();
        }
        self.forget_negotiations();
        // A restart within a restart decides alone when the port opens.
        self.faults.forget_openings();
        self.door.close();
        self.faults.schedule(self.time.now().saturating_add(down), Timer::Open);
        self.wake_market();
    }
}
