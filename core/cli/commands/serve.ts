/** `backtrail serve`: the workstation without a window of its own, for a browser. */
import { InvalidArgumentError, type Command } from 'commander';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeHandlers } from '../../app/handlers.ts';
import { scheduleReports, type ReportScheduler } from '../../app/report/schedule.ts';
import { Workspace } from '../../app/workspace/workspace.ts';
import { defaultStoreFolder } from '../../app/workspace/folder.ts';
import { ApiError } from '../../model/api-error.ts';
import { isLoopback, makeToken } from '../../server/security.ts';
import { startServer, type RunningServer } from '../../server/server.ts';
import type { CliIo } from '../io.ts';
import { openBrowser } from '../open-browser.ts';
import { contract } from '../../wire/contract.ts';

export interface ServeCommandOptions {
  readonly store?: string;
  readonly port?: number;
  readonly host: string;
  readonly listen?: readonly string[];
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly insecureHttp?: boolean;
  readonly open?: boolean;
  readonly reports?: string;
}

/** Taken where it is free, so that the address stays the same from day to day. */
const USUAL_PORT = 4747;
/** The terminal signals npm and the program, and npm passes on its own: within this it is one press. */
const ONE_PRESS_MS = 500;

const rendererFolder = fileURLToPath(new URL('../../../dist/renderer', import.meta.url));

export function registerServe(program: Command, io: CliIo): void {
  program
    .command('serve')
    .description('serve the workstation to a browser, until SIGTERM or Ctrl-C; prints its address')
    .option('--store <dir>', `the store, which is made where there is none; default ${defaultStoreFolder()}`)
    .option(
      '--port <n>',
      `the port of the page; default ${USUAL_PORT}, or another where it is taken`,
      parsePort,
    )
    .option(
      '--host <address>',
      'the address of the page: this machine alone reaches the default',
      '127.0.0.1',
    )
    .option('--listen <url...>', 'collect as well, from the start: udp://HOST:PORT or tcp://HOST:PORT')
    .option('--tls-cert <file>', 'PEM certificate: the page is served over https')
    .option('--tls-key <file>', 'PEM key')
    .option('--insecure-http', 'serve others without TLS: everybody on the way can read along, the token too')
    .option(
      '--reports <dir>',
      'write the report of each month there on the first of the next, and now where the last one is missing',
    )
    .option('--open', 'open the browser')
    .action((options: ServeCommandOptions) => serveWorkstation(options, io));
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 65_536;
  if (port > 65_535) throw new InvalidArgumentError('Write a port, 0 to 65535; 0 takes one that is free.');
  return port;
}

/** Serves until it is told to end. The token is made anew, or BACKTRAIL_TOKEN. */
export async function serveWorkstation(options: ServeCommandOptions, io: CliIo): Promise<void> {
  if (!existsSync(join(rendererFolder, 'index.html'))) {
    throw new ApiError('usage', 'The pages of the workstation are not built: run "npm run build:renderer".');
  }
  const told = endSignal();
  const workspace = new Workspace({
    folder: options.store ?? defaultStoreFolder(),
    can: { importPaths: isLoopback(options.host), openStore: options.store === undefined },
    onFault: (error) => io.err(`backtrail: this is a bug, please report it: ${traceOf(error)}`),
  });
  let server: RunningServer | undefined;
  let reports: ReportScheduler | undefined;
  try {
    server = await start(workspace, options, io);
    if (options.listen) {
      const { urls, warnings } = await workspace.collector.start(workspace.folder, options.listen, []);
      for (const sentence of [`Collecting on ${urls.join(', ')}.`, ...warnings]) io.err(sentence);
    }
    io.err(`The store is ${workspace.folder}. Open this address; Ctrl-C ends the server:`);
    io.out(`${server.url}\n`);
    io.flush();
    if (options.reports !== undefined) {
      reports = scheduleReports(() => workspace.folder, options.reports, {
        onMade: (month, out) => io.err(`The report on ${month} was written to ${out}.`),
        onFailed: (month, error) =>
          io.err(
            `The report on ${month} could not be made, and is tried again in an hour: ${error instanceof ApiError ? error.message : traceOf(error)}`,
          ),
      });
    }
    if (options.open) openBrowser(server.url);
    await told.promise;
  } finally {
    await Promise.all([server?.close(), reports?.stop(), workspace.close()]);
    told.forget();
  }
  io.err('Ended.');
}

async function start(workspace: Workspace, options: ServeCommandOptions, io: CliIo): Promise<RunningServer> {
  const serve = async (port: number): Promise<RunningServer> =>
    startServer({
      contract,
      handlers: makeHandlers(workspace),
      folder: rendererFolder,
      host: options.host,
      port,
      token: readToken(),
      tls: readIdentity(options),
      insecure: options.insecureHttp ?? false,
      takeDownload: (path) => workspace.downloads.take(path),
      onFault: (error) => io.err(`backtrail: this is a bug, please report it: ${traceOf(error)}`),
    });
  if (options.port !== undefined) return serve(options.port);
  try {
    return await serve(USUAL_PORT);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'cannot-listen') throw error;
    return serve(0);
  }
}

/** Resolves with the first signal; a second one ends the program at once. */
function endSignal(): { readonly promise: Promise<void>; forget(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  let pressedAt = Number.NaN;
  const told = (): void => {
    const now = performance.now();
    if (now - pressedAt > ONE_PRESS_MS) process.exit(130);
    if (Number.isNaN(pressedAt)) pressedAt = now;
    resolve();
  };
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, told);
  return {
    promise,
    forget: () => {
      for (const signal of signals) process.off(signal, told);
    },
  };
}

function readToken(): string {
  const given = process.env['BACKTRAIL_TOKEN'];
  if (given === undefined) return makeToken();
  if (/^[\w-]{20,200}$/.test(given)) return given;
  throw new ApiError('usage', 'BACKTRAIL_TOKEN needs 20 characters or more, letters, digits, - and _ alone.');
}

function readIdentity({ tlsCert, tlsKey }: ServeCommandOptions): { cert: string; key: string } | undefined {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new ApiError('usage', 'TLS needs both --tls-cert FILE and --tls-key FILE.');
  }
  return { cert: readPem(tlsCert), key: readPem(tlsKey) };
}

function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw new ApiError('usage', `${path} cannot be read (${what}): name a PEM file.`, { cause: error });
  }
}

const traceOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
