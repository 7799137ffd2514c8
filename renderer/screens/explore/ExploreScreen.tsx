/** Every stored flow: when, between whom, how much; and each single one. */
import { filterError } from '../../state/filter-error.ts';
import { useView } from '../../state/view.ts';
import { EmptyNote } from '../../parts/Panel.tsx';
import { Panes } from '../../parts/Panes.tsx';
import { FlowDrawer } from './FlowDrawer.tsx';
import { FlowTable } from './FlowTable.tsx';
import { Timeline } from './Timeline.tsx';
import { TopLists } from './TopLists.tsx';

export function ExploreScreen() {
  const flow = useView((view) => view.flow);
  const mistake = filterError(useView((view) => view.filter));
  // An address may bring a filter that the bar would not have let through: said once, not in each panel.
  if (mistake) {
    return (
      <EmptyNote title="The filter of this address cannot be read.">
        {mistake.message} Mend it in the bar above, or clear it.
      </EmptyNote>
    );
  }
  return (
    <Panes
      name="explore"
      orientation="horizontal"
      panes={[
        {
          key: 'flows',
          size: 76,
          content: (
            <Panes
              name="explore-flows"
              orientation="vertical"
              panes={[
                { key: 'timeline', size: 27, min: 15, content: <Timeline /> },
                { key: 'table', size: 73, min: 20, content: <FlowTable /> },
              ]}
            />
          ),
        },
        {
          key: 'side',
          size: 24,
          min: 15,
          content: flow === null ? <TopLists /> : <FlowDrawer key={flow} id={flow} />,
        },
      ]}
    />
  );
}
