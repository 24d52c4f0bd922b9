//! What the stop token promises.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::shutdown::StopToken;
use crate::clock::Deadline;

#[test]
fn hooks_run_once_and_can_be_taken_back() {
    let token = StopToken::new();
    let runs = Arc::new(AtomicU32::new(0));
    let count = |runs: &Arc<AtomicU32>| {
        let runs = runs.clone();
        move || {
            runs.fetch_add(1, Ordering::SeqCst);
        }
    };
    let _kept = token.on_stop(count(&runs));
    drop(token.on_stop(count(&runs)));
    token.stop();
    token.stop();
    assert_eq!(runs.load(Ordering::SeqCst), 1);
    let _late = token.on_stop(count(&runs));
    assert_eq!(runs.load(Ordering::SeqCst), 2);
}

#[test]
fn wakes_a_waiter() {
    let token = StopToken::new();
    assert!(!token.wait(Deadline::after(Duration::from_millis(1))));
    let waiter = {
        let token = token.clone();
        crate::sync::spawn("tf-test", move || assert!(token.wait(Deadline::NEVER))).unwrap()
    };
    token.stop();
    waiter.join();
}
