/** Where the filter is written, for commands that lead there. */
export const FILTER_INPUT_ID = 'filter-input';

export function focusFilter(): void {
  const input = document.getElementById(FILTER_INPUT_ID);
  if (input instanceof HTMLInputElement) {
    input.focus();
    input.select();
  }
}
