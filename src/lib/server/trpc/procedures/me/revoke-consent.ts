import { z } from 'zod';
import { revokeConsent as revoke } from '../../../flows/account/consents';
import { userProcedure } from '../../guards';
import { idInput } from '../../views/page';

/** Takes back what a client was allowed; its tokens end. */
export const revokeConsent = userProcedure
	.input(z.strictObject({ clientId: idInput }))
	.output(z.void())
	.mutation(({ ctx, input }) =>
		revoke(ctx.app, { userId: ctx.user.id, clientId: input.clientId }, ctx.visitor()),
	);
