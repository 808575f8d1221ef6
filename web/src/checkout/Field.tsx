import type { ChangeEvent, InputHTMLAttributes, ReactNode } from "react";
import { Icon } from "../ui/Icon";
import { fieldId, type FieldName } from "./form";

/** What a field needs around its control: a visible label, a hint, and its error in words beside it. */
export function Field(props: { readonly name: FieldName; readonly label: string; readonly optional?: boolean; readonly hint?: string; readonly error?: string | undefined; readonly children: ReactNode; readonly wide?: boolean }) {
  const { name, label, optional, hint, error, children, wide } = props;
  const id = fieldId(name);
  return (
    <div className={wide ? "field field-wide" : "field"}>
      <label className="field-label" htmlFor={id}>
        {label}
        {optional ? <span className="field-optional"> (optional)</span> : null}
      </label>
      {hint ? (
        <p className="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      ) : null}
      {children}
      {error ? (
        <p className="field-error" id={`${id}-error`}>
          <Icon name="alert" size={16} />
          {error}
        </p>
      ) : null}
    </div>
  );
}

type TextProps = Omit<InputHTMLAttributes<HTMLInputElement>, "name" | "onChange"> & {
  readonly name: FieldName;
  readonly label: string;
  readonly optional?: boolean;
  readonly hint?: string;
  readonly error?: string | undefined;
  readonly wide?: boolean;
  readonly onText: (text: string) => void;
};

/** A text field with its label, hint and error. */
export function TextField({ name, label, optional, hint, error, wide, onText, ...input }: TextProps) {
  return (
    <Field name={name} label={label} optional={optional ?? false} error={error} wide={wide ?? false} {...(hint ? { hint } : {})}>
      <input
        {...input}
        {...describedBy(name, hint, error)}
        id={fieldId(name)}
        name={name}
        className="input"
        required={!optional}
        onChange={(event: ChangeEvent<HTMLInputElement>) => onText(event.target.value)}
      />
    </Field>
  );
}

/** What ties a control to its hint and its error for screen readers. */
export function describedBy(name: FieldName, hint: string | undefined, error: string | undefined) {
  const id = fieldId(name);
  const by = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  return { "aria-invalid": error ? true : undefined, "aria-describedby": by === "" ? undefined : by } as const;
}
