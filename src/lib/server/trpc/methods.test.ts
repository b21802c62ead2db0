/** Every way in through the API: the same flows as behind the pages. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmulator, type MiniProgramEmulator } from '../../../../plugins/wechat-miniprogram/emulator';
import { goodPassword } from '../../../../tests/appliance-under-test';
import { enableVendors, endpointsEnv } from '../../../../tests/emulators/vendors';
import type { AppServices } from '../flows/services';
import { apiUnderTest, type ApiUnderTest } from './api-under-test';

let wechat: MiniProgramEmulator;
let api: ApiUnderTest;
let app: AppServices;
const connector = 'wechat-miniprogram';

beforeAll(async () => {
	wechat = await startEmulator();
	api = await apiUnderTest(endpointsEnv({ [connector]: wechat }));
	app = await appWith();
});
afterAll(async () => {
	await api.close();
	await wechat.close();
});

async function appWith(settings: Record<string, unknown> = {}): Promise<AppServices> {
	const made = await api.under.app(settings);
	await enableVendors(made, { [connector]: wechat });
	await made.plugins.save('sms', { enabled: true });
	return made;
}

interface Session {
	token?: string;
}
interface Outcome {
	status: string;
	pending?: string;
	verification?: string;
	user?: { id: string; phone: string | null; points: number };
	session?: Session;
	secret?: string;
	id?: string;
}
/** As a client without cookies: sessions are sent in bodies. */
const headersFor = (session?: Session, at = app) => ({
	'menshen-app': String(at.id),
	'menshen-session': 'token',
	...(session?.token ? { authorization: `Bearer ${session.token}` } : {}),
});
async function tell(name: string, input: unknown, session?: Session): Promise<Outcome> {
	const { data, error } = await api.tell(name, { input, headers: headersFor(session) });
	if (error) throw new Error(error.code);
	return data as Outcome;
}
const refusal = async (name: string, input: unknown, session?: Session) =>
	(await api.tell(name, { input, headers: headersFor(session) })).error?.code;

let phones = 0;
async function codeTo(to: string, more: object = { purpose: 'sign-in' }) {
	const { verification = '' } = await tell('auth.sendCode', { connector: 'sms', to, ...more });
	return { verification, code: await api.under.codeFor(app, to) };
}
const freshPhone = () => `+86137${String(10_000_000 + phones++)}`;

it('the methods that an app offers are listed, in the language of the request', async () => {
	const { data } = await api.ask('auth.methods', {
		headers: { ...headersFor(), 'accept-language': 'zh-CN' },
	});
	expect(data).toMatchObject([
		{ id: 'password', way: 'password' },
		{ id: 'sms', way: 'code', identifier: 'phone' },
		{ id: connector, way: 'scan', name: '微信小程序' },
	]);
});

describe('a code', () => {
	it('signs up and in', async () => {
		const phone = freshPhone();
		const { status, user } = await tell('auth.signInWithCode', await codeTo(phone));
		expect(status).toBe('signed-in');
		expect(user).toMatchObject({ phone, points: 0 });
	});
	it('that is wrong is refused', async () => {
		const { verification, code } = await codeTo(freshPhone());
		const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, '0');
		expect(await refusal('auth.signInWithCode', { verification, code: wrong })).toBe('auth/code-invalid');
	});
});

describe('a ticket', () => {
	const ticket = () => ({ connector, ticket: wechat.login('mei') });
	it('asks first, joins, and signs in from then on', async () => {
		const asked = await tell('auth.signInWithTicket', ticket());
		expect(asked).toMatchObject({ status: 'ask', join: true, connector });
		const joined = await tell('auth.joinExternal', { pending: asked.pending });
		expect(joined.status).toBe('signed-in');
		const again = await tell('auth.signInWithTicket', ticket());
		expect(again).toMatchObject({ status: 'signed-in', user: { id: joined.user?.id } });
		expect(JSON.stringify([asked, joined, again])).not.toContain(wechat.sessionKeys.at(-1));
	});
	it('is linked and unlinked by the signed-in user, with the password', async () => {
		await api.under.user(app, { username: 'linker', password: goodPassword });
		const { session } = await tell('auth.signIn', { identifier: 'linker', password: goodPassword });
		const li = { connector, ticket: wechat.login('li') };
		expect(await refusal('me.identities.linkTicket', { ...li, password: 'wrong-password' }, session)).toBe(
			'auth/invalid-credentials',
		);
		await tell('me.identities.linkTicket', { ...li, password: goodPassword }, session);
		const linked = await api.ask('me.identities.list', { headers: headersFor(session) });
		const [{ id } = { id: '' }] = linked.data as { id: string }[];
		expect(await refusal('me.identities.unlink', { id }, session)).toBe('auth/invalid-credentials');
		await tell('me.identities.unlink', { id, password: goodPassword }, session);
		const { data } = await api.ask('me.identities.list', { headers: headersFor(session) });
		expect(data).toEqual([]);
	});
	it('that waits for an answer is linked to the account that was proven', async () => {
		const at = await tell('auth.signInWithTicket', { connector, ticket: wechat.login('li') });
		await api.under.user(app, { username: 'owner', password: goodPassword });
		const { session } = await tell('auth.signIn', { identifier: 'owner', password: goodPassword });
		await tell('me.identities.linkPending', { pending: at.pending, password: goodPassword }, session);
		expect(await tell('auth.signInWithTicket', { connector, ticket: wechat.login('li') })).toMatchObject({
			status: 'signed-in',
		});
	});
});

describe('a guest', () => {
	const asGuest = () => tell('auth.signInWithTicket', { connector: 'guest', ticket: 'ab'.repeat(16) });
	it('becomes a user by a username and a password, and is no longer a guest', async () => {
		await app.plugins.save('guest', { enabled: true });
		const guest = await asGuest();
		expect(guest).toMatchObject({ status: 'signed-in', user: { name: 'Guest' } });
		const typed = { username: 'was-a-guest', newPassword: goodPassword };
		const { session } = await tell('me.becomeUser', typed, guest.session);
		expect(await refusal('me.becomeUser', typed, guest.session)).toBe('auth/not-signed-in');
		expect(await refusal('me.becomeUser', typed, session)).toBe('auth/method-unavailable');
		const again = await tell('auth.signIn', { identifier: 'was-a-guest', password: goodPassword });
		expect(again.user?.id).toBe(guest.user?.id);
		expect((await asGuest()).user?.id).not.toBe(guest.user?.id);
	});
});

describe('a scan', () => {
	it('signs in the screen that drew it', async () => {
		const begun = await tell('auth.scan.begin', { connector });
		const key = /signinKey=(\d+)/.exec(wechat.drawn.at(-1) ?? '')?.[1] ?? '';
		expect(JSON.stringify(begun)).not.toContain(key);
		await tell('auth.scan.open', { key });
		await tell('auth.scan.confirm', { key, ticket: wechat.login('mei') });
		const state = await api.ask('auth.scan.watch', {
			input: { secret: begun.secret },
			headers: headersFor(),
		});
		expect(state.data).toEqual({ status: 'confirmed' });
		const collected = await tell('auth.scan.collect', { secret: begun.secret });
		expect(collected.status).toBe('signed-in');
		expect(await refusal('auth.scan.collect', { secret: begun.secret })).toBe('interaction/expired');
	});
	it('ends when the device refuses', async () => {
		const { secret } = await tell('auth.scan.begin', { connector });
		const key = /signinKey=(\d+)/.exec(wechat.drawn.at(-1) ?? '')?.[1] ?? '';
		await tell('auth.scan.deny', { key });
		expect(await refusal('auth.scan.collect', { secret })).toBe('interaction/expired');
	});
});
