/** A network with its dropped nodes cut out, and with them their incoming and outgoing connections. */
import { svg } from '../dom.ts';

const [width, height, radius] = [240, 190, 8];

/**
 * @param layers how many nodes each layer has
 * @param isKept whether a node takes part; the layers and their nodes count from 0
 * @param weight of the connection to a node from one of the layer before it
 */
export function thinnedNetwork(
  layers: readonly number[],
  {
    isKept,
    weight,
    label,
  }: {
    readonly isKept: (layer: number, node: number) => boolean;
    readonly weight: (layer: number, to: number, from: number) => number;
    readonly label: string;
  },
): SVGSVGElement {
  const x = (layer: number) => radius + 6 + ((width - 2 * (radius + 6)) * layer) / (layers.length - 1);
  const y = (layer: number, node: number) => (height * (node + 0.5)) / layers[layer];
  const nodes = layers.flatMap((count, layer) => Array.from({ length: count }, (_, node) => ({ layer, node })));
  const connections = nodes.flatMap(({ layer, node }) =>
    layer === 0 || !isKept(layer, node)
      ? []
      : Array.from({ length: layers[layer - 1] }, (_, from) => from)
          .filter((from) => isKept(layer - 1, from))
          .map((from) =>
            svg('path', {
              class: weight(layer, node, from) < 0 ? 'connection negative' : 'connection',
              d: `M${x(layer - 1)},${y(layer - 1, from)}L${x(layer)},${y(layer, node)}`,
              'stroke-width': (0.4 + 2 * Math.min(1.5, Math.abs(weight(layer, node, from)))).toFixed(2),
            }),
          ),
  );
  const circles = nodes.map(({ layer, node }) =>
    svg('circle', {
      class: isKept(layer, node) ? 'node' : 'node dropped',
      cx: x(layer).toFixed(1),
      cy: y(layer, node).toFixed(1),
      r: radius,
    }),
  );
  return svg(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label, class: 'thinned' },
    ...connections,
    ...circles,
  );
}
