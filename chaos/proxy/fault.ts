/** What can happen to the network of one participant. Times are milliseconds. */
export type NetworkFault =
  /** Bytes of both directions come later, for a while. */
  | { readonly kind: "delay"; readonly delay: number; readonly jitter: number; readonly duration: number }
  /** Open connections hold their bytes back for a while, then deliver them. */
  | { readonly kind: "stall"; readonly duration: number }
  /** Open connections stay open and swallow all bytes from now on. */
  | { readonly kind: "half-open" }
  /** Open connections end with a reset. */
  | { readonly kind: "cut" }
  /** The next request or frame arrives up to a share of its bytes, then the connection is reset. */
  | { readonly kind: "truncate-up"; readonly share: number }
  /** The next answer or frame comes down up to a share of its bytes, then the connection is reset. */
  | { readonly kind: "truncate-down"; readonly share: number }
  /** The next message that has a name of its own arrives a second time. */
  | { readonly kind: "duplicate"; readonly after: number }
  /** The next request or message arrives, its answer does not; later the connection is reset. */
  | { readonly kind: "swallow"; readonly after: number }
  /** The next numbered frame to the participant disappears, and nothing else does. */
  | { readonly kind: "drop-frame" }
  /** WebSockets are cut, and refused for a while. */
  | { readonly kind: "block-sockets"; readonly duration: number };

/** The kinds of network faults. */
export type NetworkFaultKind = NetworkFault["kind"];

/** Faults that wait for the right moment. */
export type Armed = Extract<
  NetworkFault,
  { kind: "truncate-up" | "truncate-down" | "duplicate" | "swallow" | "drop-frame" }
>;
/** The kinds of faults that wait. */
export type ArmedKind = Armed["kind"];
