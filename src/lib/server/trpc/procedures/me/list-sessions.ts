import { z } from 'zod';
import { listOwnSessions } from '../../../flows/account/own-sessions';
import { userProcedure } from '../../guards';
import { ownSessionView } from '../../views/session';

/** Where the user is signed in. */
export const listSessions = userProcedure
	.output(z.array(ownSessionView))
	.query(({ ctx }) => listOwnSessions(ctx.app, { userId: ctx.user.id, current: ctx.session?.id }));
