/** Sign-in with a WebID against the real Community Solid Server: through the plugin host, and all the way to an account (B01, B02). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmulator } from '../../plugins/webid/emulator';
import {
	enterExternal,
	joinExternal,
	type Entered,
} from '../../src/lib/server/flows/external/enter-external';
import { listIdentities } from '../../src/lib/server/flows/external/link-external';
import { beginRedirect, finishRedirect } from '../../src/lib/server/flows/external/redirect';
import type { AppServices } from '../../src/lib/server/flows/services';
import { hostUnderTest, refusalOf, type HostUnderTest } from '../../src/lib/server/plugins/host-under-test';
import { applianceUnderTest, signedInBy, visitor } from '../appliance-under-test';
import { answerAt } from '../emulators/consent';
import { findSolidServer } from './install';
import { answerAtServer } from './person';
import { startSolidServer, type SolidServer } from './solid-server';

const connector = 'webid';
const start = { redirectUri: 'http://127.0.0.1:3000/apps/4/callback/webid', state: 's-1', nonce: 'n-1' };

/** Room for an installation, where this is the first time. */
const setUpMs = 600_000;

/** From the sign-in page to the server, and back with its answer, each time in a browser of its own. */
async function arrive(app: AppServices, server: SolidServer, browser: string): Promise<Entered> {
	const order = { connector, browser, back: '/apps/1/sign-in', hint: server.webid };
	const url = await beginRedirect(app, order, visitor());
	const query = await answerAtServer(url, server);
	const { outcome } = await finishRedirect(app, { connector, browser, query }, visitor());
	if ('refusal' in outcome) throw outcome.refusal;
	return enterExternal(app, outcome.arrived, visitor());
}

describe('a WebID at the Community Solid Server', { timeout: 180_000 }, () => {
	let server: SolidServer;
	beforeAll(async () => {
		server = await startSolidServer(await findSolidServer());
	}, setUpMs);
	afterAll(() => server?.stop());

	it('makes an account, bound to the WebID, and signs in to the same one the next time', async () => {
		const under = await applianceUnderTest({ EGRESS_ALLOW: '127.0.0.1' });
		try {
			const app = await under.app();
			await app.plugins.save(connector, { enabled: true });
			const asked = await arrive(app, server, 'the first browser');
			if (asked.status !== 'ask') throw new Error(`a stranger was ${asked.status}`);
			const { user } = signedInBy(await joinExternal(app, { pending: asked.pending }, visitor()));
			expect(await listIdentities(app, user.id)).toMatchObject([{ connector, userId: user.id }]);
			const names = [{ authority: connector, scope: 'webid', subject: server.webid }];
			expect(await app.store.read.identities.findByNames(names)).toMatchObject([{ userId: user.id }]);

			const again = await arrive(app, server, 'another browser');
			expect(again.status).toBe('signed-in');
			expect(signedInBy(again).user.id).toBe(user.id);
			expect(await listIdentities(app, user.id)).toHaveLength(1);
		} finally {
			await under.close();
		}
	});

	/** The product's host; the server's clock is the real one. */
	async function host(EGRESS_ALLOW: string[] = ['127.0.0.1']): Promise<HostUnderTest> {
		const made = await hostUnderTest({ config: { EGRESS_ALLOW } });
		made.pass(Date.now() - 1_800_000_000_000);
		await made.app.save('webid', { enabled: true });
		return made;
	}
	const leave = ({ app }: HostUnderTest, hint: string) =>
		app.redirect('webid', 'en').begin({ ...start, hint });

	it.each([
		['their WebID', ({ webid }: SolidServer) => webid],
		['their provider', ({ issuer }: SolidServer) => issuer],
	])('signs in a person who types %s', async (_, hintAt) => {
		const made = await host();
		const { url, kept } = await leave(made, hintAt(server));
		const query = await answerAtServer(url, server);
		expect(query).toMatchObject({ state: 's-1', iss: server.issuer });
		const subject = await made.app.redirect('webid', 'en').finish({ ...start, query, kept });
		expect(subject).toEqual({ subject: server.webid, scope: 'webid', also: [], profile: {} });
		expect(kept.length).toBeLessThan(1500);
		// The code was good once.
		const again = made.app.redirect('webid', 'en').finish({ ...start, query, kept });
		expect(await refusalOf(again)).toMatchObject({ code: 'auth/not-accepted' });
	});

	it('a person who cancels there is not signed in', async () => {
		const made = await host();
		const { url, kept } = await leave(made, server.webid);
		const query = await answerAtServer(url, server, 'cancel');
		expect(query).toMatchObject({ error: 'access_denied', iss: server.issuer });
		const refusal = await refusalOf(made.app.redirect('webid', 'en').finish({ ...start, query, kept }));
		expect(refusal).toMatchObject({ detail: expect.stringContaining('access_denied') as string });
	});

	it('an answer of this server is not taken for another sign-in’s', async () => {
		const made = await host();
		const { url, kept } = await leave(made, server.webid);
		const query = await answerAtServer(url, server);
		const finish = (change: object) =>
			refusalOf(made.app.redirect('webid', 'en').finish({ ...start, query, kept, ...change }));
		const { iss: _, ...without } = query;
		const { kept: other } = await leave(made, server.webid);
		expect(await finish({ query: without })).toMatchObject({ code: 'auth/not-accepted' });
		expect(await finish({ query: { ...query, iss: 'https://other.example/' } })).toMatchObject({
			code: 'auth/not-accepted',
		});
		expect(await finish({ kept: other })).toMatchObject({ code: 'auth/not-accepted' });
	});

	it('an impostor that signs tokens for a WebID here is refused: its profile does not list it', async () => {
		const impostor = await startEmulator(0, { webid: server.webid });
		try {
			const made = await host();
			const { url, kept } = await leave(made, impostor.url);
			const query = await answerAt(url, 'Mei');
			const refusal = await refusalOf(made.app.redirect('webid', 'en').finish({ ...start, query, kept }));
			expect(refusal).toMatchObject({
				code: 'auth/not-accepted',
				detail: expect.stringContaining('does not list the issuer') as string,
			});
			// It went all the way: the tokens were good, and the profile alone said no.
			expect(impostor.calls.map((call) => call.url.pathname)).toContain('/token');
		} finally {
			await impostor.close();
		}
	});

	it('a server on a private address is not called unless the environment allows it (B06)', async () => {
		const made = await host([]);
		expect(await refusalOf(leave(made, server.webid))).toMatchObject({ code: 'plugin/provider-unavailable' });
	});
});
