import type { HostWords } from "../en/hosting.js";

/** What a room's host does: loaded with its dialogs, not with the first page. */
export const hosting: HostWords = {
  deleteRoom: "حذف الغرفة",
  deleteHint: "يحذف الغرفة لدى الجميع مع كل ما كُتب فيها.",
  deleteTitle: (room) => `حذف ${room}؟`,
  deleteText: "تُحذف كل الرسائل والملفات فيها لدى الجميع، ولا يمكن لأحد استعادتها.",
  typeName: "اكتب اسم الغرفة للتأكيد",
  wrongName: "هذا ليس اسم الغرفة.",
  deleted: (room) => `حُذفت ${room}.`,
  out: "من أُخرجوا",
  letIn: "السماح بالعودة",
  letInDone: (name) => `يمكن لـ ${name} العودة.`,
  remove: "إخراج من الغرفة",
  removeTitle: (name, room) => `إخراج ${name} من ${room}؟`,
  removeText: "يُخرج هذا الشخص فورًا ولا يمكنه العودة قبل أن تسمح له بذلك. يبقى ما كتبه.",
  removeDone: (name) => `أُخرج ${name}.`,
};
