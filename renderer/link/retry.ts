/** Which calls are asked again by themselves. */
import { WireError } from '../../core/wire/wire-error.ts';

/** Only those that the loss of the connection cut off: the core's refusals stay refusals. */
export function shouldRetry(failures: number, error: Error): boolean {
  return error instanceof WireError && error.code === 'disconnected' && failures < 1000;
}
