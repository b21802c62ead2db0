import { z } from 'zod';
import { readWaysIn, removePasskeyForUser, unlinkForUser } from '../../../flows/users/user-ways-in';
import { administratorProcedure, appOperatorProcedure } from '../../guards';
import { idInput } from '../../views/page';
import { identityView, lastView, passkeyIdInput, passkeyView } from '../../views/ways-in';

const evenIfLast = z.boolean().default(false);

/** The external accounts that sign a user in. */
export const listUserIdentities = administratorProcedure
	.input(z.strictObject({ id: idInput }))
	.output(z.array(identityView.extend(lastView)))
	.query(async ({ ctx, input }) => (await readWaysIn(ctx.app, input.id)).identities);

/** The user is told by mail. */
export const unlinkUserIdentity = appOperatorProcedure
	.input(z.strictObject({ id: idInput, evenIfLast }))
	.output(z.void())
	.mutation(({ ctx, input }) => unlinkForUser(ctx.app, { ...input, actor: ctx.actor }, ctx.visitor()));

/** Keys on a user's devices. */
export const listUserPasskeys = administratorProcedure
	.input(z.strictObject({ id: idInput }))
	.output(z.array(passkeyView.extend(lastView)))
	.query(async ({ ctx, input }) => (await readWaysIn(ctx.app, input.id)).passkeys);

/** The user is told by mail. */
export const removeUserPasskey = appOperatorProcedure
	.input(z.strictObject({ id: passkeyIdInput, evenIfLast }))
	.output(z.void())
	.mutation(({ ctx, input }) => removePasskeyForUser(ctx.app, { ...input, actor: ctx.actor }, ctx.visitor()));
