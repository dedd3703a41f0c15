// The reference without layers of its own. Such a layer, where it is given no seed, draws what no run can draw again; the
// other masks of dropout follow from the run's seed, however the run is cut.
import reference from 'keepprob/reference';

const { layer: _, ...dropout } = reference.capabilities.dropout;

// biome-ignore lint/style/noDefaultExport: this is what the module of an implementation exports.
export default { ...reference, capabilities: { ...reference.capabilities, dropout } };
