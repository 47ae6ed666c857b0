//! What follows from the table of driver calls.

mod remote;
