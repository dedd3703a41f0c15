/** A module whose answers change while they are looked at: there is no telling what the suite makes of them. */
import inverted from './inverted.mjs';

const elusive = () => {
  let looks = 0;
  return {
    get y() {
      looks++;
      return looks === 1 ? { dtype: 'float64', shape: [0], data: new Float64Array(0) } : undefined;
    },
  };
};

export default { ...inverted, name: 'elusive', dropout: elusive };
