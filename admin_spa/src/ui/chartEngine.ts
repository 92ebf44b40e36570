/** The drawing library, in a chunk of its own. */

import { BarChart, LineChart, PieChart } from "echarts/charts";
import {
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  TooltipComponent,
} from "echarts/components";
import { type EChartsCoreOption, init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([
  BarChart,
  LineChart,
  PieChart,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  TooltipComponent,
  CanvasRenderer,
]);

export function draw(
  box: HTMLElement,
  option: EChartsCoreOption,
  onPick: (name: string, series: string) => void,
): { set: (option: EChartsCoreOption) => void; end: () => void } {
  const chart = init(box);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const set = (next: EChartsCoreOption) => {
    const tooltip = next.tooltip as Record<string, unknown> | undefined;
    chart.setOption(
      {
        animation: !calm,
        animationDuration: 250,
        textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
        ...next,
        ...(tooltip ? { tooltip: { renderMode: "richText", confine: true, ...tooltip } } : {}),
      },
      { notMerge: true },
    );
  };
  set(option);
  chart.on("click", (event) => onPick(event.name, String(event.seriesName ?? "")));
  const watch = new ResizeObserver(() => chart.resize());
  watch.observe(box);
  return {
    set,
    end: () => {
      watch.disconnect();
      chart.dispose();
    },
  };
}
