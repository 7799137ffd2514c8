/** What bounds an answer, in sentences: never a guess presented as a fact. */
export function describeLimits(_: unknown): string[] {
  return [];
}
