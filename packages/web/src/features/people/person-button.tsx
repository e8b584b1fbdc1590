import type { ComponentProps } from "react";
import { words } from "../../words/words.js";
import { openProfile } from "./card-store.js";

interface PersonButtonProps extends Omit<ComponentProps<"button">, "onClick" | "type"> {
  readonly userId: string;
  readonly name: string;
}

/** A face or a name that opens its person's profile card. */
export function PersonButton({ userId, name, ...rest }: PersonButtonProps) {
  return (
    <button
      aria-haspopup="dialog"
      title={words.people.openProfile(name)}
      {...rest}
      type="button"
      onClick={() => openProfile(userId)}
    />
  );
}
