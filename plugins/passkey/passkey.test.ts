import { describe, expect, it } from 'vitest';
import {
	ceremonyOptionsSchema,
	ceremonyVerdictSchema,
	type CeremonyVerdict,
	type PluginContext,
} from '@menshen/plugin-kit';
import { contextFor, thrownBy, type ContextUnderTest } from '@menshen/plugin-kit/context-under-test';
import { contractCases } from '@menshen/plugin-kit/contract-suite';
import { Authenticator, type Lies } from './authenticator-under-test';
import plugin from './index.server';
import { storedSchema } from './replies';

const origin = 'https://id.example.com';
const rpId = 'id.example.com';
const user = { id: 'u-0123456789', name: 'an.li@example.com' };

type Verification = 'required' | 'preferred';
type Ceremony = NonNullable<typeof plugin.ceremony>;
type Start = Parameters<Ceremony['options']>[0];
type Answer = Parameters<Ceremony['verify']>[0];

const contextWith = (userVerification: Verification = 'required') =>
	contextFor(plugin, { config: { userVerification } });
const options = async (change: Partial<Start> = {}, context: PluginContext = contextWith()) => {
	const start: Start = { purpose: 'prove', origin, credentials: [], ...change };
	return ceremonyOptionsSchema.parse(await plugin.ceremony?.options(start, context as never));
};
const verify = async (change: Omit<Answer, 'origin'>, context: PluginContext = contextWith()) =>
	ceremonyVerdictSchema.parse(await plugin.ceremony?.verify({ origin, ...change }, context as never));
const askedBy = (given: { options: Record<string, unknown> }) => ({
	challenge: String(given.options['challenge']),
	rpId,
	origin,
});

interface Way {
	userVerification?: Verification;
	context?: ContextUnderTest;
}

async function enrol(key: Authenticator, lies: Lies = {}, way: Way = {}): Promise<CeremonyVerdict> {
	const context = way.context ?? contextWith(way.userVerification);
	const asked = await options({ purpose: 'enrol', user }, context);
	const response = key.create(askedBy(asked), lies);
	return verify({ purpose: 'enrol', user, credentials: [], response, kept: asked.kept }, context);
}

type Credential = NonNullable<CeremonyVerdict['credential']>;
async function enrolled(key: Authenticator, lies: Lies = {}, way: Way = {}): Promise<Credential> {
	const { ok, credential } = await enrol(key, lies, way);
	if (!ok || !credential) throw new Error('not enrolled');
	return credential;
}

async function prove(key: Authenticator, credential: Credential, lies: Lies = {}, way: Way = {}) {
	const context = way.context ?? contextWith(way.userVerification);
	const asked = await options({}, context);
	const response = key.get(askedBy(asked), lies);
	return verify({ purpose: 'prove', credentials: [credential], response, kept: asked.kept }, context);
}
const storedOf = ({ stored }: Credential) => storedSchema.parse(JSON.parse(stored));

describe('passkey', () => {
	for (const { name, run } of contractCases({
		plugin,
		config: { userVerification: 'required' },
		refused: { 'verification that nobody knows': { userVerification: 'discouraged' } },
		call: (each, context) => each.ceremony?.options({ purpose: 'prove', origin, credentials: [] }, context),
		accept: (answer) => expect(ceremonyOptionsSchema.parse(answer).options).toMatchObject({ rpId }),
		failures: [
			{
				name: 'an enrolment of nobody is refused',
				arrange: () => undefined,
				call: (each, context) =>
					each.ceremony?.options({ purpose: 'enrol', origin, credentials: [] }, context),
				expected: { reason: 'refused' },
			},
		],
	}))
		it(name, run);
});

describe('what is asked', () => {
	it('of a new key: found by the device itself, verified, not one that is there already', async () => {
		const key = new Authenticator();
		const credential = await enrolled(key);
		const { options: asked } = await options({ purpose: 'enrol', user, credentials: [credential] });
		expect(asked).toMatchObject({
			rp: { id: rpId, name: rpId },
			user: { id: Buffer.from(user.id).toString('base64url'), name: user.name },
			attestation: 'none',
			authenticatorSelection: {
				residentKey: 'required',
				requireResidentKey: true,
				userVerification: 'required',
			},
			excludeCredentials: [{ id: key.id, type: 'public-key', transports: ['internal', 'hybrid'] }],
			pubKeyCredParams: [-8, -7, -257].map((alg) => ({ alg, type: 'public-key' })),
			timeout: 300_000,
		});
	});

	it('of an unknown user: any key of this place, so that it works without a username and in its field', async () => {
		const credential = await enrolled(new Authenticator());
		const { options: asked } = await options({ credentials: [credential] }, contextWith('preferred'));
		expect(asked).toMatchObject({
			rpId,
			allowCredentials: [],
			userVerification: 'preferred',
			timeout: 300_000,
		});
	});

	it('of a known user: one of their keys', async () => {
		const credential = await enrolled(new Authenticator());
		const { options: asked } = await options({ user, credentials: [credential] });
		expect(asked['allowCredentials']).toEqual([
			{ id: credential.id, type: 'public-key', transports: ['internal', 'hybrid'] },
		]);
	});

	it('contains 256 bits that never repeat, kept for the answer', async () => {
		const [one, two] = [await options(), await options()];
		expect(Buffer.from(String(one.options['challenge']), 'base64url')).toHaveLength(32);
		expect(one.options['challenge']).not.toBe(two.options['challenge']);
		expect(JSON.parse(one.kept)).toEqual({ purpose: 'prove', challenge: one.options['challenge'] });
	});

	it('names the user by at most 64 bytes', async () => {
		const { options: asked } = await options({ purpose: 'enrol', user: { ...user, id: 'x'.repeat(200) } });
		expect(Buffer.from((asked['user'] as { id: string }).id, 'base64url')).toHaveLength(32);
	});

	it('has the name that the operator gave', async () => {
		const context = contextFor(plugin, { config: { rpName: '门神' } });
		expect((await options({ purpose: 'enrol', user }, context)).options['rp']).toEqual({
			id: rpId,
			name: '门神',
		});
	});

	it.each([
		['http://localhost:3000', 'localhost'],
		['https://a.b.example.co.uk', 'a.b.example.co.uk'],
	])('at %s the place is %s', async (place, id) => {
		expect((await options({ origin: place })).options['rpId']).toBe(id);
	});

	it.each(['http://127.0.0.1:3000', 'https://[::1]'])(
		'cannot be used at %s: browsers take names only',
		async (place) => {
			expect(await thrownBy(() => options({ origin: place }))).toMatchObject({ reason: 'config' });
		},
	);
});

describe('a new key', () => {
	it('is stored as its public half, its counter and its traits', async () => {
		const key = new Authenticator(true, { backupEligible: true, backedUp: true });
		const credential = await enrolled(key, { counter: 7 });
		expect(credential.id).toBe(key.id);
		expect(storedOf(credential)).toEqual({
			publicKey: expect.stringMatching(/^[\w-]{100,}$/) as string,
			counter: 7,
			transports: ['internal', 'hybrid'],
			aaguid: '00000000-0000-0000-0000-000000000000',
			backupEligible: true,
			backedUp: true,
		});
	});

	it('may be self-attested', async () => {
		expect(await enrol(new Authenticator(), { format: 'packed' })).toMatchObject({ ok: true });
	});

	it('may not bring certificates, whose lists this server would have to fetch', async () => {
		const context = contextWith();
		expect(await enrol(new Authenticator(), { format: 'packed-certified' }, { context })).toEqual({
			ok: false,
		});
		expect(context.lines.join()).toContain('an attestation that nobody asked for');
	});

	it.each<[string, Lies]>([
		['another origin', { origin: 'https://id.example.org' }],
		['a port more', { origin: `${origin}:8443` }],
		['a host below', { origin: 'https://evil.id.example.com' }],
		['http', { origin: 'http://id.example.com' }],
		['another place', { rpId: 'example.org' }],
		['the domain above', { rpId: 'example.com' }],
		['another challenge', { challenge: 'AAAA' }],
		['the answer to the other question', { type: 'webauthn.get' }],
		['a page around it', { crossOrigin: true }],
		['a page of a known origin around it', { crossOrigin: true, topOrigin: 'https://evil.example' }],
		['nobody there', { userPresent: false }],
		['nobody verified', { userVerified: false }],
		['another id outside than inside', { id: 'AAAA' }],
		['backed up though it cannot be', { backedUp: true }],
	])('is refused with %s', async (_, lies) => {
		expect(await enrol(new Authenticator(), lies)).toEqual({ ok: false });
	});

	it('needs no verification where it is only preferred', async () => {
		expect(
			await enrol(new Authenticator(), { userVerified: false }, { userVerification: 'preferred' }),
		).toMatchObject({ ok: true });
	});
});

describe('a proof', () => {
	it('is accepted, and the stored state is updated', async () => {
		const key = new Authenticator();
		const first = await enrolled(key);
		const second = await prove(key, first);
		expect(second).toEqual({ ok: true, credential: { id: key.id, stored: expect.any(String) as string } });
		expect(second.credential && storedOf(second.credential)).toEqual({ ...storedOf(first), counter: 1 });
		expect(await prove(key, second.credential ?? first)).toMatchObject({ ok: true });
	});

	it('is accepted from a key without a counter, again and again', async () => {
		const key = new Authenticator(false);
		const credential = await enrolled(key);
		for (let round = 0; round < 3; round += 1) {
			const verdict = await prove(key, credential);
			expect(verdict).toMatchObject({ ok: true });
			expect(verdict.report).toBeUndefined();
		}
	});

	it.each<[string, Lies]>([
		['another origin', { origin: 'https://id.example.org' }],
		['a port more', { origin: `${origin}:8443` }],
		['a host below', { origin: 'https://evil.id.example.com' }],
		['http', { origin: 'http://id.example.com' }],
		['another place', { rpId: 'example.org' }],
		['the domain above', { rpId: 'example.com' }],
		['another challenge', { challenge: 'AAAA' }],
		['the answer to the other question', { type: 'webauthn.create' }],
		['a page around it', { crossOrigin: true }],
		['nobody there', { userPresent: false }],
		['nobody verified', { userVerified: false }],
		['backed up though it cannot be', { backedUp: true }],
	])('is refused with %s', async (_, lies) => {
		const key = new Authenticator();
		const credential = await enrolled(key);
		expect(await prove(key, credential, lies)).toEqual({ ok: false });
		expect(await prove(key, credential)).toMatchObject({ ok: true });
	});

	it('needs no verification where it is only preferred', async () => {
		const key = new Authenticator();
		const credential = await enrolled(key);
		expect(
			await prove(key, credential, { userVerified: false }, { userVerification: 'preferred' }),
		).toMatchObject({ ok: true });
	});

	it('is refused by another key under the same id', async () => {
		const [key, thief] = [new Authenticator(), new Authenticator()];
		expect(await prove(thief, await enrolled(key), { id: key.id })).toEqual({ ok: false });
	});

	it('is refused for an unknown key, and where the stored data is broken', async () => {
		const key = new Authenticator();
		const credential = await enrolled(key);
		expect(await prove(new Authenticator(), credential)).toEqual({ ok: false });
		for (const stored of [
			'',
			'{}',
			'{"publicKey":"AAAA"}',
			credential.stored.replace(/"publicKey":"[^"]+"/, '"publicKey":"AAAA"'),
		])
			expect(await prove(key, { ...credential, stored })).toEqual({ ok: false });
	});

	const flipped = (text: string, bit: number) => {
		const bytes = Buffer.from(text, 'base64url');
		bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
		return bytes.toString('base64url');
	};
	const bitsOf = (text: string) =>
		Array.from({ length: Buffer.from(text, 'base64url').length * 8 }, (_, bit) => bit);
	/** The two numbers of a signature; its four bytes of DER around them mean nothing but their lengths. */
	function numbersOf(signature: string): number[] {
		const length = Buffer.from(signature, 'base64url')[3] ?? 0;
		return bitsOf(signature).filter((bit) => bit >> 3 >= 4 && ![4 + length, 5 + length].includes(bit >> 3));
	}

	it.each([
		['signature', numbersOf],
		['authenticatorData', bitsOf],
		['clientDataJSON', bitsOf],
	] as const)('is refused with any single bit of %s flipped', async (part, among) => {
		const key = new Authenticator();
		const credential = await enrolled(key);
		const asked = await options();
		const good = key.get(askedBy(asked));
		const answer = { purpose: 'prove' as const, credentials: [credential], kept: asked.kept };
		const bits = among(good.response[part]);
		expect(bits.length).toBeGreaterThan(280);
		for (const bit of bits) {
			const response = { ...good, response: { ...good.response, [part]: flipped(good.response[part], bit) } };
			expect([bit, await verify({ ...answer, response })]).toEqual([bit, { ok: false }]);
		}
		expect(await verify({ ...answer, response: good })).toMatchObject({ ok: true });
	});

	it('for an earlier challenge is refused for this one', async () => {
		const key = new Authenticator();
		const credential = await enrolled(key);
		const [before, now] = [await options(), await options()];
		const response = key.get(askedBy(before));
		const answer = { purpose: 'prove' as const, credentials: [credential], response };
		expect(await verify({ ...answer, kept: now.kept })).toEqual({ ok: false });
		expect(await verify({ ...answer, kept: before.kept })).toMatchObject({ ok: true });
	});

	it('is not accepted for a new key, nor the other way round', async () => {
		const key = new Authenticator();
		const credential = await enrolled(key);
		const [toEnrol, toProve] = [await options({ purpose: 'enrol', user }), await options()];
		expect(
			await verify({
				purpose: 'prove',
				credentials: [credential],
				response: key.get(askedBy(toEnrol)),
				kept: toEnrol.kept,
			}),
		).toEqual({ ok: false });
		expect(
			await verify({
				purpose: 'enrol',
				user,
				credentials: [],
				response: key.create(askedBy(toProve)),
				kept: toProve.kept,
			}),
		).toEqual({ ok: false });
	});

	it.each(['', '{}', 'null', '{"purpose":"prove"}', '{"purpose":"prove","challenge":""}'])(
		'with %j kept is refused',
		async (kept) => {
			const key = new Authenticator();
			const response = key.get({ challenge: '', rpId, origin });
			expect(await verify({ purpose: 'prove', credentials: [await enrolled(key)], response, kept })).toEqual({
				ok: false,
			});
		},
	);

	it('by the key of another user is refused where the user is known', async () => {
		const key = new Authenticator();
		const credential = await enrolled(key);
		const asked = await options({ user, credentials: [credential] });
		const answer = (userHandle?: string) => ({
			purpose: 'prove' as const,
			user,
			credentials: [credential],
			response: key.get(askedBy(asked), userHandle ? { userHandle } : {}),
			kept: asked.kept,
		});
		const handleOf = (id: string) => Buffer.from(id).toString('base64url');
		expect(await verify(answer(handleOf('u-9999999999')))).toEqual({ ok: false });
		expect(await verify(answer(handleOf(user.id)))).toMatchObject({ ok: true });
		expect(await verify(answer())).toMatchObject({ ok: true });
	});
});

describe('a counter', () => {
	it.each([
		[5, 5],
		[5, 4],
		[5, 0],
	])('that went from %i to %i is refused and reported', async (before, after) => {
		const key = new Authenticator();
		const credential = await enrolled(key, { counter: before });
		const verdict = await prove(key, credential, { counter: after });
		expect(verdict).toEqual({ ok: false, report: 'counter-regression' });
	});

	it('that grew is accepted', async () => {
		const key = new Authenticator();
		expect((await prove(key, await enrolled(key, { counter: 5 }), { counter: 6 })).report).toBeUndefined();
	});

	it('of a forged answer is not compared', async () => {
		const [key, thief] = [new Authenticator(), new Authenticator()];
		const credential = await enrolled(key, { counter: 5 });
		expect(await prove(thief, credential, { id: key.id, counter: 1 })).toEqual({ ok: false });
	});
});

describe('backups', () => {
	it('that were made since are noted', async () => {
		const key = new Authenticator(true, { backupEligible: true });
		const credential = await enrolled(key);
		const { credential: after = credential } = await prove(key, credential, { backedUp: true });
		expect([storedOf(credential).backedUp, storedOf(after).backedUp]).toEqual([false, true]);
	});

	it('that were impossible must stay so: a key that changed this is refused and reported', async () => {
		const key = new Authenticator();
		expect(await prove(key, await enrolled(key), { backupEligible: true })).toEqual({
			ok: false,
			report: 'backup-eligibility-changed',
		});
	});
});

describe('an answer of any other shape', () => {
	const shapes: [string, Record<string, unknown>][] = [
		['nothing inside', {}],
		[
			'texts in place of bytes',
			{ response: { clientDataJSON: '{}', authenticatorData: '!', signature: '*' } },
		],
		['numbers', { response: 7, type: 7 }],
		['another type', { type: 'password' }],
		[
			'far too much',
			{
				response: {
					clientDataJSON: 'A'.repeat(10_000),
					authenticatorData: 'A',
					signature: 'A',
					attestationObject: 'A'.repeat(40_000),
				},
			},
		],
	];

	it.each(shapes)('%s: refused, not broken', async (_, shape) => {
		const key = new Authenticator();
		const credential = await enrolled(key);
		for (const purpose of ['prove', 'enrol'] as const) {
			const { kept } = await options({ purpose, user });
			const response = { id: key.id, rawId: key.id, type: 'public-key', ...shape };
			expect(await verify({ purpose, user, credentials: [credential], response, kept })).toEqual({
				ok: false,
			});
		}
	});
});
