/** Where the window was when it was last closed. */
import { readFileSync, writeFileSync } from 'node:fs';

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface WindowState {
  readonly width: number;
  readonly height: number;
  /** Absent: in the middle of the screen. */
  readonly x?: number;
  readonly y?: number;
  readonly maximized: boolean;
}

const SMALLEST = { width: 960, height: 600 } as const;
const FIRST: WindowState = { width: 1600, height: 1000, maximized: false };
/** So much of the window must be on a screen for it to be found. */
const VISIBLE = 120;

export const smallestWindow = SMALLEST;

/** The remembered state, as far as it makes sense with the screens that there are now. */
export function readWindowState(path: string, screens: readonly Rectangle[]): WindowState {
  let read: Partial<Record<string, unknown>>;
  try {
    read = Object(JSON.parse(readFileSync(path, 'utf8'))) as Partial<Record<string, unknown>>;
  } catch {
    return FIRST;
  }
  const { width, height, x, y } = read;
  if (!isLength(width) || !isLength(height)) return FIRST;
  const state = {
    width: Math.max(SMALLEST.width, width),
    height: Math.max(SMALLEST.height, height),
    maximized: read['maximized'] === true,
  };
  if (!Number.isInteger(x) || !Number.isInteger(y)) return state;
  const place = { x: Number(x), y: Number(y) };
  return screens.some((screen) => isReachable(place, state.width, screen)) ? { ...state, ...place } : state;
}

/** A window whose place cannot be kept is no reason for a word. */
export function writeWindowState(path: string, bounds: Rectangle, maximized: boolean): void {
  try {
    writeFileSync(path, JSON.stringify({ ...bounds, maximized }));
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
  }
}

const isLength = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 32_768;

const isReachable = (
  { x, y }: { readonly x: number; readonly y: number },
  width: number,
  screen: Rectangle,
): boolean =>
  x + width - VISIBLE >= screen.x &&
  x + VISIBLE <= screen.x + screen.width &&
  y >= screen.y - 1 &&
  y + VISIBLE <= screen.y + screen.height;
