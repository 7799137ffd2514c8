/** How a contract is written: each method is a `call`, which has one reply, or a `feed`, which has items until it ends. */
import { z } from 'zod';

export interface CallMethod<
  Request extends z.ZodType = z.ZodType,
  Reply extends z.ZodType = z.ZodType,
  Progress extends z.ZodType = z.ZodType,
> {
  readonly kind: 'call';
  /** Checked in full by the server. */
  readonly request: Request;
  readonly reply: Reply;
  /** What it tells while it works; `z.never()` where it tells nothing. */
  readonly progress: Progress;
}

export interface FeedMethod<Request extends z.ZodType = z.ZodType, Item extends z.ZodType = z.ZodType> {
  readonly kind: 'feed';
  readonly request: Request;
  readonly item: Item;
}

export type Method = CallMethod | FeedMethod;

/** Methods by their names. */
export type Contract = Readonly<Record<string, Method>>;

/** A method with one reply. */
export function call<Request extends z.ZodType, Reply extends z.ZodType>(
  request: Request,
  reply: Reply,
): CallMethod<Request, Reply, z.ZodNever>;
export function call<Request extends z.ZodType, Reply extends z.ZodType, Progress extends z.ZodType>(
  request: Request,
  reply: Reply,
  progress: Progress,
): CallMethod<Request, Reply, Progress>;
export function call(request: z.ZodType, reply: z.ZodType, progress: z.ZodType = z.never()): CallMethod {
  return { kind: 'call', request, reply, progress };
}

/** A method whose items come until it ends, fails, or its reader leaves. */
export function feed<Request extends z.ZodType, Item extends z.ZodType>(
  request: Request,
  item: Item,
): FeedMethod<Request, Item> {
  return { kind: 'feed', request, item };
}

export type CallName<C extends Contract> = {
  [K in keyof C & string]: C[K]['kind'] extends 'call' ? K : never;
}[keyof C & string];

export type FeedName<C extends Contract> = {
  [K in keyof C & string]: C[K]['kind'] extends 'feed' ? K : never;
}[keyof C & string];

/** What a client gives. */
export type RequestOf<M extends Method> = z.input<M['request']>;
/** What a handler is given, checked. */
export type CheckedRequest<M extends Method> = z.output<M['request']>;
export type ReplyOf<M> = M extends CallMethod ? z.output<M['reply']> : never;
export type ProgressOf<M> = M extends CallMethod ? z.output<M['progress']> : never;
export type ItemOf<M> = M extends FeedMethod ? z.output<M['item']> : never;
