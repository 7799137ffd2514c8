/** Names and values, one below the other. */
import css from './facts.module.css';

/** Name, value, and what the hover adds. */
export type Fact = readonly [name: string, value: string, about?: string | undefined];

export interface FactsProps {
  readonly facts: readonly Fact[];
  /** More room for the names than for the values. */
  readonly longNames?: boolean;
}

export function Facts({ facts, longNames = false }: FactsProps) {
  return (
    <dl className={css['facts']} data-long-names={longNames}>
      {facts.map(([name, value, about]) => (
        <div key={name} className={css['fact']}>
          <dt title={name}>{name}</dt>
          <dd title={about}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
