// What is loaded when somebody looks for something, not before.
export { DateForm } from "./date-form.js";
export { HistoryList } from "./history-list.js";
export { MentionList, PinList } from "./message-list.js";
export { SearchBox } from "./search-box.js";
