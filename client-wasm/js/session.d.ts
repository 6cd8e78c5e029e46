import type { SessionClient } from "./session-client.js";

export { SessionError } from "./session-client.js";
export type {
  RequestOptions,
  SessionClient,
  SessionErrorOptions,
  SessionEvent,
  SessionState,
  SessionView,
  SessionWriteOptions,
} from "./session-client.js";

/** Where a session client finds its server. */
export interface SessionOptions {
  /** Where the server mounts the session API. Default: `"/api/session"`. */
  baseUrl?: string;
  /** The companion cookie's name. Default: the server's. */
  companion?: string;
}

/** A client for another address than the default one, or with the types of its values. */
export function createSession<Data extends object = Record<string, any>>(options?: SessionOptions): SessionClient<Data>;

/** The session at `/api/session`. */
export const session: SessionClient;
