//! Launches: posted. Read [`Launches`] for [`Remote`] first.
//!
//! A launch that CUDA would refuse at the call is refused at this very call, by the border, which knows the
//! limits of device and function; what only shows itself on the GPU is latched and returned by a
//! synchronising call. On this way there is no lock, no hash, no look at a clock and, while the worker is
//! awake, no system call; `cargo xtask bench path` counts the instructions. What a launch costs here is
//! mostly [`Remote::post_at_once`].

use rigel_protocol::custom::{HostCallback, LaunchConfig, Launches};
use rigel_protocol::generated::calls::Call;
use rigel_protocol::handle::{Function, Stream};
use rigel_protocol::link::LaunchHost;
use rigel_protocol::link::launch::{
    ATTRIBUTES_MAX, plain_launch_bytes, put_launch, write_plain_launch,
};
use rigel_protocol::{CuError, CuResult, Cx};

use crate::remote::Remote;

impl Launches for Remote {
    fn launch(
        &self,
        cx: Cx,
        function: Function,
        config: &LaunchConfig<'_>,
        params: &[u8],
    ) -> CuResult<()> {
        let session = self.session()?;
        self.check(config.stream)?;
        if config.attributes.is_empty() {
            let len = plain_launch_bytes(params);
            let write = |room: &mut [u8]| write_plain_launch(room, function, config, params);
            if Self::post_at_once(session, cx, Call::LAUNCH, len, write) {
                return Ok(());
            }
        }
        if config.attributes.len() > ATTRIBUTES_MAX {
            return Err(CuError::INVALID_VALUE);
        }
        let mut request = self.request(cx, Call::LAUNCH)?;
        put_launch(&mut request, function, config, params);
        self.post(request)
    }

    fn launch_host(
        &self,
        cx: Cx,
        stream: Stream,
        callback: HostCallback,
        even_after_error: bool,
    ) -> CuResult<()> {
        self.check(stream)?;
        let session = self.session()?;
        // A captured function is called at every replay, so that it is kept for good.
        let once = !session.streams.captures_anything();
        let number = session.hosts.register(callback, once)?;
        let mut request = self.request(cx, Call::LAUNCH_HOST)?;
        request.put(&LaunchHost {
            stream,
            callback: number,
            even_after_error,
        });
        self.post(request)
            .inspect_err(|_| session.hosts.forget(number))
    }
}
