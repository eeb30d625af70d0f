// What runs, one thing at a time: how far it is, Stop, what went wrong with it, Try again.
import { make } from '../ui/parts.js';
import { isAbort, megabytes, Trouble, wordsOf } from '../i18n/texts.js';

/**
 * @typedef {object} Options
 * @property {import('../i18n/texts.js').Text} text
 * @property {() => void} focus Where the keyboard goes when a button here goes.
 * @property {() => void} tidy Takes away what was begun.
 * @property {() => string} count What there is, in words; none where there is nothing.
 * @property {(busy: boolean) => void} busy
 */

/** How long something takes before a button to stop it is offered. */
const PATIENCE_MS = 700;

export class Running {
  #options;
  /** Whatever begins takes the place of what ran before. */
  #turn = 0;
  #end = new AbortController();
  #busy = false;
  /** Tries again what failed. */
  #again = () => {};

  #status = make('p', { role: 'status', part: 'status' });
  #stop = make('button', { type: 'button', part: 'button', hidden: '' });
  #bytes = make('span', {});
  #progress = make('progress', { part: 'progress' });
  #loading = make('div', { class: 'loading', hidden: '' }, this.#bytes, this.#progress);
  #error = make('p', { class: 'error', role: 'alert', part: 'error' });
  #retry = make('button', { type: 'button', part: 'button', hidden: '' });

  parts = [make('div', { class: 'state' }, this.#status, this.#stop), this.#loading, this.#error, this.#retry];

  /** @param {Options} options */
  constructor(options) {
    const { text, focus } = options;
    this.#options = options;
    this.#progress.setAttribute('aria-label', text('fetching'));
    this.#stop.textContent = text('stop');
    this.#retry.textContent = text('retry');
    this.#stop.addEventListener('click', () => {
      this.stop();
      focus();
    });
    this.#retry.addEventListener('click', () => {
      focus();
      this.#again();
    });
  }

  get busy() {
    return this.#busy;
  }

  /** Ends with what runs, when it is stopped. */
  get signal() {
    return this.#end.signal;
  }

  stop() {
    if (!this.#busy) return;
    this.#end.abort();
    this.#end = new AbortController();
  }

  /** @param {string} words */
  say(words) {
    this.#status.textContent = words;
  }

  /** @param {string} words Nothing, where all is well. */
  fail(words) {
    this.#error.textContent = words;
    this.#retry.hidden = true;
    // Whoever reads another part of the page is left there.
    if (words && this.#error.closest('.maker:focus-within')) this.#error.scrollIntoView({ block: 'nearest' });
  }

  /**
   * Something is on its way, which may take long.
   *
   * @template T
   * @param {(progress: import('../engine/load.js').Progress) => Promise<T>} open
   */
  async fetch(open) {
    const { text } = this.#options;
    this.#loading.hidden = false;
    this.#progress.removeAttribute('value');
    this.#bytes.textContent = text('fetching');
    try {
      return await open((received, total) => {
        this.#progress.value = received / total;
        const done = received === total;
        this.#bytes.textContent = `${text(done ? 'settingUp' : 'fetching')} · ${text('bytes', { received: megabytes(text, received), total: megabytes(text, total) })}`;
      });
    } finally {
      this.#loading.hidden = true;
    }
  }

  /**
   * Does something that takes a while, and reports what goes wrong with it.
   *
   * @template T
   * @param {string} words
   * @param {() => void} again
   * @param {(signal: AbortSignal, check: () => void) => Promise<T>} task
   */
  async run(words, again, task) {
    const { text, tidy, count } = this.#options;
    const turn = ++this.#turn;
    const { signal } = this.#end;
    // A newer one does not end the step that runs, which is short: that would cost the worker.
    const check = () => {
      signal.throwIfAborted();
      if (turn !== this.#turn) throw new DOMException('A newer one took its place.', 'AbortError');
    };
    const patience = setTimeout(() => { this.#stop.hidden = turn !== this.#turn; }, PATIENCE_MS);
    this.#setBusy(true);
    this.fail('');
    this.say(words);
    tidy();
    try {
      const outcome = await task(signal, check);
      if (turn === this.#turn && this.#status.textContent === words) this.say(text('ready'));
      return outcome;
    } catch (error) {
      if (turn === this.#turn) {
        tidy();
        if (isAbort(error)) this.say(count() || text('stopped'));
        else this.#report(error, again);
      }
      throw error;
    } finally {
      clearTimeout(patience);
      if (turn === this.#turn) this.#setBusy(false);
    }
  }

  /** @param {boolean} busy */
  #setBusy(busy) {
    this.#busy = busy;
    if (!busy) this.#stop.hidden = true;
    this.#options.busy(busy);
  }

  /** @param {unknown} error @param {() => void} again */
  #report(error, again) {
    this.say('');
    this.fail(wordsOf(this.#options.text, error));
    this.#again = again;
    this.#retry.hidden = error instanceof Trouble && error.key === 'noKnownWord';
  }
}
