//! Memory that the program has registered (`cuMemHostRegister`): it stays where it is and what it is; kernels
//! see a copy of it at the worker, at the same address. How copies are kept equal is [`crate::mirrors`]'.
//! Read [`Remote::mirror_registered`] first.

use rigel_protocol::generated::calls::Call;
use rigel_protocol::link::HostRegister;
use rigel_protocol::{CuError, CuResult, Cx, HostPtr};
use rigel_transport::mirror::Mirror;

use crate::pinned::DEVICE_MAP;
use crate::remote::Remote;
use crate::session::Session;

impl Remote {
    /// Lets kernels see registered memory if there is room for a copy; otherwise its bytes travel with each
    /// copy that names it.
    pub(crate) fn mirror_registered(
        &self,
        cx: Cx,
        session: &Session,
        memory: HostRegister,
    ) -> CuResult<()> {
        let HostRegister {
            address,
            bytes,
            flags,
        } = memory;
        if !session.mirrors.has_room(bytes, flags & DEVICE_MAP != 0) {
            tracing::info!(bytes, flags, "kernels do not see this registered memory");
            return Ok(());
        }
        match self.tell_registered(cx, Call::HOST_REGISTER, memory) {
            Ok(()) => {
                let mirror = Mirror::of_program(address, bytes);
                session.mirrors.insert(cx.context, mirror);
                Ok(())
            }
            Err(error) if is_of_the_memory(error) => Err(error),
            Err(error) => {
                tracing::warn!(%error, address, bytes, "kernels do not see this registered memory");
                Ok(())
            }
        }
    }

    /// Ends that, after all work and with all that the GPU has written.
    pub(crate) fn unmirror_registered(&self, cx: Cx, session: &Session, memory: HostPtr) {
        if !session.mirrors.begin_end(memory.0) {
            // Copies of memory without a mirror are captured or have landed when their calls return.
            return;
        }
        let bytes = session.mirrors.len_of(memory.0);
        self.forget_registered(cx, memory.0, bytes);
        session.mirrors.remove(memory.0);
    }

    /// The worker's copy goes.
    pub(crate) fn forget_registered(&self, cx: Cx, address: u64, bytes: u64) {
        let memory = HostRegister {
            address,
            bytes,
            flags: 0,
        };
        if let Err(error) = self.tell_registered(cx, Call::HOST_UNREGISTER, memory) {
            tracing::debug!(%error, "the worker kept a copy of registered memory");
        }
    }

    fn tell_registered(&self, cx: Cx, call: Call, memory: HostRegister) -> CuResult<()> {
        let mut request = self.request(cx, call)?;
        request.put(&memory);
        self.wait(request)?.finish()
    }
}

/// Whether it is what the driver says of the program's memory, and not of the way to have a copy.
fn is_of_the_memory(error: CuError) -> bool {
    error == CuError::HOST_MEMORY_ALREADY_REGISTERED || error.is_sticky()
}
