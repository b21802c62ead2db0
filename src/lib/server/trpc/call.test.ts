import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	applianceUnderTest,
	goodPassword,
	type ApplianceUnderTest,
} from '../../../../tests/appliance-under-test';
import { createCall, type Call } from './call';

let under: ApplianceUnderTest;
let call: Call;

beforeAll(async () => {
	under = await applianceUnderTest();
	call = createCall(under.appliance.services);
});
afterAll(() => under.close());

describe('a call from the command line', () => {
	it('acts as the owner', async () => {
		const app = (await call({ procedure: 'admin.apps.create', input: { name: 'Demo' } })) as { id: number };
		const input = { username: 'alice', password: goodPassword };
		const user = (await call({ procedure: 'admin.users.create', input, app: app.id })) as { id: string };
		expect(await call({ procedure: 'admin.users.get', input: { id: user.id }, app: app.id })).toMatchObject({
			username: 'alice',
			roles: ['user'],
		});
		const { events } = (await call({ procedure: 'admin.audit.list', input: {}, app: app.id })) as {
			events: object[];
		};
		expect(events[0]).toMatchObject({ action: 'user.create', actor: { kind: 'system', id: 'cli' } });
		expect(await call({ procedure: 'admin.operators.list' })).toEqual([]);
	});

	it('applies a file of settings, which is impossible over HTTP', async () => {
		const text = 'apps:\n  - id: 40\n    name: Applied\n';
		expect(await call({ procedure: 'admin.config.apply', input: { text } })).toMatchObject({ dryRun: false });
		expect(await call({ procedure: 'admin.apps.get', app: 40 })).toMatchObject({ id: 40, name: 'Applied' });
	});

	it.each([
		[{ procedure: 'admin.nothing' }, 'edge/not-found'],
		[{ procedure: '__proto__' }, 'edge/not-found'],
		[{ procedure: 'admin.users.list', input: {} }, 'app/not-found'],
		[{ procedure: 'admin.users.list', input: {}, app: 999 }, 'app/not-found'],
		[{ procedure: 'admin.apps.create', input: { nme: 'x' } }, 'input/invalid'],
		[{ procedure: 'me.get', app: 40 }, 'auth/not-signed-in'],
		[{ procedure: 'auth.signIn', app: 40, input: { identifier: 'x', password: 'x' } }, 'edge/cross-site'],
	])('refuses with a code: %j', async (request, code) => {
		await expect(call(request)).rejects.toMatchObject({ name: 'Refusal', code });
	});
});
