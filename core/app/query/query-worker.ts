/** A query thread: one engine, asked by messages. */
import { parentPort, workerData } from 'node:worker_threads';
import { ApiError } from '../../model/api-error.ts';
import { SegmentsMoved } from '../../store/segment-reader.ts';
import { QueryEngine } from './engine.ts';
import {
  buffersOf,
  type FromQueryThread,
  type QueryThreadData,
  type ThreadFault,
  type ToQueryThread,
} from './threads.ts';
import { stepBack } from '../thread-priority.ts';

// Sockets and screens go first: an answer may take a little longer.
stepBack('answering');
const { folder, cacheBytes } = workerData as QueryThreadData;
const engine = new QueryEngine(folder, cacheBytes);

parentPort?.on('message', ({ call, method, args }: ToQueryThread) => {
  let reply: FromQueryThread;
  try {
    const work = engine[method].bind(engine) as (...values: readonly unknown[]) => unknown;
    reply = { call, result: work(...args) };
  } catch (error) {
    reply = { call, fault: faultOf(error) };
  }
  parentPort?.postMessage(reply, [...buffersOf(reply)]);
});

function faultOf(error: unknown): ThreadFault {
  if (error instanceof ApiError) return { code: error.code, message: error.message };
  if (error instanceof SegmentsMoved) return { code: 'moved', message: error.message };
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { code: 'bug', message, stack };
}
