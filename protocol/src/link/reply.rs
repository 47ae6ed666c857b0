//! What comes back on the reply ring. The record's head carries one of the ops below and, as its
//! thread, the client thread it concerns. Read [`ReplyHead`] first.

use super::records;

/// Op of a reply: [`ReplyHead`], then the results of the call.
pub const REPLY: u16 = 1;
/// Op of a [`Notice`]: a posted call has failed.
pub const NOTICE: u16 = 2;
/// Op of a [`Callback`]: a stream has reached a host function.
pub const CALLBACK: u16 = 3;
/// Op of output that kernels have printed: the bytes as they are, for the client's standard output.
/// It precedes the reply of the call that brought it out.
pub const OUTPUT: u16 = 4;

/// Flag of a reply: in place of the results stands a `u64`, how many bytes of them precede the reply
/// in the download ring.
pub const RESULTS_IN_BULK: u16 = 1;

records! {
    /// The answer to a waiting call.
    ReplyHead {
        /// The call's sequence number.
        sequence: u64,
        /// `CUresult`. If it is not 0 there are no results, except of loads and links, which have
        /// their logs.
        code: i32,
    }

    /// A posted call has failed.
    Notice {
        /// Its sequence number.
        sequence: u64,
        /// Its id.
        op: u16,
        /// `CUresult`.
        code: i32,
    }

    /// A stream has reached a host function and waits for [`super::HostReturned`].
    Callback {
        /// The client's number of the function.
        callback: u64,
        /// The worker's number of this call of it.
        invocation: u64,
        /// The stream's state, a `CUresult`.
        code: i32,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    #[test]
    fn replies_decode_to_the_same() {
        check(ReplyHead {
            sequence: 1 << 40,
            code: 700,
        });
        check(Notice {
            sequence: 64,
            op: 0xf007,
            code: 1,
        });
        check(Callback {
            callback: 1,
            invocation: 2,
            code: 0,
        });
    }
}
