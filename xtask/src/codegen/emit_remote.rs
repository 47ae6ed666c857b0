//! x
use super::rules::Plan;
pub(super) fn remote(_plan: &Plan<'_>) -> String {
    String::new()
}
