/**
 * Sign in with Apple on this machine: the page that posts a form back, the token endpoint that wants a signed
 * client secret, the keys, and (at /native) what Apple's SDK gives to an app on a phone.
 */
import { generateKeyPairSync } from 'node:crypto';
import { jwtVerify } from 'jose';
import {
	approvePage,
	escapeHtml,
	isRegistered,
	startVendor,
	type EmulatedCall,
	type EmulatedFailure,
	type Emulator,
} from '@menshen/plugin-kit/emulator';
import { Grants, redemptionIn } from '../../tests/emulators/grants';
import {
	createIdTokens,
	forgeries,
	forgeryNames,
	wallClock,
	type Forgery,
	type ForgeryName,
	type IdTokens,
} from '../../tests/emulators/id-tokens';

export const client = {
	teamId: 'TEAM0MENSH',
	servicesId: 'com.example.web',
	keyId: 'KEY0MENSHE',
	bundleId: 'com.example.app',
};
const issuer = 'https://appleid.apple.com';

export const people: Readonly<Record<string, Record<string, unknown>>> = {
	// Apple writes the flags as text for some, as a boolean for others.
	Mei: { sub: '000792.mei.0638', email: 'mei@example.com', email_verified: 'true', nonce_supported: true },
	Li: {
		sub: '000792.li.0639',
		email: 'x7@privaterelay.appleid.com',
		email_verified: true,
		is_private_email: true,
	},
};
const names: Readonly<Record<string, Record<string, string>>> = {
	Mei: { firstName: 'Mei', lastName: 'Chen' },
	Li: { firstName: '力', lastName: '王' },
};

const fault = (error: string): Response => Response.json({ error }, { status: 400 });

const wrongRedirect = (): Response =>
	new Response('invalid_request\nInvalid web redirect url.', { status: 400 });

/** The page between Apple and us: it posts itself. */
function formPost(to: string, values: Record<string, string>): Response {
	const inputs = Object.entries(values).map(
		([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
	);
	const form = `<form method="post" action="${escapeHtml(to)}">${inputs.join('')}<button>Continue</button></form>`;
	const html = `<!doctype html><meta charset="utf-8"><title>Apple</title>${form}<script>document.forms[0].submit()</script>`;
	return new Response(html, { headers: { 'content-type': 'text/html; charset=utf-8' } });
}

class Apple {
	readonly #grants = new Grants('c');
	/** The people who have approved before: the name is sent once. */
	readonly #told = new Set<string>();
	readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	readonly #idTokens: IdTokens;
	readonly #now: () => number;

	constructor(idTokens: IdTokens, now: () => number) {
		this.#idTokens = idTokens;
		this.#now = now;
	}

	get privateKey(): string {
		return this.#keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
	}

	forget(): void {
		this.#grants.forget();
		this.#told.clear();
	}

	authorize(call: EmulatedCall): Response {
		const asked = call.url.searchParams;
		if (asked.get('client_id') !== client.servicesId) return fault('invalid_client');
		const formed = asked.get('response_mode') === 'form_post' || !asked.get('scope');
		const needed = ['redirect_uri', 'state', 'nonce'];
		if (asked.get('response_type') !== 'code' || !formed || !needed.every((name) => asked.get(name)))
			return fault('invalid_request');
		if (!isRegistered(call)) return wrongRedirect();
		const answer = (person: string) => `/auth/answer?${new URLSearchParams({ person })}&${asked}`;
		const approved = Object.keys(people).map((name) => ({ name, approved: answer(name) }));
		return approvePage('Apple', approved, answer(''));
	}

	answer(call: EmulatedCall): Response {
		if (!isRegistered(call)) return wrongRedirect();
		const { person = '', ...rest } = Object.fromEntries(call.url.searchParams);
		const asked = new URLSearchParams(rest);
		const { redirect_uri: to = '', state = '' } = rest;
		if (!people[person]) return formPost(to, { state, error: 'user_cancelled_authorize' });
		const user: Record<string, string> = this.#told.has(person)
			? {}
			: { user: JSON.stringify({ name: names[person] }) };
		this.#told.add(person);
		return formPost(to, { state, code: this.#grants.issue({ person, asked }), ...user });
	}

	async #isClient(form: URLSearchParams): Promise<boolean> {
		try {
			const { protectedHeader } = await jwtVerify(form.get('client_secret') ?? '', this.#keys.publicKey, {
				algorithms: ['ES256'],
				issuer: client.teamId,
				subject: client.servicesId,
				audience: issuer,
				// Six months, Apple says.
				maxTokenAge: 15_777_000,
				requiredClaims: ['exp'],
				currentDate: new Date(this.#now()),
			});
			return protectedHeader.kid === client.keyId && form.get('client_id') === client.servicesId;
		} catch {
			return false;
		}
	}

	async token({ form }: EmulatedCall, forgery?: Forgery): Promise<Response> {
		if (!(await this.#isClient(form))) return fault('invalid_client');
		if (form.get('grant_type') !== 'authorization_code') return fault('unsupported_grant_type');
		const grant = this.#grants.redeem(redemptionIn(form, client.servicesId));
		if (typeof grant === 'string') return fault('invalid_grant');
		const claims = { iss: issuer, aud: client.servicesId, nonce: grant.asked.get('nonce') ?? '' };
		return Response.json({
			access_token: `canary-access-${crypto.randomUUID()}`,
			token_type: 'Bearer',
			expires_in: 3600,
			refresh_token: 'canary-refresh',
			id_token: await this.#idTokens.sign({ ...claims, ...people[grant.person] }, forgery),
		});
	}

	/** `?person=Mei&nonce=<what the app gave the SDK>`, and for tests `&aud=…` or `&forgery=…`. */
	async native({ url: { searchParams } }: EmulatedCall): Promise<Response> {
		const { person = 'Mei', nonce, aud = client.bundleId, forgery = '' } = Object.fromEntries(searchParams);
		const claims = { iss: issuer, aud, ...(nonce ? { nonce } : {}), ...people[person] };
		return new Response(await this.#idTokens.sign(claims, forgeries[forgery as ForgeryName]));
	}

	keys(): Response {
		return this.#idTokens.jwks();
	}
}

/** @param options for tests: another clock */
export async function startEmulator(port = 0, options: { now?: () => number } = {}): Promise<Emulator> {
	const now = options.now ?? wallClock;
	const apple = new Apple(await createIdTokens(now), now);
	const at = 'POST /auth/token';
	const forged = forgeryNames.map((name): [string, EmulatedFailure] => [
		name,
		{ at, answer: (call: EmulatedCall) => apple.token(call, forgeries[name]) },
	]);
	const errors = ['invalid_grant', 'invalid_client', 'unauthorized_client', 'invalid_request'];
	return startVendor(
		{
			routes: {
				'GET /auth/authorize': (call) => apple.authorize(call),
				'GET /auth/answer': (call) => apple.answer(call),
				'GET /native': (call) => apple.native(call),
				[at]: (call) => apple.token(call),
				'GET /auth/keys': () => apple.keys(),
			},
			pages: ['GET /auth/authorize', 'GET /auth/answer', 'GET /native'],
			failures: {
				...Object.fromEntries(forged),
				...Object.fromEntries(errors.map((name) => [name, { at, answer: () => fault(name) }])),
				'keys are gone': { at: 'GET /auth/keys', answer: () => new Response('', { status: 500 }) },
			},
			endpoints: { authorize: '/auth/authorize', token: '/auth/token', keys: '/auth/keys' },
			config: {
				teamId: client.teamId,
				servicesId: client.servicesId,
				keyId: client.keyId,
				privateKey: apple.privateKey,
				bundleIds: `${client.bundleId}, com.example.other`,
			},
			forget: () => apple.forget(),
		},
		port,
	);
}
