/** The reference of this project, as its package exports it. */
export { default } from 'keepprob/reference';
