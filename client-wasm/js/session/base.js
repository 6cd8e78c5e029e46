// What the client shares with the entry that loads it. The entry gives it instead of it being imported, or bundlers
// would make a third file of what both import.

export let checkListener;
export let deliver;
export let readCompanion;
export let SessionError;

/** @param base what `lib/session-base.js` has */
export function provide(base) {
  [checkListener, deliver, readCompanion, SessionError] = base;
}
