/** Cheap checks for replies whose types stand in core/model: the members that must be there, not every row of them. */
import { z } from 'zod';

type Kind = 'array' | 'object' | 'string' | 'number' | 'boolean' | 'any';

/** A schema for `T` that looks at the named members alone: what the core says is not hostile, it may be of another version. */
export function shape<T extends object>(
  members: Readonly<Partial<Record<keyof T & string, Kind>>>,
): z.ZodType<T> {
  const kinds = Object.entries(members) as [string, Kind][];
  return z.custom<T>((value) => {
    if (typeof value !== 'object' || value === null) return false;
    return kinds.every(([name, kind]) => is((value as Record<string, unknown>)[name], kind));
  });
}

function is(value: unknown, kind: Kind): boolean {
  if (kind === 'any') return value !== undefined;
  if (kind === 'array') return Array.isArray(value);
  if (kind === 'object') return typeof value === 'object' && value !== null;
  return typeof value === kind;
}
