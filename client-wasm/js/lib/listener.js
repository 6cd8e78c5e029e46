// What the change feeds of cookies and of sessions do alike with their listeners.

/** Refuses what cannot be called, with an error of the given class. */
export function checkListener(listener, ErrorType) {
  if (typeof listener !== "function") throw new ErrorType("invalid_listener", "Pass the listener as a function.");
}

/** Calls the listener. One that throws must not keep the others from hearing. */
export function deliver(listener, news) {
  try {
    listener(news);
  } catch (error) {
    reportError(error);
  }
}
