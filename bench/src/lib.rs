//! Round trips, bandwidth, launch rate: our figure, the raw floor, their ratio.
