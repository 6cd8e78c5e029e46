// Waiting that an AbortSignal can end.

/** Resolves after `milliseconds`; rejects with the signal's reason where it aborts first. */
export function pause(milliseconds, signal) {
  let timer;
  const done = new Promise((resolve) => (timer = setTimeout(resolve, milliseconds)));
  return abortable(done, signal).finally(() => clearTimeout(timer));
}

/** The promise's outcome, or the signal's reason where it aborts first. The work behind the promise goes on. */
export function abortable(promise, signal) {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
