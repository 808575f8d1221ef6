import type { ApiProblem } from "../api/problem";
import type { OnboardPartner } from "../api/shapes";

export type JoinField = keyof OnboardPartner;
export type JoinFaults = Partial<Record<JoinField, string>>;

export const JOIN_FIELDS: readonly JoinField[] = ["handle", "name", "email"];

/** What is wrong with what was entered, by field. */
export function faultsOf({ handle, name, email }: OnboardPartner): JoinFaults {
  return {
    ...(/^[a-z][a-z0-9-]{1,22}[a-z0-9]$/.test(handle) ? {} : { handle: "A handle has 3 to 24 small letters, digits and hyphens. It begins with a letter and does not end with a hyphen." }),
    ...(name.trim() !== "" && name.length <= 128 ? {} : { name: "Enter the name of your company, in at most 128 characters." }),
    ...(/^[^\s@]+@[^\s@]+$/.test(email) && email.length <= 255 ? {} : { email: "Enter an e-mail address, such as feeds@acme.example." }),
  };
}

/** The faults of single fields that the shop named in its refusal. */
export function faultsTold(problem: ApiProblem): JoinFaults {
  const named = problem.faults.map((fault) => [fault.pointer.slice(1), fault.detail] as const);
  return Object.fromEntries(named.filter(([field]) => (JOIN_FIELDS as readonly string[]).includes(field)));
}
