import type { InputHTMLAttributes } from "react";
import { Icon } from "../ui/Icon";

type Props = Omit<InputHTMLAttributes<HTMLInputElement>, "onChange"> & {
  readonly id: string;
  readonly label: string;
  readonly hint?: string;
  readonly error?: string | undefined;
  readonly onText: (text: string) => void;
};

/** A text field with its label, its hint and its error in words. */
export function DeskField({ id, label, hint, error, onText, ...input }: Props) {
  const by = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      {hint ? (
        <p className="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      ) : null}
      <input {...input} id={id} className="input" aria-invalid={error ? true : undefined} aria-describedby={by === "" ? undefined : by} onChange={(event) => onText(event.target.value)} />
      {error ? (
        <p className="field-error" id={`${id}-error`}>
          <Icon name="alert" size={16} />
          {error}
        </p>
      ) : null}
    </div>
  );
}
