/** The question of a trace as a person writes it: fields of a form, kept in the address of the view. */
import { parseAddress, formatEndpoint } from '../../core/model/address.ts';
import { formatTime, epochMs, parseTime } from '../../core/model/time.ts';
import type { Party } from '../../core/model/trace-question.ts';
import { changeView, useView } from './view.ts';

/** As typed. */
export interface TraceForm {
  readonly victim: string;
  readonly port: string;
  readonly at: string;
  /** The peer that the victim saw, `address` or `address:port`. */
  readonly from: string;
  readonly site: string;
  /** Minutes. */
  readonly within: string;
}

/** What the contract takes. */
export interface TraceAsked {
  readonly victim: Party;
  readonly at: number;
  readonly from?: Party;
  readonly site?: string;
  readonly withinMs: number;
}

export type FormProblems = Partial<Record<keyof TraceForm, string>>;

const DEFAULT_WITHIN = '720';
const MOST_MINUTES = 31 * 1440;

const emptyForm: TraceForm = {
  victim: '',
  port: '',
  at: '',
  from: '',
  site: '',
  within: DEFAULT_WITHIN,
};

const names = ['victim', 'port', 'at', 'from', 'site', 'within'] as const;

export function readForm(extra: Readonly<Record<string, string>>): TraceForm {
  return { ...emptyForm, ...Object.fromEntries(names.flatMap((name) => entry(name, extra[name]))) };
}

const entry = (name: string, value: string | undefined): [string, string][] =>
  value === undefined ? [] : [[name, value]];

/** As part of the address; what is empty is left out. */
export function writeForm(form: TraceForm): Record<string, string | undefined> {
  return Object.fromEntries(
    names.map((name) => [
      name,
      form[name] === '' || (name === 'within' && form.within === DEFAULT_WITHIN) ? undefined : form[name],
    ]),
  );
}

/** The same with its moment as everybody writes it. */
export function tidyForm(form: TraceForm): TraceForm {
  const at = parseTime(form.at);
  return at === undefined ? form : { ...form, at: formatTime(at) };
}

/** The question of a form, or what is wrong with its fields. */
export function checkForm(form: TraceForm): { asked?: TraceAsked; problems: FormProblems } {
  const problems: FormProblems = {};
  const victim = readParty(form.victim);
  if (form.victim.trim() === '') problems.victim = 'The address of the machine that was logged into.';
  else if (!victim) problems.victim = 'This is no IPv4 or IPv6 address.';
  const port = form.port.trim() === '' ? victim?.port : readPort(form.port);
  if (form.port.trim() !== '' && port === undefined) problems.port = '0 to 65535.';
  const at = parseTime(form.at);
  if (at === undefined) problems.at = 'A moment in UTC, such as 2026-11-20 14:21:07.';
  const from = form.from.trim() === '' ? undefined : readParty(form.from);
  if (form.from.trim() !== '' && !from) problems.from = 'An address, or address:port.';
  const minutes = Number(form.within);
  if (!(minutes > 0 && minutes <= MOST_MINUTES)) problems.within = '1 minute to 31 days.';
  if (!victim || at === undefined || Object.keys(problems).length > 0) return { problems };
  return {
    problems,
    asked: {
      victim: { address: victim.address, ...(port === undefined ? {} : { port }) },
      at,
      ...(from ? { from } : {}),
      ...(form.site === '' ? {} : { site: form.site }),
      withinMs: minutes * 60_000,
    },
  };
}

function readPort(text: string): number | undefined {
  const port = Number(text.trim());
  return Number.isInteger(port) && port >= 0 && port <= 65_535 && text.trim() !== '' ? port : undefined;
}

/** `192.0.2.1`, `192.0.2.1:22`, `2001:db8::1` or `[2001:db8::1]:22`. */
export function readParty(text: string): Party | undefined {
  const given = text.trim();
  const [, bracketed, behind] = /^\[([^\]]+)\](?::(\d+))?$/.exec(given) ?? [];
  const [, plain, port] = /^([^:]+):(\d+)$/.exec(given) ?? [];
  const address = bracketed ?? plain ?? given;
  const number = behind ?? port;
  if (!parseAddress(address)) return undefined;
  if (number === undefined) return { address };
  const read = readPort(number);
  return read === undefined ? undefined : { address, port: read };
}

/** A party as the contract gives it: the port may be there and undefined. */
interface GivenParty {
  readonly address: string;
  readonly port?: number | undefined;
}

export const writeParty = ({ address, port }: GivenParty): string => formatEndpoint(address, port);

export interface TraceStart {
  readonly victim: GivenParty;
  readonly from?: GivenParty;
  readonly atMs: number;
  readonly site?: string | undefined;
}

export const formOf = ({ victim, from, atMs, site }: TraceStart): TraceForm => ({
  ...emptyForm,
  victim: victim.address,
  port: victim.port === undefined ? '' : String(victim.port),
  at: formatTime(epochMs(atMs)),
  from: from ? writeParty(from) : '',
  site: site ?? '',
});

/** Opens the Trace screen on a question, and asks it. */
export function openTrace(start: TraceStart): void {
  const { extra } = useView.getState();
  const kept = Object.entries({ ...extra, ...writeForm(formOf(start)), go: '1' }).filter(
    (pair): pair is [string, string] => pair[1] !== undefined && !closed.has(pair[0]),
  );
  changeView({ screen: 'trace', extra: Object.fromEntries(kept) });
}

/** What belongs to the answer before. */
const closed: ReadonlySet<string> = new Set(['pair', 'why', 'path', 'tab', 'method', 'hop', 'head']);

interface TracedFlow {
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
  readonly startMs: number | null;
  readonly endMs: number | null;
  readonly site: string;
}

/** Below this a port is a service's (RFC 6335). */
const SERVICE_PORTS = 1024;

/** Traces the connection of one flow: the side with the service's port is taken for the victim, else the destination. */
export function traceFlow(flow: TracedFlow): void {
  const { source, sourcePort, destination, destinationPort, startMs, endMs, site } = flow;
  const atMs = startMs === null || endMs === null ? (startMs ?? endMs) : (startMs + endMs) / 2;
  if (atMs === null) return;
  const isAnswer = sourcePort < SERVICE_PORTS && destinationPort >= SERVICE_PORTS;
  const ends: Party[] = [
    { address: destination, port: destinationPort },
    { address: source, port: sourcePort },
  ];
  const [victim, from] = isAnswer ? ends.toReversed() : ends;
  if (victim && from) openTrace({ victim, from, atMs: Math.round(atMs), site });
}
