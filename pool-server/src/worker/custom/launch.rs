//! Launches, host functions, and the waits that are mostly over when asked.

use std::sync::Arc;

use rigel_protocol::custom::{HostCallback, LaunchConfig};
use rigel_protocol::handle::{Function, GraphExec};
use rigel_protocol::link::launch::get_launch;
use rigel_protocol::link::{HostCall, LaunchHost};
use rigel_protocol::{CuError, CuResult, ThreadId};

use crate::worker::fault::Fault;
use crate::worker::gate::Work;
use crate::worker::issue::Issue;
use crate::worker::meter::Counter;
use crate::worker::session::Session;

/// Looks at a stream that may have nothing but a stamp of ours left. Each lets who has work have the
/// processor.
const STAMP_LOOKS: u32 = 4;

/// `launch`.
pub(super) fn kernel(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let mut launch = get_launch(issue.args())?;
    issue.end_of_record()?;
    let function = issue.real_function(launch.head.function)?;
    launch.head.stream = issue.real_stream(launch.head.stream)?;
    issue.real_attributes(&mut launch.attributes)?;
    if launch.params.len() != function.param_bytes {
        tracing::debug!(
            given = launch.params.len(),
            taken = function.param_bytes,
            "launch with parameters of another length"
        );
        return Err(CuError::INVALID_VALUE.into());
    }
    let session = issue.session();
    session.meter.add(Counter::Launches, 1);
    session.last_kernel.launched(function.real);
    let config = launch.config();
    issue.pass(config.stream, || kernel_work(function.real, &config));
    let launched = session
        .driver
        .launch(issue.cx(), function.real, &config, launch.params);
    launched.map_err(|error| {
        let params = launch.params.len();
        tracing::debug!(%error, ?config, params, "launch refused");
        error.into()
    })
}

/// What tells how long a kernel takes: which it is, and how many threads run it.
fn kernel_work(function: Function, config: &LaunchConfig<'_>) -> Work {
    let product = |[x, y, z]: [u32; 3]| u64::from(x) * u64::from(y) * u64::from(z);
    Work {
        what: function.0,
        size: product(config.grid).wrapping_mul(product(config.block)),
    }
}

/// `cuGraphLaunch`.
pub(super) fn graph(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let graph: GraphExec = issue.handle()?;
    let stream = issue.stream()?;
    issue.end_of_record()?;
    issue.pass(stream, || Work {
        what: graph.0,
        size: 0,
    });
    Ok(issue.driver().graph_launch(issue.cx(), graph, stream)?)
}

/// `launchHost`: the driver calls a function of ours, which calls the client's and waits for it.
pub(super) fn host(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let LaunchHost {
        callback,
        stream,
        even_after_error,
    } = issue.get()?;
    issue.end_of_record()?;
    let stream = issue.real_stream(stream)?;
    let function = client_function(issue.session(), issue.caller().thread, callback);
    Ok(issue
        .driver()
        .launch_host(issue.cx(), stream, function, even_after_error)?)
}

/// A function that calls the client's with this number, and waits for it.
pub(super) fn client_function(
    session: &Arc<Session>,
    thread: ThreadId,
    callback: u64,
) -> HostCallback {
    let session = Arc::downgrade(session);
    Arc::new(move |state: CuResult<()>| {
        let Some(session) = session.upgrade() else {
            return;
        };
        let ticket = session.callbacks.begin();
        if let Err(fault) = session.tell_changes() {
            session.fail(&fault);
        }
        match session.replies.host_call(
            thread,
            HostCall {
                callback,
                ticket,
                state,
            },
        ) {
            Ok(()) => session.callbacks.wait(ticket, || session.is_open()),
            Err(_) => session.callbacks.wait(ticket, || false),
        }
    })
}

/// `hostReturned`.
pub(super) fn host_returned(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let ticket = issue.get()?;
    issue.end_of_record()?;
    issue.session().callbacks.finish(ticket);
    Ok(())
}

/// `cuCtxSynchronize`: made on the spot if all streams seem to be idle.
pub(super) fn context_synchronize(issue: &mut Issue<'_>) -> Result<(), Fault> {
    issue.end_of_record()?;
    let (cx, session, driver) = (issue.cx(), issue.session(), issue.driver());
    let is_idle = |stream| driver.stream_query(cx, stream).is_ok();
    if session.may_query() && session.recent.are_idle(cx.context, is_idle) {
        // In earnest, since the driver may know more; what it waits for then is short.
        driver.ctx_synchronize(cx)?;
        return session.catch_up();
    }
    let now = session.recent.now();
    issue.later(move |driver, results| {
        driver.ctx_synchronize(cx)?;
        results.session().recent.settle(cx.context, now);
        Ok(())
    })
}

/// `cuStreamQuery`. Behind the client's last event a stamp of ours may stand, which a driver is done with a
/// moment later: the client must not take it for work of its own.
pub(super) fn stream_query(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let stream = issue.stream()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    for _ in 0..STAMP_LOOKS {
        match issue.driver().stream_query(cx, stream) {
            Err(CuError::NOT_READY) if issue.session().gates.has_stamp_in(cx.context) => {
                std::thread::yield_now();
            }
            answer => return Ok(answer?),
        }
    }
    Ok(issue.driver().stream_query(cx, stream)?)
}

/// `cuStreamSynchronize`: answered at once if the stream is idle.
pub(super) fn stream_synchronize(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let stream = issue.stream()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    if issue.session().may_query() && issue.driver().stream_query(cx, stream).is_ok() {
        return issue.session().catch_up();
    }
    issue.later(move |driver, _| Ok(driver.stream_synchronize(cx, stream)?))
}

/// `cuEventSynchronize`, likewise.
pub(super) fn event_synchronize(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let event = issue.handle()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    if issue.driver().event_query(cx, event).is_ok() {
        return issue.session().catch_up();
    }
    issue.later(move |driver, _| Ok(driver.event_synchronize(cx, event)?))
}
