/** The parts of echarts that the workstation draws with: a chunk of its own, loaded when the first chart appears. */
import { BarChart, CustomChart, LineChart } from 'echarts/charts';
import { GridComponent, TooltipComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

use([BarChart, LineChart, CustomChart, GridComponent, TooltipComponent, CanvasRenderer]);

export const makeChart = (element: HTMLElement) => init(element, null, { renderer: 'canvas' });
