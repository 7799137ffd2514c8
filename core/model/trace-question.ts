/** What an investigator asks. */
import type { EpochMs } from './time.ts';

/** A machine, and the port on it where that is known. The address is in the text form of `formatAddress`. */
export interface Party {
  readonly address: string;
  readonly port?: number;
}

export interface Question {
  readonly victim: Party;
  /** A moment at which the connection was open. */
  readonly at: EpochMs;
  /** The peer that the victim saw. */
  readonly from?: Party;
  /** The victim's site: tells equal private addresses apart. */
  readonly site?: string;
}
