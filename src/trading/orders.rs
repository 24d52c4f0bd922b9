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
/// With the outcome, always the client tag and, for a rejected order, its id.
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
    let result = session.mutate(deadline, |gateway, token| gateway.place(token, &order, deadline));
    match result {
        Ok(order_id) => Ok(Placed { order_id, client_tag }),
        Err(error) => {
            let order_id = error.order_id();
            Err(error.with_order(order_id, Some(client_tag)))
        }
    }
}
