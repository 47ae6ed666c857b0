//! x
use super::rules::Plan;
pub(super) fn native(_plan: &Plan<'_>) -> String {
    String::new()
}
