//! The kinds of faults: their names, where each strikes, and what can be said about each.

use super::member::Member;

/// Where a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) enum Place {
    /// Requests, by their path.
    Requests,
    /// Hub connections: their events by name, or all of them at a moment.
    Hubs,
    /// Calls of hub methods, by their name.
    Calls,
    /// Handshakes of hub connections.
    Handshakes,
    /// The gateway as a whole, at a moment.
    Gateway,
}

/// What goes wrong. The table in the documentation of the simulator's faults says what each takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FaultKind {
    /// The answer to a request is late. Adds to whatever else strikes the request.
    Latency,
    /// The request is carried out, and the connection ends without an answer.
    LostReply,
    /// The connection ends before the request is carried out.
    Refused,
    /// The connection is reset: a request's, or a hub's.
    Reset,
    /// A request is never answered; a hub holds its events back and then sends all at once.
    Stall,
    /// The answer to a request ends in the middle of its body.
    Cut,
    /// A request gets a 200 that is no answer; a hub sends what is no event in an event's place.
    Garbage,
    /// A request gets this HTTP status.
    Status,
    /// The answer to a request trickles.
    Slow,
    /// A hub connection ends without a word.
    Drop,
    /// A hub connection stays open and is dead: nothing is read and nothing is written any more.
    HalfOpen,
    /// A hub sends half a WebSocket frame, and the connection ends.
    CutFrame,
    /// A hub sends an event twice.
    Duplicate,
    /// A hub never sends an event.
    Swallow,
    /// A hub sends an event after the one that follows it.
    Reorder,
    /// A hub sends `GatewayLogout` and closes.
    Logout,
    /// A hub closes with a close record.
    Close,
    /// The way into a hub answers with an HTTP status.
    RefuseUpgrade,
    /// A call of a hub method fails.
    CompletionError,
    /// A hub takes its time to answer a handshake.
    SlowHandshake,
    /// All tokens issued so far expire.
    TokenExpiry,
    /// The gateway's clock is wrong: timestamps, tokens and HTTP dates; nothing happens earlier or later.
    ClockSkew,
    /// The port closes, all connections end, and after a time the port opens again.
    Restart,
    /// Everything answers 503.
    Maintenance,
}

impl FaultKind {
    /// All kinds.
    pub const ALL: &[FaultKind] = &[
        FaultKind::Latency,
        FaultKind::LostReply,
        FaultKind::Refused,
        FaultKind::Reset,
        FaultKind::Stall,
        FaultKind::Cut,
        FaultKind::Garbage,
        FaultKind::Status,
        FaultKind::Slow,
        FaultKind::Drop,
        FaultKind::HalfOpen,
        FaultKind::CutFrame,
        FaultKind::Duplicate,
        FaultKind::Swallow,
        FaultKind::Reorder,
        FaultKind::Logout,
        FaultKind::Close,
        FaultKind::RefuseUpgrade,
        FaultKind::CompletionError,
        FaultKind::SlowHandshake,
        FaultKind::TokenExpiry,
        FaultKind::ClockSkew,
        FaultKind::Restart,
        FaultKind::Maintenance,
    ];

    /// The name in scripts, such as `lost_reply`.
    pub fn name(self) -> &'static str {
        match self {
            FaultKind::Latency => "latency",
            FaultKind::LostReply => "lost_reply",
            FaultKind::Refused => "refused",
            FaultKind::Reset => "reset",
            FaultKind::Stall => "stall",
            FaultKind::Cut => "cut",
            FaultKind::Garbage => "garbage",
            FaultKind::Status => "status",
            FaultKind::Slow => "slow",
            FaultKind::Drop => "drop",
            FaultKind::HalfOpen => "half_open",
            FaultKind::CutFrame => "cut_frame",
            FaultKind::Duplicate => "duplicate",
            FaultKind::Swallow => "swallow",
            FaultKind::Reorder => "reorder",
            FaultKind::Logout => "logout",
            FaultKind::Close => "close",
            FaultKind::RefuseUpgrade => "refuse_upgrade",
            FaultKind::CompletionError => "completion_error",
            FaultKind::SlowHandshake => "slow_handshake",
            FaultKind::TokenExpiry => "token_expiry",
            FaultKind::ClockSkew => "clock_skew",
            FaultKind::Restart => "restart",
            FaultKind::Maintenance => "maintenance",
        }
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<FaultKind> {
        FaultKind::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// Where it can strike: one place, or requests and hubs.
    pub(super) fn places(self) -> &'static [Place] {
        match self {
            FaultKind::Reset | FaultKind::Stall | FaultKind::Garbage => &[Place::Requests, Place::Hubs],
            FaultKind::Latency
            | FaultKind::LostReply
            | FaultKind::Refused
            | FaultKind::Cut
            | FaultKind::Status
            | FaultKind::Slow
            | FaultKind::RefuseUpgrade
            | FaultKind::Maintenance => &[Place::Requests],
            FaultKind::Drop
            | FaultKind::HalfOpen
            | FaultKind::CutFrame
            | FaultKind::Duplicate
            | FaultKind::Swallow
            | FaultKind::Reorder
            | FaultKind::Logout
            | FaultKind::Close => &[Place::Hubs],
            FaultKind::CompletionError => &[Place::Calls],
            FaultKind::SlowHandshake => &[Place::Handshakes],
            FaultKind::TokenExpiry | FaultKind::ClockSkew | FaultKind::Restart => &[Place::Gateway],
        }
    }

    /// Whether it strikes events and nothing but events.
    pub(super) fn needs_event(self) -> bool {
        matches!(self, FaultKind::Duplicate | FaultKind::Swallow | FaultKind::Reorder)
    }

    /// What it strikes when nothing else is said.
    pub(super) fn usual_target(self) -> &'static str {
        match self {
            FaultKind::Maintenance => "*",
            FaultKind::RefuseUpgrade => "/hubs/*",
            _ if self.places()[0] == Place::Requests => "/api/*",
            _ => "*",
        }
    }

    /// What can be said about it beyond where and when.
    pub(super) fn members(self, place: Place) -> &'static [Member] {
        match (self, place) {
            (FaultKind::Latency, _) => &[Member::Delay, Member::Jitter],
            (FaultKind::Reset | FaultKind::Stall, Place::Requests) => &[Member::CarriedOut],
            (FaultKind::Garbage, Place::Requests) => &[Member::CarriedOut, Member::Form],
            (FaultKind::Garbage, _) => &[Member::Form],
            (FaultKind::Stall | FaultKind::HalfOpen, _) => &[Member::Hold],
            (FaultKind::Cut, _) => &[Member::Keep],
            (FaultKind::Status | FaultKind::RefuseUpgrade, _) => {
                &[Member::Status, Member::RetryAfter, Member::RetryAfterAs, Member::Body, Member::CarriedOut]
            }
            (FaultKind::Maintenance, _) => &[Member::RetryAfter, Member::RetryAfterAs, Member::Body],
            (FaultKind::Slow, _) => &[Member::Chunk, Member::Pause],
            (FaultKind::Logout, _) => &[Member::Message],
            (FaultKind::Close, _) => &[Member::Error, Member::AllowReconnect],
            (FaultKind::CompletionError, _) => &[Member::Error],
            (FaultKind::SlowHandshake, _) => &[Member::Delay],
            (FaultKind::TokenExpiry, _) => &[Member::CutSockets],
            (FaultKind::ClockSkew, _) => &[Member::Skew],
            (FaultKind::Restart, _) => &[Member::Down, Member::KeepTokens],
            _ => &[],
        }
    }
}
