/** The page's nonce: the content security policy takes style elements from nobody who does not know it. */
export function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
}
