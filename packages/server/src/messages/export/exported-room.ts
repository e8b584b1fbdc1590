/** What an export says of its room. */
export interface ExportedRoom {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly created_at: string;
  /** When the export began: it has the messages that were stored until then. */
  readonly exported_at: string;
}
