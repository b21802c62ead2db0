/** What the page of a mailed link may say before its button is pressed. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
	applianceUnderTest,
	goodPassword,
	refusalOf,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { minute, second } from '../../runtime/clock';
import { openMessage } from '../messages/queue-message';
import type { AppServices } from '../services';
import { updateUser } from '../users/manage-users';
import { confirmEmail, readEmailLink, requestEmailVerification } from './confirm-email';

let under: ApplianceUnderTest;
let app: AppServices;
beforeAll(async () => {
	under = await applianceUnderTest();
	app = await under.app();
});
afterAll(() => under.close());

async function mailed(username: string) {
	const user = await under.user(app, { username, email: `${username}@example.com`, password: goodPassword });
	await requestEmailVerification(app, user, visitor());
	await under.codeFor(app, `${username}@example.com`);
	const letters = (await app.store.read.messages.list({ limit: 50 })).map((one) => openMessage(app, one));
	const letter = letters.find((one) => one?.to === `${username}@example.com`);
	const token = /token=([\w-]+)/.exec(letter?.content.text ?? '')?.[1] ?? '';
	return { user, token };
}

it('names the account and masks the address, as often as it is opened', async () => {
	const { token } = await mailed('gina');
	for (let i = 0; i < 3; i++)
		expect(await readEmailLink(app, token)).toEqual({ account: 'gina', email: 'g***@example.com' });
	expect(await refusalOf(confirmEmail(app, { token }, visitor()))).toBe('done');
	expect(await readEmailLink(app, token)).toBeUndefined();
});

it('says nothing without the link', async () => {
	await mailed('hugo');
	for (const token of ['', 'x', 'a'.repeat(43)]) expect(await readEmailLink(app, token)).toBeUndefined();
});

it('says nothing once the link has expired, or the address was changed', async () => {
	const late = await mailed('lara');
	under.clock.move(10 * minute);
	expect(await readEmailLink(app, late.token)).toBeUndefined();
	under.clock.move(second);
	const moved = await mailed('mona');
	const change = { email: 'elsewhere@example.com' };
	await updateUser(app, { id: moved.user.id, change, actor: system }, visitor());
	expect(await readEmailLink(app, moved.token)).toBeUndefined();
});

it('says nothing in another app', async () => {
	const { token } = await mailed('nora');
	expect(await readEmailLink(await under.app(), token)).toBeUndefined();
});
