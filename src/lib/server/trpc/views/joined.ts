import { z } from 'zod';
import { readProfile } from '../../flows/account/read-profile';
import type { Joined } from '../../flows/register/join';
import type { SignedIn } from '../../flows/sign-in/begin-session';
import type { AppServices } from '../../flows/services';
import type { TrpcContext } from '../context';
import { handOver } from '../session-carrier';
import { sessionView } from './session';
import { profileView } from './user';

export const signedInView = z.object({
	status: z.literal('signed-in'),
	user: profileView,
	session: sessionView,
});
/** The app wants this proven first: `auth.sendCode` for `join`, then `auth.proveJoining`, both with `pending`. */
export const proveView = z.object({
	status: z.literal('prove'),
	what: z.enum(['email', 'phone']),
	pending: z.string(),
});
export const joinedView = z.discriminatedUnion('status', [signedInView, proveView]);

export async function signedInAs(
	ctx: TrpcContext,
	app: AppServices,
	signedIn: SignedIn,
): Promise<z.output<typeof signedInView>> {
	const user = await readProfile(app, signedIn.user);
	return { status: 'signed-in', user, session: handOver(ctx, app, signedIn) };
}

export async function joinedAs(
	ctx: TrpcContext,
	app: AppServices,
	joined: Joined,
): Promise<z.output<typeof joinedView>> {
	return joined.status === 'prove' ? joined : signedInAs(ctx, app, joined.signedIn);
}
