/** keepprob as a library: judge an implementation from a program of your own. */
export type { Clause, Level, Need } from './clause.ts';
export { Breakage, Deviation, Refusal } from './errors.ts';
export { type ProfileName, profileFor, profileNames } from './judge/profiles.ts';
export { judgeAll, type RunVerdict, totalWeightOf, verdictOfRun } from './judge/run.ts';
export { type Budget, type Finding, type Verdict, verify } from './judge/verify.ts';
export { connect } from './protocol/connect.ts';
export { loadModule } from './protocol/load.ts';
export { moduleChannel } from './protocol/module.ts';
export { processChannel } from './protocol/process.ts';
export type { Report } from './report/report.ts';
export type { Capabilities, Implementation, Operation, Subject } from './subject.ts';
export { type Dtype, type Tensor, type Tensors, tensor } from './tensor.ts';
