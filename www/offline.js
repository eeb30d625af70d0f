// Lets the page work without a network from the second visit on. `cargo xtask dist` adds this to the
// page: only there do files have versions, which the service worker relies on.

// What the page itself loads goes first. Private windows have no service workers: no error.
addEventListener('load', () => {
  navigator.serviceWorker?.register('sw.js').catch(() => {});
});
