/** The one connection of this window to the core. */
import { makeClient } from '../../core/wire/client.ts';
import { desktopMethods } from '../../core/wire/contract-desktop.ts';
import { contract } from '../../core/wire/contract.ts';
import { openSocketPipe, SUBPROTOCOL, TOKEN_PREFIX } from '../../core/wire/socket-pipe.ts';
import { openHostPipe } from '../desktop/bridge.ts';

const TOKEN_KEY = 'backtrail-token';

/** The access token: it comes in the fragment of the first address, and is kept for this tab alone. */
function readToken(): string {
  const given = new URLSearchParams(globalThis.location.hash.slice(1)).get('token');
  if (given !== null) {
    sessionStorage.setItem(TOKEN_KEY, given);
    const { pathname, search } = globalThis.location;
    globalThis.history.replaceState(null, '', pathname + search);
  }
  return given ?? sessionStorage.getItem(TOKEN_KEY) ?? '';
}

const token = readToken();

function socketAddress(): URL {
  const address = new URL('wire', globalThis.location.href);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  address.search = '';
  address.hash = '';
  return address;
}

export const core = makeClient({ ...contract, ...desktopMethods }, () => {
  const host = openHostPipe();
  if (host) return host;
  const protocols = token === '' ? [SUBPROTOCOL] : [SUBPROTOCOL, TOKEN_PREFIX + token];
  return openSocketPipe(new WebSocket(socketAddress(), protocols));
});
