/** A shortcut, shown where it works. */
import css from './key-hint.module.css';

const mac = /mac/i.test(navigator.userAgent);

/** `mod` is Cmd on a Mac and Ctrl elsewhere. */
export function KeyHint({ keys }: { readonly keys: readonly string[] }) {
  return (
    <span className={css['keys']}>
      {keys.map((key) => (
        <kbd key={key} className={css['key']}>
          {key === 'mod' ? (mac ? '⌘' : 'Ctrl') : key}
        </kbd>
      ))}
    </span>
  );
}
