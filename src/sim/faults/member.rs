//! What can be said about a fault: the members of a step, their names and their values.

/// A member of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Member {
    On,
    Hub,
    After,
    Times,
    At,
    For,
    Every,
    Probability,
    Delay,
    Jitter,
    Hold,
    Chunk,
    Pause,
    Keep,
    CarriedOut,
    Status,
    RetryAfter,
    RetryAfterAs,
    Body,
    Form,
    Message,
    Error,
    AllowReconnect,
    CutSockets,
    Skew,
    Down,
    KeepTokens,
}

/// Which values a member takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Shape {
    /// A whole number from here to there.
    Whole(i64, i64),
    /// A whole number of at least one, or `always`.
    Times,
    /// A number above 0 and up to 1.
    Fraction,
    Flag,
    /// A text of up to 4096 bytes.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// One pattern or a list of them.
    Patterns,
}

/// A value of a member.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Whole(i64),
    Always,
    Fraction(f64),
    Flag(bool),
    Text(String),
    Patterns(Vec<String>),
}

/// Longest text and most patterns of a member.
const MAX_TEXT: usize = 4096;
const MAX_PATTERNS: usize = 64;
/// A day in milliseconds: longer than any wait.
const DAY: i64 = 24 * 60 * 60 * 1000;
/// Ten minutes: the longest that a thread waits for one answer.
const WAIT: i64 = 10 * 60 * 1000;
/// Ten years in milliseconds.
const DECADE: i64 = 3653 * DAY;

impl Member {
    /// All members.
    pub(super) const ALL: [Member; 27] = [
        Member::On,
        Member::Hub,
        Member::After,
        Member::Times,
        Member::At,
        Member::For,
        Member::Every,
        Member::Probability,
        Member::Delay,
        Member::Jitter,
        Member::Hold,
        Member::Chunk,
        Member::Pause,
        Member::Keep,
        Member::CarriedOut,
        Member::Status,
        Member::RetryAfter,
        Member::RetryAfterAs,
        Member::Body,
        Member::Form,
        Member::Message,
        Member::Error,
        Member::AllowReconnect,
        Member::CutSockets,
        Member::Skew,
        Member::Down,
        Member::KeepTokens,
    ];

    /// The name in scripts.
    pub(super) fn name(self) -> &'static str {
        self.entry().0
    }

    /// The member with this name.
    pub(super) fn from_name(name: &str) -> Option<Member> {
        Member::ALL.into_iter().find(|member| member.name() == name)
    }

    /// Which values it takes.
    pub(super) fn shape(self) -> Shape {
        self.entry().1
    }

    fn entry(self) -> (&'static str, Shape) {
        match self {
            Member::On => ("on", Shape::Patterns),
            Member::Hub => ("hub", Shape::Word(&["user", "market"])),
            Member::After => ("after", Shape::Whole(0, i64::MAX)),
            Member::Times => ("times", Shape::Times),
            Member::At => ("at_ms", Shape::Whole(0, DECADE)),
            Member::For => ("for_ms", Shape::Whole(1, DECADE)),
            Member::Every => ("every_ms", Shape::Whole(10, DECADE)),
            Member::Probability => ("probability", Shape::Fraction),
            Member::Delay => ("delay_ms", Shape::Whole(0, WAIT)),
            Member::Jitter => ("jitter_ms", Shape::Whole(0, WAIT)),
            Member::Hold => ("hold_ms", Shape::Whole(1, DAY)),
            Member::Chunk => ("chunk", Shape::Whole(1, 64 * 1024)),
            Member::Pause => ("pause_ms", Shape::Whole(0, WAIT)),
            Member::Keep => ("keep", Shape::Whole(0, 1024 * 1024)),
            Member::CarriedOut => ("carried_out", Shape::Flag),
            Member::Status => ("status", Shape::Whole(200, 599)),
            Member::RetryAfter => ("retry_after_s", Shape::Whole(0, DAY / 1000)),
            Member::RetryAfterAs => ("retry_after_as", Shape::Word(&["seconds", "date"])),
            Member::Body => ("body", Shape::Text),
            Member::Form => ("form", Shape::Word(&["html", "bytes", "empty", "shape"])),
            Member::Message => ("message", Shape::Text),
            Member::Error => ("error", Shape::Text),
            Member::AllowReconnect => ("allow_reconnect", Shape::Flag),
            Member::CutSockets => ("cut_sockets", Shape::Flag),
            Member::Skew => ("skew_ms", Shape::Whole(-DECADE, DECADE)),
            Member::Down => ("down_ms", Shape::Whole(0, DAY)),
            Member::KeepTokens => ("keep_tokens", Shape::Flag),
        }
    }

    /// Whether it takes the value.
    pub(super) fn takes(self, value: &Value) -> bool {
        match (self.shape(), value) {
            (Shape::Whole(low, high), Value::Whole(number)) => (low..=high).contains(number),
            (Shape::Times, Value::Whole(number)) => *number >= 1,
            (Shape::Times, Value::Always) | (Shape::Flag, Value::Flag(_)) => true,
            (Shape::Fraction, Value::Fraction(fraction)) => *fraction > 0.0 && *fraction <= 1.0,
            (Shape::Text, Value::Text(text)) => text.len() <= MAX_TEXT,
            (Shape::Word(words), Value::Text(text)) => words.contains(&&**text),
            (Shape::Patterns, Value::Patterns(patterns)) => {
                (1..=MAX_PATTERNS).contains(&patterns.len())
                    && patterns.iter().all(|pattern| (1..=MAX_TEXT).contains(&pattern.len()))
            }
            _ => false,
        }
    }

    /// What it takes, for people.
    pub(super) fn wants(self) -> String {
        match self.shape() {
            Shape::Whole(low, i64::MAX) => format!("a whole number from {low}"),
            Shape::Whole(low, high) => format!("a whole number from {low} to {high}"),
            Shape::Times => "a whole number from 1, or \"always\"".to_owned(),
            Shape::Fraction => "a number above 0 and up to 1".to_owned(),
            Shape::Flag => "true or false".to_owned(),
            Shape::Text => format!("a text of up to {MAX_TEXT} bytes"),
            Shape::Word(words) => {
                let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
                words.join(" or ")
            }
            Shape::Patterns => format!("a text, or a list of 1 to {MAX_PATTERNS} texts, none of them empty"),
        }
    }
}
