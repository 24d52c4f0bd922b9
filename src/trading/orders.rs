//! Placing an order.

use super::tag::new_tag;
use crate::clock::Deadline;
use crate::error::Result;
use crate::model::{OrderRequest, Placed};
use crate::provider::{Legs, NewOrder};
use crate::session::Session;

/// Sends an order that was checked, once.
///
/// # Errors
/// With the outcome, the client tag and, for a rejected order, its id.
pub(crate) fn place(
    session: &Session,
    request: &OrderRequest,
    legs: Legs,
    deadline: Deadline,
) -> Result<Placed> {
    let client_tag = match &request.client_tag {
        Some(tag) => tag.clone(),
        None => new_tag()?,
    };
    let order = NewOrder { request, tag: &client_tag, legs };
    let order_id = session.mutate(deadline, |gateway, token| gateway.place(token, &order, deadline))?;
    Ok(Placed { order_id, client_tag })
}
