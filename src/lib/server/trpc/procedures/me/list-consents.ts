import { z } from 'zod';
import { listConsents as list } from '../../../flows/account/consents';
import { userProcedure } from '../../guards';

const consentView = z.object({
	clientId: z.string(),
	clientName: z.string(),
	scopes: z.array(z.string()),
	createdAt: z.number(),
});

/** What the user allowed which client. */
export const listConsents = userProcedure
	.output(z.array(consentView))
	.query(({ ctx }) => list(ctx.app, ctx.user.id));
