import type { KoaContextWithOIDC } from 'oidc-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
	applianceUnderTest,
	goodPassword,
	refusalOf,
	visitor,
	type ApplianceUnderTest,
} from '../../../../tests/appliance-under-test';
import type { AppServices } from '../flows/services';
import type { SignedIn } from '../flows/sign-in/begin-session';
import { submitSignIn } from '../flows/sign-in/submit-sign-in';
import { signOut, signOutEverywhere } from '../flows/sign-out/end-sessions';
import { digest } from '../runtime/vault';
import { inOneWrite } from './adapter/request-writes';
import { standsOnLiveSession } from './live-session';

let under: ApplianceUnderTest;
let app: AppServices;
let signedIn: SignedIn;

beforeAll(async () => {
	under = await applianceUnderTest();
	app = await under.app();
	await under.user(app);
});
afterAll(() => under.close());
beforeEach(async () => {
	signedIn = await submitSignIn(app, { identifier: 'alice', password: goodPassword }, visitor());
});

/** The engine's context of a request from a browser that is signed in. */
function contextOf({ session, user }: SignedIn, uid: string): KoaContextWithOIDC {
	return {
		req: { headers: { cookie: `${session.cookie.name}=${session.token}` } },
		oidc: { session: { accountId: user.id, uid }, account: { accountId: user.id } },
	} as unknown as KoaContextWithOIDC;
}

const grant = (accountId: string, id: string) => ({
	model: 'Grant',
	id,
	payload: {},
	grantId: null,
	uid: null,
	userCode: null,
	accountId,
	clientId: 'web',
	expiresAt: null,
});

/** A request to the engine, with something happening between its look at the session and its write. */
const request = (id: string, meanwhile: () => Promise<unknown>) =>
	inOneWrite(app.store, async (writes) => {
		expect(await standsOnLiveSession(app, contextOf(signedIn, id))).toBe(true);
		writes.save(grant(signedIn.user.id, id));
		await meanwhile();
	});
const written = (id: string) => app.store.read.artifacts.find('Grant', id);
const ownSession = () => app.store.read.sessions.find(signedIn.session.session.id);

describe('what depends on a session', () => {
	it('is written while the session lives, and the two are linked', async () => {
		await request('calm', async () => undefined);
		expect(await written('calm')).toMatchObject({ accountId: signedIn.user.id });
		expect((await ownSession())?.engineSession).toBe(digest('calm'));
	});

	it.each([
		[
			'everywhere',
			() =>
				signOutEverywhere(app, { userId: signedIn.user.id, actor: { kind: 'system', id: '' } }, visitor()),
		],
		[
			'in this browser',
			() => signOut(app, { id: signedIn.session.session.id, userId: signedIn.user.id }, visitor()),
		],
	])('is not written when the user was signed out %s meanwhile', async (where, end) => {
		expect(await refusalOf(request(where, end))).toBe('auth/not-signed-in');
		expect(await written(where)).toBeUndefined();
	});

	it('is checked at the write also where the two were linked before', async () => {
		await request('tied', async () => undefined);
		const end = () => app.store.write((tx) => tx.sessions.delete(signedIn.session.session.id));
		const again = inOneWrite(app.store, async (writes) => {
			expect(await standsOnLiveSession(app, contextOf(signedIn, 'tied'))).toBe(true);
			writes.save(grant(signedIn.user.id, 'late'));
			await end();
		});
		expect(await refusalOf(again)).toBe('auth/not-signed-in');
		expect(await written('late')).toBeUndefined();
	});
});
