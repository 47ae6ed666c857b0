//! x
use super::rules::Plan;
pub(super) fn exports(_plan: &Plan<'_>) -> String {
    String::new()
}
