/** The engine: what judges an implementation, and what it says, for a program that brings the clauses. */
export type { Clause, Level, Need } from './clause.ts';
export { Breakage, type BreakageKind, Deviation, Refusal, type RefusalCode } from './errors.ts';
export { type Profile, type ProfileName, profileFor, profileNames } from './judge/profiles.ts';
export { judgeAll, type RunVerdict, totalWeightOf, verdictOfRun } from './judge/run.ts';
export {
  type Budget,
  type Finding,
  type FoundCounterexample,
  type KnownDeviation,
  type Progress,
  type Verdict,
  verify,
} from './judge/verify.ts';
export type { Channel } from './protocol/channel.ts';
export { connect } from './protocol/connect.ts';
export { loadModule } from './protocol/load.ts';
export { moduleChannel } from './protocol/module.ts';
export { processChannel } from './protocol/process.ts';
export { badge } from './report/badge.ts';
export type { Diagnosis } from './report/diagnosis.ts';
export { junit } from './report/junit.ts';
export { markdown } from './report/markdown.ts';
export type { Report } from './report/report.ts';
export type { Args, Capabilities, Identity, Implementation, Operation, Subject } from './subject.ts';
export { type Dtype, type Tensor, type TensorData, type Tensors, tensor } from './tensor.ts';
