/** Passkeys through the flows, with a software authenticator that makes real keys and signatures. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Authenticator, type Lies } from '../../../../../plugins/passkey/authenticator-under-test';
import {
	applianceUnderTest,
	refusalOf,
	sessionOf,
	signedInBy,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { minute } from '../../runtime/clock';
import type { User } from '../../storage/app/users';
import { updateApp } from '../apps/manage-apps';
import { enterExternal } from '../external/enter-external';
import type { AppServices } from '../services';
import { signOutEverywhere } from '../sign-out/end-sessions';
import { updateUser } from '../users/manage-users';
import { prove } from '../verify/prove';
import {
	beginCeremony,
	enrolPasskey,
	listPasskeys,
	removePasskey,
	signInByPasskey,
	type BegunCeremony,
} from './ceremony';

let under: ApplianceUnderTest;
let app: AppServices;
let count = 0;

beforeAll(async () => {
	under = await applianceUnderTest();
	app = await freshApp();
});
afterAll(() => under.close());

async function freshApp(settings: Record<string, unknown> = {}): Promise<AppServices> {
	const made = await under.app(settings);
	await made.plugins.save('passkey', { enabled: true });
	return made;
}

const asked = ({ options }: BegunCeremony) => ({
	challenge: String(options['challenge']),
	rpId: 'localhost',
	origin: app.origin,
});
const newUser = (at = app) => under.user(at, { username: `holder${count++}` });

async function enrol(user: User, key = new Authenticator(), at = app): Promise<Authenticator> {
	const begun = await beginCeremony(at, { user }, visitor());
	const response = key.create(asked(begun));
	const session = await sessionOf(at, user);
	await enrolPasskey(at, { session, name: 'Phone', ceremony: begun.ceremony, response }, visitor());
	return key;
}
async function signIn(key: Authenticator, lies: Lies = {}, at = app) {
	const begun = await beginCeremony(at, {}, visitor());
	return signInByPasskey(at, { ceremony: begun.ceremony, response: key.get(asked(begun), lies) }, visitor());
}

describe('a passkey', () => {
	it('signs in without a name', async () => {
		const user = await newUser();
		const key = await enrol(user);
		const signedIn = await signIn(key);
		expect(signedIn.user.id).toBe(user.id);
		const session = await app.sessions.validate(signedIn.session.token);
		expect(session?.amr).toEqual(app.plugins.manifestOf('passkey').amr);
		expect(await listPasskeys(app, user.id)).toMatchObject([{ name: 'Phone', id: key.id }]);
	});

	it('signs in also where system accounts are off', async () => {
		const at = await freshApp();
		const user = await newUser(at);
		const key = await enrol(user, new Authenticator(), at);
		await updateApp(
			under.appliance.services,
			{ id: at.id, change: { systemAccounts: false }, actor: system },
			visitor(),
		);
		expect((await signIn(key, {}, at)).user.id).toBe(user.id);
	});

	it.each<[string, Lies]>([
		['from another origin', { origin: 'https://evil.example' }],
		['for another site', { rpId: 'evil.example' }],
		['to another challenge', { challenge: 'AAAA' }],
		['of another ceremony', { type: 'webauthn.create' }],
	])('an answer %s proves nothing (C14)', async (_, lies) => {
		const key = await enrol(await newUser());
		expect(await refusalOf(signIn(key, lies))).toBe('auth/invalid-credentials');
	});

	it('that is unknown proves nothing', async () => {
		expect(await refusalOf(signIn(new Authenticator()))).toBe('auth/invalid-credentials');
	});

	it('that claims to be another user’s proves nothing', async () => {
		const [one, other] = [await enrol(await newUser()), await enrol(await newUser())];
		expect(await refusalOf(signIn(one, { id: other.id }))).toBe('auth/invalid-credentials');
	});

	it('answers a challenge once, within minutes, in the browser that asked (C14)', async () => {
		const key = await enrol(await newUser());
		const begun = await beginCeremony(app, { browser: 'mine' }, visitor());
		const answer = (browser?: string) =>
			signInByPasskey(app, { ceremony: begun.ceremony, response: key.get(asked(begun)), browser }, visitor());
		expect(await refusalOf(answer('theirs'))).toBe('interaction/not-yours');
		expect(await refusalOf(answer('mine'))).toBe('done');
		expect(await refusalOf(answer('mine'))).toBe('interaction/expired');
		const late = await beginCeremony(app, {}, visitor());
		under.clock.move(6 * minute);
		const response = key.get(asked(late));
		expect(await refusalOf(signInByPasskey(app, { ceremony: late.ceremony, response }, visitor()))).toBe(
			'interaction/expired',
		);
	});

	it.each([3, 10, 0])(
		'whose counter went from 10 to %i is refused, and reported to the operator (C14)',
		async (counter) => {
			const user = await newUser();
			const key = await enrol(user);
			const alerts: unknown[] = [];
			const heard: AppServices = { ...app, alert: (alert) => alerts.push(alert) };
			await signIn(key, { counter: 10 }, heard);
			expect(alerts).toEqual([]);
			expect(await refusalOf(signIn(key, { counter }, heard))).toBe('auth/passkey-copied');
			expect(alerts).toEqual([{ kind: 'passkey-copied', user: user.id, since: under.clock.now() }]);
			// The sessions of the enrolment and of the sign-in before.
			expect(await app.store.read.sessions.listOfUser(user.id)).toHaveLength(2);
			const [event] = await app.store.read.audit.list({ action: 'user.passkey-report', limit: 1 });
			expect(event).toMatchObject({ target: `user:${user.id}`, detail: { report: 'counter-regression' } });
			// A counter that goes on from the stored value is still accepted.
			expect(await refusalOf(signIn(key, { counter: 11 }))).toBe('done');
		},
	);

	it('without a counter is accepted every time', async () => {
		const key = await enrol(await newUser(), new Authenticator(false));
		for (let times = 0; times < 3; times++) expect(await refusalOf(signIn(key))).toBe('done');
	});

	it('that fails again and again does not stop other users at that address from typing a code', async () => {
		const at = await freshApp();
		const stranger = visitor({ address: '203.0.113.99' });
		const answer = async () => {
			const begun = await beginCeremony(at, {}, stranger);
			const response = new Authenticator().get(asked(begun));
			return signInByPasskey(at, { ceremony: begun.ceremony, response }, stranger);
		};
		for (let times = 0; times < 50; times++)
			expect(await refusalOf(answer())).toBe('auth/invalid-credentials');
		expect(await refusalOf(answer())).toBe('auth/too-many-attempts');
		const wrongCode = prove(
			at,
			{ action: 'user.sign-in', find: () => Promise.resolve(undefined), code: '000000' },
			stranger,
		);
		expect(await refusalOf(wrongCode)).toBe('auth/code-invalid');
	});

	it('belongs to one user', async () => {
		const key = await enrol(await newUser());
		expect(await refusalOf(enrol(await newUser(), key))).not.toBe('done');
	});

	it('made for one user is not kept for another', async () => {
		const [one, other] = [await newUser(), await newUser()];
		const begun = await beginCeremony(app, { user: one }, visitor());
		const response = new Authenticator().create(asked(begun));
		const enrolment = enrolPasskey(
			app,
			{ session: await sessionOf(app, other), name: '', ceremony: begun.ceremony, response },
			visitor(),
		);
		expect(await refusalOf(enrolment)).toBe('auth/invalid-credentials');
	});

	it('is not kept for a session that ended while it was made', async () => {
		const user = await newUser();
		const session = await sessionOf(app, user);
		const begun = await beginCeremony(app, { user }, visitor());
		const response = new Authenticator().create(asked(begun));
		await signOutEverywhere(app, { userId: user.id, actor: system }, visitor());
		const added = { session, name: '', ceremony: begun.ceremony, response };
		expect(await refusalOf(enrolPasskey(app, added, visitor()))).toBe('auth/not-signed-in');
		expect(await app.store.read.passkeys.listOfUser(user.id)).toEqual([]);
	});

	it('is not kept for a guest where registration closed while it was made', async () => {
		const at = await freshApp();
		await at.plugins.save('guest', { enabled: true });
		const external = { subject: 'a-fingerprint', scope: 'web', also: [], profile: { name: 'Guest' } };
		const { user } = signedInBy(await enterExternal(at, { connector: 'guest', external }, visitor()));
		const begun = await beginCeremony(at, { user }, visitor());
		const change = { registration: 'closed' as const };
		await updateApp(under.appliance.services, { id: at.id, change, actor: system }, visitor());
		const session = await sessionOf(at, user);
		const response = new Authenticator().create(asked(begun));
		const answer = { session, name: 'Phone', ceremony: begun.ceremony, response };
		expect(await refusalOf(enrolPasskey(at, answer, visitor()))).toBe('auth/registration-closed');
		expect(await listPasskeys(at, user.id)).toEqual([]);
		expect(await at.store.read.roles.listOfUser(user.id)).toEqual(['guest']);
	});

	it('of a disabled user does not sign in', async () => {
		const user = await newUser();
		const key = await enrol(user);
		await updateUser(app, { id: user.id, change: { status: 'disabled' }, actor: system }, visitor());
		expect(await refusalOf(signIn(key))).toBe('auth/account-disabled');
	});

	it('is removed, but never as the last way in', async () => {
		const user = await newUser();
		const [first, second] = [await enrol(user), await enrol(user)];
		await removePasskey(app, { user, id: first.id }, visitor());
		expect(await refusalOf(signIn(first))).toBe('auth/invalid-credentials');
		expect(await refusalOf(removePasskey(app, { user, id: second.id }, visitor()))).toBe('auth/last-way-in');
		const other = await newUser();
		expect(await refusalOf(removePasskey(app, { user: other, id: second.id }, visitor()))).toBe(
			'identity/not-found',
		);
	});
});
