//! The language both sides speak: calls, types, wire layouts and the Driver trait.
