/** Whoever changes what guards an account proves once more who they are (ASVS 7.5.1): a session left open is not enough. */
import { Refusal } from '../../../contract/errors';
import { minute } from '../../runtime/clock';
import type { Session } from '../../sessions/sessions';
import { nobody, recordEvent } from '../audit/record-event';
import { signInLimits } from '../sign-in/sign-in-limits';
import type { AppServices, Visitor } from '../services';

const connector = 'password';
/** How long a sign-in counts as proof where the account has no password to ask for. */
const freshFor = 10 * minute;

/** Compares under the limits of signing in. @throws Refusal auth/invalid-credentials (field password), auth/too-many-attempts */
export async function provePassword(
	services: Pick<AppServices, 'plugins' | 'limiter' | 'store' | 'clock'>,
	{ userId, password }: { userId: string; password: string },
	visitor: Visitor,
): Promise<void> {
	const method = services.plugins.secret(connector);
	const target = `user:${userId}`;
	await services.limiter.guard(
		signInLimits({ account: userId, knownBrowser: undefined, target }, visitor),
		async () => {
			const stored = await services.store.read.credentials.find(userId, connector);
			const verdict = await method.check({ secret: password, stored: stored?.secret });
			if (verdict.ok) return;
			// Whose session it is does not say who sits in front of it.
			const event = { action: 'user.prove', outcome: 'refused', actor: nobody, target } as const;
			await services.store.write((tx) => recordEvent(tx, event, { clock: services.clock, visitor }));
			throw new Refusal('auth/invalid-credentials', { fields: { password: 'auth/invalid-credentials' } });
		},
	);
}

/** Whether there is a password to ask for. */
export async function hasPassword(services: Pick<AppServices, 'store'>, userId: string): Promise<boolean> {
	return (await services.store.read.credentials.find(userId, connector)) !== undefined;
}

/**
 * The password, or, for an account without one, a sign-in of the last minutes.
 * @throws Refusal auth/invalid-credentials (field password), auth/too-many-attempts, auth/fresh-sign-in-required
 */
export async function proveFresh(
	services: Pick<AppServices, 'plugins' | 'limiter' | 'store' | 'clock'>,
	{ session, password }: { session: Pick<Session, 'userId' | 'authTime'>; password: string },
	visitor: Visitor,
): Promise<void> {
	if (await hasPassword(services, session.userId))
		return provePassword(services, { userId: session.userId, password }, visitor);
	if (services.clock.now() - session.authTime > freshFor) throw new Refusal('auth/fresh-sign-in-required');
}
