/** Files that a person takes along: the browser keeps them where it keeps downloads. */

function save(address: string, name: string): void {
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
}

/** Saves what this window holds. */
export function saveContent(content: string | Uint8Array, name: string, type: string): void {
  const part = typeof content === 'string' ? content : (content as Uint8Array<ArrayBuffer>);
  const address = URL.createObjectURL(new Blob([part], { type }));
  save(address, name);
  // The download has its own hold on the bytes once it began.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Fetches a file that the core offers: `path` is the link that it gave. */
export function fetchDownload(path: string, name: string): void {
  save(new URL(path, globalThis.location.href).href, name);
}
