// What other features may use of this one.
export { AttachButton } from "./attach-button.js";
export { Attachments, PendingAttachments, useFilesReady } from "./attachments-door.js";
export { filesInWords } from "./in-words.js";
export { RoomFiles } from "./room-files.js";
export { useTray, withUploads } from "./use-tray.js";
export { canRecord, VoiceButton } from "./voice-button.js";
