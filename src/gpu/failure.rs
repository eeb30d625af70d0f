//! A device that is lost, or refuses what it is given, says so to callbacks at any time.

use std::sync::{Arc, Mutex, PoisonError};

use futures_channel::oneshot;

/// The first reason for which a device is of no more use.
pub fn failure_of(device: &wgpu::Device) -> oneshot::Receiver<String> {
    let (send, failure) = oneshot::channel();
    let send = Arc::new(Mutex::new(Some(send)));
    let report = move |reason: String| {
        let mut send = send.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(send) = send.take() {
            // Nobody may be waiting any more.
            let _ = send.send(reason);
        }
    };
    let refused = report.clone();
    device.set_device_lost_callback(move |reason, message| {
        report(format!("the device is lost: {reason:?}. {message}"));
    });
    device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
        refused(error.to_string());
    }));
    failure
}
