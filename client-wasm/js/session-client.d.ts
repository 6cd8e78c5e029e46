/** A request's options. */
export interface RequestOptions {
  /** Ends the wait; the call rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** A write's options. */
export interface SessionWriteOptions extends RequestOptions {
  /** The revision that the write has to meet, in double quotes as in an ETag; else it fails with `revision_conflict`. */
  ifMatch?: string;
}

/** The session as the server shows it. Times are milliseconds since the Unix epoch. */
export interface SessionView<Data = Record<string, unknown>> {
  /** Whether there is a session. */
  active: boolean;
  /** The session's public name, which gives no access. */
  handle: string | null;
  /** How often the data has changed. */
  revision: number;
  createdAt: number | null;
  lastSeenAt: number | null;
  /** When the session ends unless it is used before. */
  idleExpiresAt: number | null;
  /** When the session ends, used or not. */
  absoluteExpiresAt: number | null;
  /** The server's present time. */
  serverTime: number;
  /** The user who signed in. */
  user: string | null;
  /** The values that the application exposes. */
  data: Data;
}

/** What the page knows of its session without a request, from the companion cookie. */
export interface SessionState {
  active: boolean;
  revision: number;
  idleExpiresAt: number | null;
  absoluteExpiresAt: number | null;
}

/** Something that happened to the session, here, in another tab or on another device. */
export type SessionEvent =
  | { type: "changed"; revision: number }
  | { type: "expiring"; expiresAt: number }
  | { type: "ended"; reason?: "destroyed" | "expired" | "revoked" };

/**
 * The session behind the HttpOnly cookie. Values are JSON; which keys a page may read and write is the server's choice.
 *
 * Every method that asks the server rejects with a {@link SessionError} where it refuses or does not answer.
 */
export interface SessionClient<Data extends object = Record<string, any>> {
  /** A value; undefined if the session has none of this key. */
  get<K extends keyof Data & string>(key: K, options?: RequestOptions): Promise<Data[K] | undefined>;
  /** Puts a value, and starts a session where there is none. */
  set<K extends keyof Data & string>(key: K, value: Data[K], options?: SessionWriteOptions): Promise<void>;
  /** Deletes a value. There being none is no error. */
  delete(key: keyof Data & string, options?: SessionWriteOptions): Promise<void>;
  /**
   * Replaces a value by its successor, without losing what others write at the same time: `successor` is called again
   * with the newer value where somebody was faster, up to ten times. Returning undefined deletes the value.
   *
   * @returns the value that was written.
   */
  update<K extends keyof Data & string>(
    key: K,
    successor: (value: Data[K] | undefined) => Data[K] | undefined | Promise<Data[K] | undefined>,
    options?: RequestOptions,
  ): Promise<Data[K] | undefined>;
  /**
   * The whole session. Calls that are made while one is under way share its request, unless an answer to the page has
   * changed the session since: a view shows every change that was answered before it was asked for.
   */
  view(options?: RequestOptions): Promise<SessionView<Partial<Data>>>;
  /** Gives the session a new id and keeps its data. */
  rotate(options?: RequestOptions): Promise<void>;
  /** Ends the session on the server, and tells every tab at once. */
  destroy(options?: RequestOptions): Promise<void>;
  /** What the companion cookie says now, with no request. */
  state(): SessionState;
  /**
   * Calls `listener` with each event, of the server, of other tabs and of this one. A hidden tab hears the server again
   * when it is shown, and then of what it missed. Without a document (Node, a worker) there is nothing to hear.
   *
   * @returns a function that ends the subscription.
   * @throws {SessionError} `invalid_listener` for what is no function.
   */
  subscribe(listener: (event: SessionEvent) => void): () => void;
}

/** What a {@link SessionError} tells besides its code and message. */
export interface SessionErrorOptions extends ErrorOptions {
  /** The HTTP status. */
  status?: number;
  /** The server's sentence. */
  detail?: string;
}

/** A session request that was refused or got no answer. */
export class SessionError extends Error {
  constructor(code: string, message: string, options?: SessionErrorOptions);
  readonly name: "SessionError";
  /**
   * A stable word: the problem's code of the server (`key_not_found`, `revision_conflict`, `csrf_token_invalid`, …),
   * `network` where no answer came or the client's code did not load, `http_error` where a refusal is no problem document, `malformed_answer` where an
   * answer is no JSON, or `invalid_key`,
   * `invalid_value` and `invalid_listener` for a wrong call.
   */
  readonly code: string;
  /** The HTTP status; undefined where no answer came. */
  readonly status: number | undefined;
  /** The server's sentence about this occurrence. */
  readonly detail: string | undefined;
}
