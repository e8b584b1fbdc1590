import type { Attachment } from "@parlor/protocol";
import { cx } from "../../lib/cx.js";
import { boxOf } from "./attachment.js";
import { Picture } from "./picture.js";
import { viewPictures } from "./viewer-store.js";

/** Widest cell of a grid, in CSS pixels. */
const CELL = { two: 190, three: 126 } as const;

/** The pictures of a message: one in its own shape, several as squares. */
export function Gallery({ pictures }: { pictures: readonly Attachment[] }) {
  const [only] = pictures;
  if (pictures.length === 1 && only) {
    const box = boxOf(only);
    return (
      <div className="max-w-full" style={{ width: box.width, aspectRatio: `${box.width} / ${box.height}` }}>
        <Picture file={only} width={box.width} onOpen={() => viewPictures(pictures, 0)} />
      </div>
    );
  }
  const pairs = pictures.length === 2 || pictures.length === 4;
  const cell = pairs ? CELL.two : CELL.three;
  return (
    <ul className={cx("grid w-full max-w-96 gap-1", pairs ? "grid-cols-2" : "grid-cols-3")}>
      {pictures.map((file, index) => (
        <li key={file.id} className="aspect-square min-w-0">
          <Picture
            file={file}
            // A square cuts the longer side off: the copy has to be sharp over its whole width.
            width={cell * Math.max(1, (file.width ?? 1) / (file.height ?? 1))}
            cover
            onOpen={() => viewPictures(pictures, index)}
          />
        </li>
      ))}
    </ul>
  );
}
