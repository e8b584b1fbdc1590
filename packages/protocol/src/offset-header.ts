// Apart from the schemas of files, which a browser then need not load.

/** The header that says where a chunk begins, and in answers where the next one does. */
export const OFFSET_HEADER = "upload-offset";
