/** Every plugin passes the contract suite, against its own vendor where it has one; a broken one does not. */
import { decodeJwt } from 'jose';
import { afterAll, describe, expect, it } from 'vitest';
import { startEmulator } from '../../plugins/google/emulator';
import google from '../../plugins/google/index.server';
import { contractCases, emulatedBy, type ContractSubject } from '../../src/lib/plugin-kit/contract-suite';
import type { Plugin, PluginContext, RedirectReturn } from '../../src/lib/plugin-kit';
import { answerAt } from '../emulators/consent';
import { forgeryNames } from '../emulators/id-tokens';
import { exists, foldersIn, read, readJson } from './repository';

type Endpoint = string | Readonly<Record<string, unknown>>;
const isTcp = (endpoint: Endpoint) => typeof endpoint === 'object' && 'connect' in endpoint;

describe.each(foldersIn('plugins'))('plugins/%s', (folder) => {
	const { endpoints = {} } = readJson('plugins', folder, 'manifest.json') as {
		endpoints?: Readonly<Record<string, Endpoint>>;
	};
	const test = read('plugins', folder, `${folder}.test.ts`);
	const callsOut = Object.values(endpoints);

	it('is tried by the contract suite, each case of it', () => {
		expect(test).toMatch(/import \{ contractCases\b[^}]*\} from '@menshen\/plugin-kit\/contract-suite'/);
		expect(test).toMatch(/for \(const \{ name, run \} of contractCases\(/);
		expect(test).toMatch(/\bit\(name, run\)/);
		expect(test, 'no case is left out').not.toMatch(/\.(skip|only|todo)\b/);
	});

	it.runIf(callsOut.some((endpoint) => !isTcp(endpoint)))('has its vendor on this machine', () => {
		expect(exists('plugins', folder, 'emulator.ts')).toBe(true);
		expect(test).toMatch(/from '\.\/emulator'/);
	});

	it.runIf(callsOut.length > 0)('is tried with a vendor that fails, hangs and talks nonsense', () => {
		expect(test).toMatch(/\bfailures:|\.\.\.emulatedBy\(\w+, \w+\)/);
		for (const part of ['hang', 'malformed'])
			expect(test).toMatch(new RegExp(`\\b${part}:|\\.\\.\\.emulatedBy\\(`));
	});
});

describe('the suite, with a real plugin', async () => {
	const vendor = await startEmulator(0, { now: () => Date.UTC(2026, 0, 1) });
	afterAll(() => vendor.close());
	const start = { redirectUri: 'https://id.example/callback', state: 's-1', nonce: 'n-1' };
	vendor.redirectUris.add(start.redirectUri);
	const signIn = async (plugin: Plugin, context: PluginContext) => {
		const { url, kept = '' } = (await plugin.redirect?.begin(start, context)) ?? { url: '' };
		return plugin.redirect?.finish({ ...start, query: await answerAt(url, 'Mei'), kept }, context);
	};
	const subject = (plugin: Plugin): ContractSubject => ({
		plugin,
		...emulatedBy(vendor),
		call: signIn,
		accept: (answer) => expect(answer).toMatchObject({ subject: '110169484474386276334' }),
		failures: forgeryNames.map((name) => ({
			name,
			arrange: () => vendor.fail(name),
			expected: { reason: 'refused' },
		})),
	});
	const redOf = async (plugin: Plugin): Promise<string[]> => {
		const red: string[] = [];
		for (const { name, run } of contractCases(subject(plugin)))
			await run().catch(() => red.push(name.replace('contract: ', '')));
		return red;
	};
	const whole = google as Plugin;
	const broken = (finish: (back: RedirectReturn, context: PluginContext) => Promise<unknown>): Plugin =>
		({ ...whole, redirect: { ...whole.redirect, finish } }) as Plugin;

	it('passes as it is', async () => expect(await redOf(whole)).toEqual([]));

	it('is red where ID tokens are read and not verified', async () => {
		const believing = broken(async (back, context) => {
			const form = {
				grant_type: 'authorization_code',
				code: back.query['code'] ?? '',
				redirect_uri: back.redirectUri,
				client_id: String(vendor.config['clientId']),
				client_secret: String(vendor.config['clientSecret']),
				code_verifier: back.kept ?? '',
			};
			const reply = await context.http('token', { form });
			const { id_token } = JSON.parse(new TextDecoder().decode(reply.body)) as { id_token: string };
			return { subject: decodeJwt(id_token).sub ?? '', scope: 'https://accounts.google.com' };
		});
		const red = await redOf(believing);
		expect(red).toContain('id token signed by a stranger');
		expect(red).toContain('id token for another client');
		expect(red).toContain('a nonsense answer is caught');
		expect(red.length).toBeGreaterThan(15);
	});

	it('is red where whatever the vendor says is taken for a refusal', async () => {
		const deaf = broken(async (back, context) =>
			Promise.resolve(whole.redirect?.finish(back, context)).catch(() => ({
				subject: 'somebody',
				scope: 'x',
			})),
		);
		const red = await redOf(deaf);
		expect(red).toEqual([
			...forgeryNames,
			'a hanging vendor is given up at the signal',
			'a nonsense answer is caught',
		]);
	});
});
