import { z } from 'zod';
import { linkReturned, linkWithWaiting, unlinkOwn } from '../../../flows/account/change-ways-in';
import { proveFresh } from '../../../flows/account/prove-fresh';
import { listIdentities as list } from '../../../flows/external/link-external';
import { redeemTicket } from '../../../flows/external/redeem-ticket';
import { sessionProcedure, userProcedure } from '../../guards';
import { idInput } from '../../views/page';
import { identityView } from '../../views/ways-in';
import { secretInput, ticketInput, tokenInput } from '../auth/inputs';

/** Left out where the account has no password: then the sign-in must be of the last minutes. */
const password = secretInput.optional();

/** The external accounts that sign this user in. */
export const listIdentities = userProcedure
	.output(z.array(identityView))
	.query(({ ctx: { app, user } }) => list(app, user.id));

/** Links the account that a vendor's ticket stands for. */
export const linkTicket = sessionProcedure
	.input(ticketInput.extend({ password }))
	.output(z.void())
	.mutation(async ({ ctx: { app, user, session, visitor }, input: { password: typed = '', ...ticket } }) => {
		await proveFresh(app, { session, password: typed }, visitor());
		const arrived = await redeemTicket(app, ticket, visitor());
		return linkReturned(app, { user, session, arrived }, visitor());
	});

/** Links whoever waits (`status: ask`) to the user who has just signed in. */
export const linkPending = sessionProcedure
	.input(z.strictObject({ pending: tokenInput, password }))
	.output(z.void())
	.mutation(async ({ ctx: { app, user, session, visitor }, input: { pending, password: typed = '' } }) => {
		await proveFresh(app, { session, password: typed }, visitor());
		return linkWithWaiting(app, { user, session, pending }, visitor());
	});

export const unlinkIdentity = sessionProcedure
	.input(z.strictObject({ id: idInput, password }))
	.output(z.void())
	.mutation(({ ctx: { app, user, session, visitor }, input: { id, password: typed = '' } }) =>
		unlinkOwn(app, { owner: { user, session, password: typed }, id }, visitor()),
	);
