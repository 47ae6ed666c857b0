//! The C border: exported cu* symbols in front of any Driver.
