#!/usr/bin/env node
// Starts the program on a Node that can run it. This file alone is plain JavaScript for old Nodes: a Node below 24
// hands over to the Node 24 that npm installed beside the program, or says in a sentence what is missing.
import { spawn } from 'node:child_process';
import module, { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isatty } from 'node:tty';
import { fileURLToPath } from 'node:url';

const NEEDED = 24;

if (Number.parseInt(process.versions.node, 10) >= NEEDED) {
  keepCompiled();
  const { main } = await import('./main.ts');
  process.exitCode = await main(process.argv.slice(2));
} else {
  const node = installedNode();
  if (node) handOver(node);
  else {
    process.stderr.write(
      `backtrail: this is Node ${process.versions.node}, but Node ${NEEDED} is needed: run \`npm ci\` in the ` +
        `program's folder, which brings it on Linux and Windows, or install it from https://nodejs.org.\n`,
    );
    process.exitCode = 2;
  }
}

/** Keeps compiled modules from one run to the next, where the platform has caches: threads, too, start sooner. */
function keepCompiled() {
  const { env, platform } = process;
  const caches = {
    win32: () => join(env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'Backtrail', 'Cache'),
    darwin: () => join(homedir(), 'Library', 'Caches', 'Backtrail'),
  };
  const own = caches[platform] ?? (() => join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'backtrail'));
  // Threads learn of it by the environment. Where it cannot be written, Node goes on without.
  env.NODE_COMPILE_CACHE ||= join(own(), 'compiled');
  module.enableCompileCache(env.NODE_COMPILE_CACHE);
}

/** The Node of the optional dependency for this platform, where npm has installed it. */
function installedNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const program = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node';
  try {
    return createRequire(import.meta.url).resolve(`node-${platform}-${process.arch}/${program}`);
  } catch {
    return undefined;
  }
}

/** Runs this file again on another Node, and ends as that one ends. */
function handOver(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  // Ctrl-C on a terminal reaches both processes without help.
  const pass = (signal) => (signal === 'SIGINT' && isatty(0) ? undefined : child.kill(signal));
  for (const signal of signals) process.on(signal, pass);
  child.on('error', (error) => {
    process.stderr.write(`backtrail: Node ${NEEDED} could not be started (${error.message}).\n`);
    process.exitCode = 2;
  });
  child.on('exit', (code, signal) => {
    for (const name of signals) process.off(name, pass);
    if (signal) process.kill(process.pid, signal);
    else process.exitCode = code ?? 1;
  });
}
