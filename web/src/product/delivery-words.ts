/** `2 to 4 working days`. */
export function dayWords(min: number, max: number): string {
  if (min === max) return max === 1 ? "1 working day" : `${max} working days`;
  return `${min} to ${max} working days`;
}
