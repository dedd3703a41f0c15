/** `subjectBehind` with the schemas of this package. */
import type { Subject } from '../subject.ts';
import type { Channel } from './channel.ts';
import { faultBy } from './schema.ts';
import { subjectBehind } from './subject.ts';

/**
 * The subject behind a channel, greeted and checked.
 * @throws Breakage if it does not greet or echo as the protocol demands.
 */
export const connect = (channel: Channel): Promise<Subject> => subjectBehind(channel, faultBy);
