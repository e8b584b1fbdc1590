/** What a participant does. Which message it means is known only when it happens: `choice` counts back from the newest. */
export type Action =
  | { readonly kind: "send"; readonly count: number; readonly padding: number }
  | { readonly kind: "edit"; readonly choice: number; readonly padding: number }
  | { readonly kind: "delete"; readonly choice: number }
  | { readonly kind: "react" | "unreact"; readonly choice: number; readonly emoji: string }
  | { readonly kind: "rename"; readonly name: string }
  /** The page is closed, and opened again after some milliseconds. */
  | { readonly kind: "reload"; readonly after: number }
  | { readonly kind: "older" }
  | { readonly kind: "typing" }
  /** A client of the seeds sends over REST: under an `Idempotency-Key` until it is answered, or once. */
  | { readonly kind: "post"; readonly named: boolean; readonly padding: number };

/** The kinds of actions. */
export type ActionKind = Action["kind"];
