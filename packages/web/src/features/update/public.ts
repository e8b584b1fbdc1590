export { BrokenPage } from "./broken-page.js";
export { UpdateOffer } from "./update-offer.js";
