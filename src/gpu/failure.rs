//! A device that is lost, or refuses what it is given, says so to callbacks at any time.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};

/// The first reason for which a device is of no more use, once there is one.
#[derive(Default)]
pub struct Failure(Mutex<State>);

#[derive(Default)]
struct State {
    reason: Option<String>,
    waiting: Option<Waker>,
}

impl Failure {
    /// Listens to a device.
    pub fn of(device: &wgpu::Device) -> Arc<Self> {
        let failure = Arc::new(Self::default());
        let lost = failure.clone();
        device.set_device_lost_callback(move |reason, message| {
            lost.report(format!("the device is lost: {reason:?}. {message}"));
        });
        let refused = failure.clone();
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            refused.report(error.to_string());
        }));
        failure
    }

    fn report(&self, reason: String) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.reason.get_or_insert(reason);
        if let Some(waker) = state.waiting.take() {
            waker.wake();
        }
    }

    /// Waits for the first failure.
    pub async fn wait(self: Arc<Self>) -> String {
        poll_fn(|context| {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            match &state.reason {
                Some(reason) => Poll::Ready(reason.clone()),
                None => {
                    state.waiting = Some(context.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }
}
