/**
 * `npm run new:plugin <id> <kind> [folder]`: a folder under plugins/ that starts, and whose tests fail until the
 * plugin does what its kind promises. Nothing outside the folder is touched. With a folder of one's own: a
 * project there, to be built for PLUGINS_DIR (docs/plugins.md).
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** For each kind: the functions to fill in, a good call of the main one, and what the manifest says more. */
const kinds = {
	secret: {
		body: `secret: {
		enrol: () => todo('what to store for a secret'),
		check: () => todo('whether a secret fits what was stored'),
	},`,
		call: `plugin.secret?.enrol({ secret: 'canary secret' }, context)`,
		accept: `assert.match(String(answer), /^\\$/)`,
		manifest: { display: 'form', amr: ['pwd'] },
	},
	code: {
		body: `code: {
		normalise: () => todo('the one form of an address'),
		compose: () => todo('the message that carries the code'),
	},`,
		call: `plugin.code?.normalise({ typed: ' An@Example.com ' }, context)`,
		accept: `assert.equal(answer, 'an@example.com')`,
		manifest: { display: 'form', identifier: 'email', amr: ['otp'], needs: ['sender:email'] },
	},
	redirect: {
		body: `redirect: {
		begin: () => todo('the address to send the browser to'),
		finish: () => todo('who the vendor says this is'),
	},`,
		call: `plugin.redirect?.finish({ redirectUri: 'https://id.example.com/callback', query: { code: 'good' }, nonce: 'n', kept: '' }, context)`,
		accept: `assert.match(JSON.stringify(answer), /"subject":"user-1"/)`,
		manifest: { display: 'redirect', identifier: 'external', amr: ['fed'] },
		calls: true,
	},
	ticket: {
		body: `ticket: { redeem: () => todo('who the ticket belongs to') },`,
		call: `plugin.ticket?.redeem({ ticket: 'good', params: {} }, context)`,
		accept: `assert.match(JSON.stringify(answer), /"subject":"user-1"/)`,
		manifest: { identifier: 'external', amr: ['fed'] },
		calls: true,
	},
	scan: {
		kinds: ['ticket', 'scan'],
		body: `ticket: { redeem: () => todo('who the ticket belongs to') },
	scan: { draw: () => todo('what to scan') },`,
		call: `plugin.scan?.draw({ key: '123456', url: 'https://id.example.com/scan/123456' }, context)`,
		accept: `assert.ok(Object.hasOwn(Object(answer), 'text'))`,
		manifest: { display: 'qr', fits: ['desktop'], identifier: 'external', amr: ['fed'] },
		calls: true,
	},
	ceremony: {
		body: `ceremony: {
		options: () => todo('what the browser is asked to prove'),
		verify: () => todo('whether it did'),
	},`,
		call: `plugin.ceremony?.options({ purpose: 'prove', origin: 'https://id.example.com', credentials: [] }, context)`,
		accept: `assert.ok(Object.hasOwn(Object(answer), 'options'))`,
		manifest: { display: 'button', amr: ['hwk'] },
	},
	sender: {
		body: `sender: { deliver: () => todo('handing the message over') },`,
		call: `plugin.sender?.deliver({ id: 'm1', channel: 'sms', purpose: 'recover', to: '+8613800138000', subject: '', text: '123456', params: { code: '123456' }, locale: 'zh-CN' }, context)`,
		accept: `assert.match(JSON.stringify(answer), /"status":"delivered"/)`,
		manifest: { channels: ['sms'] },
		calls: true,
	},
};

function manifestOf(id, kind) {
	const { kinds: several, manifest, calls } = kinds[kind];
	return {
		id,
		version: '0.1.0',
		kit: 1,
		kinds: several ?? [kind],
		name: { en: id, 'zh-CN': id },
		description: {
			en: `TODO: what ${id} is for, in one sentence.`,
			'zh-CN': `TODO：用一句话说明 ${id} 的用途。`,
		},
		...manifest,
		...(calls ? { endpoints: { api: `https://api.${id}.example` } } : {}),
		config: calls
			? [
					{
						key: 'apiKey',
						type: 'text',
						required: true,
						secret: true,
						label: { en: 'API key', 'zh-CN': 'API 密钥' },
					},
				]
			: [],
	};
}

const sourceOf = (
	id,
	kind,
) => `/** TODO: what ${id} speaks, with a link to the vendor's own page and the date it was read. */
import { definePlugin, PluginFailure } from '@menshen/plugin-kit';
import manifest from './manifest.json' with { type: 'json' };

function todo(what: string): never {
	throw new PluginFailure('unavailable', \`not written yet: \${what}\`);
}

export default definePlugin({
	manifest,
	${kinds[kind].body}
});
`;

const emulator = `
/** A stand-in for the vendor on this machine. Let it answer as the vendor does, errors included. */
let answer: (request: IncomingMessage, response: ServerResponse) => void = () => undefined;
let reached: () => void = () => undefined;
const good: typeof answer = (_, response) => response.end(JSON.stringify({ id: 'user-1' }));
const vendor = createServer((request, response) => answer(request.resume(), response));
await new Promise<void>((listening) => vendor.listen(0, '127.0.0.1', listening));
const api = \`http://127.0.0.1:\${(vendor.address() as AddressInfo).port}\`;
after(() => {
	vendor.closeAllConnections();
	vendor.close();
});
`;

const emulated = `
		endpoints: { api },
		reset: () => void (answer = good),
		failures: [
			{
				name: 'the vendor says no',
				arrange: () => void (answer = (_, response) => response.writeHead(400).end('{"error":"invalid_grant"}')),
				expected: { reason: 'refused' },
			},
		],
		hang: { arrange: () => void (answer = () => reached()), reached: () => new Promise((arrived) => (reached = arrived)) },
		malformed: { arrange: () => void (answer = (_, response) => response.end('<html>')) },`;

/** In the repository vitest runs them, elsewhere Node alone. */
const runnerOf = (own, calls) => {
	if (own) return `import { ${calls ? 'after, ' : ''}test } from 'node:test';`;
	return `import { ${calls ? 'afterAll as after, ' : ''}test } from 'vitest';`;
};

function testOf(id, kind, own) {
	const { call, accept, calls } = kinds[kind];
	const vendor = calls
		? `
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';`
		: '';
	return `import assert from 'node:assert/strict';${vendor}
${runnerOf(own, calls)}
import { contractCases } from '@menshen/plugin-kit/contract-suite';
import plugin from './index.server${own ? '.ts' : ''}';
${calls ? emulator : ''}
const cases = contractCases({
	plugin,
	config: ${calls ? `{ apiKey: 'canary-api-key' }` : '{}'},
	call: (_, context) => ${call},
	accept: (answer) => ${accept},${calls ? emulated : ''}
});
for (const { name, run } of cases) test(\`${id}: \${name}\`, run);
`;
}

const packageOf = (id) => ({
	name: `menshen-plugin-${id}`,
	private: true,
	type: 'module',
	engines: { node: '>=24' },
	scripts: { test: `node --test ${id}.test.ts`, build: 'node build.mjs' },
	devDependencies: { vite: '^8', zod: '^4' },
});

const buildOf = (
	id,
) => `/** One file of code with everything it needs, beside the data: dist/${id} goes into PLUGINS_DIR. */
import { cpSync, existsSync } from 'node:fs';
import { build } from 'vite';

const outDir = 'dist/${id}';
await build({
	configFile: false,
	logLevel: 'warn',
	ssr: { noExternal: true },
	build: {
		ssr: 'index.server.ts',
		outDir,
		target: 'node24',
		rolldownOptions: { output: { entryFileNames: 'index.server.js' } },
	},
});
for (const file of ['manifest.json', 'icon.svg', 'README.md', 'README.zh-CN.md'])
	if (existsSync(file)) cpSync(file, \`\${outDir}/\${file}\`);
`;

const readmeOf = (id) => `# ${id}

TODO: what a person sees, and whom it is for.

## Getting the keys

TODO: where on the vendor's site, step by step, and which permissions to ask for.

## Settings

| setting | where it comes from |
|---|---|
| | |

## What can go wrong

| the vendor says | what it means | what to do |
|---|---|---|
| | | |
`;

const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#5b6470" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"><rect x="4" y="4" width="16" height="16" rx="4"/><path d="M12 8.5v7M8.5 12h7"/></svg>
`;

function refuse(line) {
	console.error(line);
	process.exit(2);
}

const built = fileURLToPath(new URL('../plugins', import.meta.url));
const [id = '', kind = '', root = built] = process.argv.slice(2);
const own = resolve(root) !== built;
if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id) || id.length > 40 || !Object.hasOwn(kinds, kind))
	refuse(
		`Usage: npm run new:plugin <id> <kind> [folder]\n  <id>    lower-case words joined by -, e.g. acme-login\n  <kind>  ${Object.keys(kinds).join(', ')}\n  [folder]  of your own, outside of this repository`,
	);
const folder = `${root}/${id}`;
if (existsSync(folder)) refuse(`${folder} exists already.`);

mkdirSync(folder, { recursive: true });
const files = {
	'manifest.json': `${JSON.stringify(manifestOf(id, kind), null, 2)}\n`,
	'index.server.ts': sourceOf(id, kind),
	[`${id}.test.ts`]: testOf(id, kind, own),
	'README.md': readmeOf(id),
	'icon.svg': icon,
	...(own ? { 'package.json': `${JSON.stringify(packageOf(id), null, 2)}\n`, 'build.mjs': buildOf(id) } : {}),
};
for (const [name, text] of Object.entries(files)) writeFileSync(`${folder}/${name}`, text);
const next = own
	? `npm run build:kit here; there npm install <the packed kit>, and npm test`
	: `npx vitest run plugins/${id}`;
console.log(`${own ? folder : `plugins/${id}`} is there: ${Object.keys(files).join(', ')}.
Next: ${next}   (the contract tests fail until the TODOs are done; see docs/plugins.md)`);
