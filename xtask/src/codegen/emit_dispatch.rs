//! x
use super::rules::Plan;
pub(super) fn dispatch(_plan: &Plan<'_>) -> String {
    String::new()
}
