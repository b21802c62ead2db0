/** What browsers get: no server code, no names of secrets. */
import { describe, expect, it } from 'vitest';
import { variables } from '../../src/lib/server/config/environment';
import { readdirSync, readFileSync } from 'node:fs';
import { exists, foldersIn, pathOf } from './repository';

const client = pathOf('build/client');
const files = exists('build/client')
	? readdirSync(client, { recursive: true, encoding: 'utf8' }).filter((name) =>
			/\.(js|mjs|css|html|json|map)$/.test(name),
		)
	: [];
const all = files.map((name) => [name, readFileSync(`${client}/${name}`, 'utf8')] as const);

const serverPackages = [
	'better-sqlite3',
	'oidc-provider',
	'kysely',
	'@node-rs/argon2',
	'nodemailer',
	'rate-limiter-flexible',
	'AsyncLocalStorage',
	'node:crypto',
	'node:fs',
];
const secrets = Object.entries(variables).flatMap(([name, entry]) => ('secret' in entry ? [name] : []));
const hidden = [
	...serverPackages,
	...secrets,
	'createMasterKey',
	'aes-256-gcm',
	'argon2id',
	'insert into',
	'PRAGMA',
];

it('is built (npm run build)', () => {
	expect(files.length).toBeGreaterThan(5);
});

describe('names that must not be in it', () => {
	it.each(hidden)('%s', (name) => {
		const finder = new RegExp(`(?<![\\w-])${name.replaceAll(/[/.]/g, '\\$&')}(?![\\w-])`);
		expect(all.filter(([, text]) => finder.test(text)).map(([file]) => file)).toEqual([]);
	});
});

it('holds no server module of a plugin', () => {
	for (const id of foldersIn('plugins'))
		expect(files.filter((file) => file.includes(`plugins/${id}`))).toEqual([]);
	expect(all.filter(([, text]) => text.includes('index.server')).map(([file]) => file)).toEqual([]);
});

it('has no source maps', () => {
	expect(files.filter((file) => file.endsWith('.map'))).toEqual([]);
});

it('fetches nothing from elsewhere', () => {
	const foreign = /(?:src|href|url\(|import\()\s*[=(]?\s*["']?https?:\/\/(?!www\.w3\.org|localhost)[\w.-]+/g;
	expect(
		all.flatMap(([file, text]) => (text.match(foreign) ?? []).map((found) => `${file}: ${found}`)),
	).toEqual([]);
});
