//! Scripts: a JSON list of steps, read strictly.

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::fault::Fault;
use super::kind::FaultKind;
use super::member::{Member, Shape, Value};

/// Longest script in bytes.
const MAX_SCRIPT: usize = 1024 * 1024;
/// Most steps of a script.
pub(super) const MAX_STEPS: usize = 1000;
/// The member that names the kind.
const KIND: &str = "fault";

/// Reads a script: a list of steps, or one step. The error names the line, the step and what is wrong.
pub(in crate::sim) fn parse(text: &str) -> Result<Vec<Fault>, String> {
    if text.len() > MAX_SCRIPT {
        return Err(format!("a script has at most {MAX_SCRIPT} bytes, this one has {}", text.len()));
    }
    let script: &RawValue = serde_json::from_str(text).map_err(|error| broken(&error))?;
    let steps: Vec<&RawValue> = match script.get().as_bytes().first() {
        Some(b'[') => serde_json::from_str(script.get()).map_err(|error| broken(&error))?,
        Some(b'{') => vec![script],
        _ => return Err("line 1: a script must be a list of steps, or one step".to_owned()),
    };
    if steps.len() > MAX_STEPS {
        return Err(format!("a script has at most {MAX_STEPS} steps, this one has {}", steps.len()));
    }
    let read = |(index, step): (usize, &&RawValue)| {
        read_step(step.get()).map_err(|error| {
            let line = line_of(text, error.at.unwrap_or(step.get()));
            format!("line {line}, step {}: {}", index + 1, error.message)
        })
    };
    steps.iter().enumerate().map(read).collect()
}

fn broken(error: &serde_json::Error) -> String {
    format!("not valid JSON: {error}")
}

/// The line of `text` on which its part `part` begins.
fn line_of(text: &str, part: &str) -> usize {
    let offset = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    1 + text.bytes().take(offset).filter(|&byte| byte == b'\n').count()
}

/// What is wrong with a step, and where when it is one of its values.
struct Wrong<'a> {
    at: Option<&'a str>,
    message: String,
}

fn read_step(text: &str) -> Result<Fault, Wrong<'_>> {
    let wrong = |message: String| Wrong { at: None, message };
    let members: Members<'_> = serde_json::from_str(text)
        .map_err(|_| wrong("a step must be an object such as {\"fault\":\"lost_reply\"}".to_owned()))?;
    let kinds = || FaultKind::ALL.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ");
    let Some((_, kind)) = members.0.iter().find(|(name, _)| name == KIND) else {
        return Err(wrong(format!("`{KIND}` is missing; it is one of {}", kinds())));
    };
    let at_kind = |message: String| Wrong { at: Some(kind.get()), message };
    let Ok(name) = serde_json::from_str::<String>(kind.get()) else {
        return Err(at_kind(format!("`{KIND}` must be one of {}", kinds())));
    };
    let Some(kind) = FaultKind::from_name(&name) else {
        return Err(at_kind(format!("unknown fault `{}`; it is one of {}", shown(&name), kinds())));
    };
    let mut fault = Fault::new(kind);
    let mut known: Vec<&str> = Vec::new();
    for (name, value) in &members.0 {
        let at_value = |message: String| Wrong { at: Some(value.get()), message };
        if known.contains(&&**name) {
            return Err(at_value(format!("`{}` comes twice", shown(name))));
        }
        known.push(name);
        if name == KIND {
            continue;
        }
        let Some(member) = Member::from_name(name) else {
            let allowed = fault.taken_anywhere();
            return Err(at_value(format!("unknown member `{}`; {allowed}", shown(name))));
        };
        let read = read_value(member, value.get()).filter(|read| member.takes(read));
        let Some(read) = read else {
            return Err(at_value(format!("`{name}` must be {}", member.wants())));
        };
        fault = fault.set(member, read);
    }
    fault.check().map_err(wrong)?;
    Ok(fault)
}

/// A name for an error: not longer than people read.
fn shown(name: &str) -> String {
    name.chars().take(64).collect()
}

fn read_value(member: Member, text: &str) -> Option<Value> {
    match member.shape() {
        Shape::Whole(..) => text.parse().ok().map(Value::Whole),
        Shape::Times if text == "\"always\"" => Some(Value::Always),
        Shape::Times => text.parse().ok().map(Value::Whole),
        Shape::Fraction => serde_json::from_str(text).ok().map(Value::Fraction),
        Shape::Flag => serde_json::from_str(text).ok().map(Value::Flag),
        Shape::Text | Shape::Word(_) => serde_json::from_str(text).ok().map(Value::Text),
        Shape::Patterns => match serde_json::from_str(text) {
            Ok(pattern) => Some(Value::Patterns(vec![pattern])),
            Err(_) => serde_json::from_str(text).ok().map(Value::Patterns),
        },
    }
}

/// The members of an object in their order, the doubled ones too.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> serde::Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Members<'a>, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(Collect).map(Members)
    }
}
