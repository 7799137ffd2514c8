/** Names and values, one below the other. */
import css from './facts.module.css';

/** Name, value, and what the hover adds. */
export type Fact = readonly [name: string, value: string, about?: string | undefined];

export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl className={css['facts']}>
      {facts.map(([name, value, about]) => (
        <div key={name} className={css['fact']}>
          <dt title={name}>{name}</dt>
          <dd title={about}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
