/** The page's nonce: the content security policy takes style elements from nobody who does not know it. */
export function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
}

/** Tells it to the packages that make style elements without being asked for a nonce: they look for this name. */
export function shareStyleNonce(): void {
  Object.assign(globalThis, { __webpack_nonce__: styleNonce() });
}
