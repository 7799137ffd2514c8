/** What a desktop host offers to the page: a port to the core, and the powers that it has beside it. */
import { desktopNames, powerList, type DesktopPower } from '../../core/wire/contract-desktop.ts';
import type { Pipe } from '../../core/wire/pipe.ts';
import { portPipe } from '../../core/wire/port-pipe.ts';

interface Bridge {
  readonly powers: unknown;
  connect(): void;
}

function findBridge(): Bridge | undefined {
  const found = (globalThis as { readonly backtrail?: unknown }).backtrail;
  if (typeof found !== 'object' || found === null) return undefined;
  const { powers, connect } = found as Partial<Bridge>;
  return typeof connect === 'function' ? { powers, connect } : undefined;
}

const bridge = findBridge();
const checked = powerList.safeParse(bridge?.powers);
const powers: ReadonlySet<DesktopPower> = new Set(checked.success ? checked.data : []);

/** Whether the host can do it: `hasPower('desktop.chooseFiles')` is to ask for a file dialog. */
export const hasPower = (power: DesktopPower): boolean => powers.has(power);

/** A pipe to the core over a port that the host is asked for; undefined where the host has none to give. */
export function openHostPipe(): Promise<Pipe> | undefined {
  if (!bridge) return undefined;
  const { promise, resolve } = Promise.withResolvers<Pipe>();
  const take = (event: MessageEvent<unknown>): void => {
    const [port] = event.ports;
    if (event.source !== globalThis.window || event.data !== desktopNames.port || !port) return;
    globalThis.removeEventListener('message', take);
    resolve(portPipe(port));
  };
  globalThis.addEventListener('message', take);
  bridge.connect();
  return promise;
}
