// What is loaded when somebody joins a call or watches a broadcast.
export { BroadcastStage } from "./broadcast-stage.js";
export { LiveCall } from "./live-call.js";
export { PreJoin } from "./pre-join.js";
export { Stage } from "./stage.js";
