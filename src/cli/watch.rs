//! Ends a judgement whose time is over, wherever it is.
//!
//! Reading and judging ask for the time between files and between checks, and end in order. What one check does with what one file says is
//! bounded by this alone: when a judgement has taken its time and a little more, the process ends with the exit code of a judgement that
//! did not finish, and the outputs hold the failing verdict that was written before it began.

use super::Exit;
use std::io::Write;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// How much longer than its time a judgement may take, so that it can end in order.
const GRACE: Duration = Duration::from_secs(2);

/// Watches over a judgement until it is dropped.
pub struct Watch {
    _alive: Sender<()>,
}

impl Watch {
    /// Begins to watch over a judgement that may take so long from now on.
    pub fn over(left: Duration) -> Self {
        let (alive, ended) = channel::<()>();
        std::thread::spawn(move || {
            if ended.recv_timeout(left + GRACE) == Err(RecvTimeoutError::Timeout) {
                let phrase = "error: gatekeeper did not finish: its time was over in the middle of a check";
                // Nobody is left to tell it to if that fails.
                let _told = writeln!(std::io::stderr(), "{phrase}");
                std::process::exit(Exit::Internal.number().into());
            }
        });
        Self { _alive: alive }
    }
}
