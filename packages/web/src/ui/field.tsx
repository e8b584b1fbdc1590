import { Eye, EyeOff } from "lucide-react";
import { type ComponentProps, type ReactNode, useId, useState } from "react";
import { cx } from "../lib/cx.js";
import { words } from "../words/words.js";

const CONTROL =
  "w-full rounded-md border border-line-strong/60 bg-surface px-3 text-ink shadow-1 transition-colors duration-120 " +
  "hover:border-line-strong focus-visible:border-accent focus-visible:outline-offset-0 " +
  "aria-invalid:border-danger disabled:opacity-60";

interface FieldProps {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly error?: string | null;
  readonly optional?: boolean;
}

interface Wiring {
  readonly id: string;
  readonly "aria-describedby": string | undefined;
  readonly "aria-invalid": true | undefined;
}

function Field({
  label,
  hint,
  error,
  optional,
  children,
}: FieldProps & { children: (wiring: Wiring) => ReactNode }) {
  const id = useId();
  const described = error ? `${id}-error` : hint ? `${id}-hint` : undefined;
  return (
    <div className="grid gap-1.5">
      <div className="flex items-baseline justify-between gap-3">
        <label htmlFor={id} className="text-sm font-medium text-ink">
          {label}
        </label>
        {optional ? <span className="text-xs text-ink-faint">{words.common.optional}</span> : null}
      </div>
      {children({ id, "aria-describedby": described, "aria-invalid": error ? true : undefined })}
      {error ? (
        <p id={`${id}-error`} role="alert" className="text-sm text-danger">
          {error}
        </p>
      ) : hint ? (
        <p id={`${id}-hint`} className="text-sm text-ink-faint">
          {hint}
        </p>
      ) : null}
    </div>
  );
}

/** One line of text with its label, hint and error. */
export function TextField({
  label,
  hint,
  error,
  optional,
  className,
  ...rest
}: FieldProps & ComponentProps<"input">) {
  return (
    <Field label={label} hint={hint} error={error ?? null} optional={optional ?? false}>
      {(wiring) => <input {...rest} {...wiring} dir="auto" className={cx(CONTROL, "h-11", className)} />}
    </Field>
  );
}

/** Several lines of text. */
export function TextAreaField({
  label,
  hint,
  error,
  optional,
  ...rest
}: FieldProps & ComponentProps<"textarea">) {
  return (
    <Field label={label} hint={hint} error={error ?? null} optional={optional ?? false}>
      {(wiring) => (
        <textarea {...rest} {...wiring} dir="auto" className={cx(CONTROL, "min-h-24 resize-y py-2.5")} />
      )}
    </Field>
  );
}

/** One of a few choices. */
export function SelectField({
  label,
  hint,
  error,
  optional,
  children,
  ...rest
}: FieldProps & ComponentProps<"select">) {
  return (
    <Field label={label} hint={hint} error={error ?? null} optional={optional ?? false}>
      {(wiring) => (
        <select {...rest} {...wiring} className={cx(CONTROL, "h-11")}>
          {children}
        </select>
      )}
    </Field>
  );
}

/** A password, which can be looked at before it is sent. */
export function PasswordField({
  label,
  hint,
  error,
  optional,
  ...rest
}: FieldProps & ComponentProps<"input">) {
  const [shown, setShown] = useState(false);
  const Icon = shown ? EyeOff : Eye;
  return (
    <Field label={label} hint={hint} error={error ?? null} optional={optional ?? false}>
      {(wiring) => (
        <div className="relative">
          <input
            {...rest}
            {...wiring}
            type={shown ? "text" : "password"}
            className={cx(CONTROL, "h-11 pe-11")}
          />
          <button
            type="button"
            aria-label={shown ? words.common.hidePassword : words.common.showPassword}
            aria-pressed={shown}
            onClick={() => setShown(!shown)}
            className="absolute inset-y-1 end-1 grid w-9 place-items-center rounded-sm text-ink-faint hover:text-ink"
          >
            <Icon aria-hidden="true" className="size-4.5" />
          </button>
        </div>
      )}
    </Field>
  );
}
