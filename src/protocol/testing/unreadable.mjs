export default {
  name: 'unreadable',
  version: '1.0.0',
  get capabilities() {
    throw new Error('sealed');
  },
};
