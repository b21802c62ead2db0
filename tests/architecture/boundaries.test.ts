/** The import rules hold, and they would notice if they did not. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pathOf, root } from './repository';

interface Report {
	summary: { violations: { from: string; to: string; rule: { name: string } }[]; totalCruised: number };
}

function cruise(folder: string, ...targets: string[]): Report['summary'] {
	const tool = pathOf('node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
	const args = [tool, ...targets, '--config', '.dependency-cruiser.cjs', '--output-type', 'json'];
	const { stdout, stderr } = spawnSync(process.execPath, args, {
		cwd: folder,
		encoding: 'utf8',
		maxBuffer: 2 ** 28,
	});
	if (!stdout) throw new Error(stderr);
	return (JSON.parse(stdout) as Report).summary;
}

it('no file imports what it may not', () => {
	const { violations, totalCruised } = cruise(root, 'src', 'plugins', 'server.js', 'bin');
	expect(violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)).toEqual([]);
	expect(totalCruised).toBeGreaterThan(200);
}, 300_000);

/** Imports that must be found. `@` in a name makes it one of its own, so that all are planted in one tree. */
const server = 'src/lib/server';
const nothing = 'export const nothing = 1;\n';
const planted: [what: string, rule: string, files: Record<string, string>][] = [
	[
		'a component that reaches into the server',
		'browser-code-stays-out',
		{
			'src/lib/ui/A@.svelte': `<script lang="ts">import { nothing } from '$lib/server/flows/a@'; nothing;</script>`,
			[`${server}/flows/a@.ts`]: nothing,
		},
	],
	[
		'storage that calls a flow',
		'inner-rooms-know-no-flows',
		{
			[`${server}/storage/a@.ts`]: `import { nothing } from '../flows/a@';\nnothing;`,
			[`${server}/flows/a@.ts`]: nothing,
		},
	],
	[
		'a flow that imports the API',
		'flows-know-no-doors',
		{
			[`${server}/flows/a@.ts`]: `import { nothing } from '../edge/a@';\nnothing;`,
			[`${server}/edge/a@.ts`]: nothing,
		},
	],
	[
		'a page that reads storage',
		'doors-call-flows',
		{
			'src/routes/a@/+page.server.ts': `import { nothing } from '$lib/server/storage/a@';\nnothing;`,
			[`${server}/storage/a@.ts`]: nothing,
		},
	],
	[
		'a form action over tRPC',
		'pages-do-not-use-trpc',
		{
			'src/routes/a@/+page.server.ts': `import { nothing } from '$lib/server/trpc/a@';\nnothing;`,
			[`${server}/trpc/a@.ts`]: nothing,
		},
	],
	[
		'a domain that is not pure',
		'domain-does-no-io',
		{ [`${server}/domain/a@.ts`]: `import { readFileSync } from 'node:fs';\nreadFileSync;` },
	],
	[
		'a domain that knows storage',
		'domain-is-pure',
		{
			[`${server}/domain/a@.ts`]: `import type { A } from '../storage/a@';\nexport type B = A;`,
			[`${server}/storage/a@.ts`]: 'export type A = 1;',
		},
	],
	[
		'a contract that knows the server',
		'contract-is-innermost',
		{
			'src/lib/contract/a@.ts': `import { nothing } from '../server/flows/a@';\nnothing;`,
			[`${server}/flows/a@.ts`]: nothing,
		},
	],
	[
		'a kit that knows the contract',
		'kit-stands-alone',
		{
			'src/lib/plugin-kit/a@.ts': `import { nothing } from '../contract/a@';\nnothing;`,
			'src/lib/contract/a@.ts': nothing,
		},
	],
	[
		'a plugin that reaches into the server',
		'plugins-use-the-kit',
		{
			'plugins/a@/index.server.ts': `import { nothing } from '../../${server}/flows/a@';\nnothing;`,
			[`${server}/flows/a@.ts`]: nothing,
		},
	],
	[
		'a plugin that uses another',
		'plugins-use-the-kit',
		{
			'plugins/a@/index.server.ts': `import { nothing } from '../b@/index.server';\nnothing;`,
			'plugins/b@/index.server.ts': nothing,
		},
	],
	[
		'a plugin with a package of its own choice',
		'plugins-allow-list',
		{ 'plugins/a@/index.server.ts': `import { parse } from 'yaml';\nparse;` },
	],
	[
		'a plugin with its own sockets',
		'plugins-go-through-the-host',
		{ 'plugins/a@/index.server.ts': `import { connect } from 'node:net';\nconnect;` },
	],
	[
		'Kysely outside storage',
		'home-of-kysely',
		{ [`${server}/flows/a@.ts`]: `import { sql } from 'kysely';\nsql;` },
	],
	[
		'Lucia outside sessions',
		'home-of-lucia',
		{ [`${server}/flows/a@.ts`]: `import { Lucia } from 'lucia';\nLucia;` },
	],
	[
		'the engine outside its folder',
		'home-of-oidc-provider',
		{
			[`${server}/flows/a@.ts`]: `import type { Provider } from 'oidc-provider';\nexport type P = Provider;`,
		},
	],
	[
		'undici outside egress',
		'home-of-undici',
		{ [`${server}/oidc/a@.ts`]: `import { fetch } from 'undici';\nfetch;` },
	],
	[
		'limits outside their folder',
		'home-of-rate-limiter-flexible',
		{
			[`${server}/flows/a@.ts`]: `import { RateLimiterMemory } from 'rate-limiter-flexible';\nRateLimiterMemory;`,
		},
	],
	[
		'a cycle, types included',
		'no-cycles',
		{
			[`${server}/flows/a@.ts`]: `import type { B } from './b@';\nexport type A = B | 1;`,
			[`${server}/flows/b@.ts`]: `import type { A } from './a@';\nexport type B = A | 2;`,
		},
	],
	[
		'a second composition',
		'one-composition',
		{
			'src/routes/a@/+page.server.ts': `import { nothing } from '$lib/server/compose';\nnothing;`,
			[`${server}/compose.ts`]: nothing,
		},
	],
	[
		'an import that leads nowhere',
		'unresolvable',
		{ [`${server}/flows/a@.ts`]: `import { nothing } from '$lib/server/flows/gone';\nnothing;` },
	],
	[
		'test code in the product',
		'no-tests-in-the-product',
		{
			[`${server}/flows/a@.ts`]: `import { nothing } from './b@.test';\nnothing;`,
			[`${server}/flows/b@.test.ts`]: nothing,
		},
	],
];
const allowed = {
	'src/routes/ok/+page.server.ts': `import { nothing } from '$lib/server/flows/ok';\nnothing;`,
	[`${server}/flows/ok.ts`]: `import { other } from '../storage/ok';\nexport const nothing = other;`,
	[`${server}/storage/ok.ts`]: `import { sql } from 'kysely';\nexport const other = sql;`,
	'plugins/ok/index.server.ts': `import { nothing } from '@menshen/plugin-kit';\nnothing;`,
	'src/lib/plugin-kit/index.ts': nothing,
};

describe('what is planted is found', () => {
	let folder: string;
	let found: [from: string, rule: string][];

	function plant(files: Record<string, string>, mark: string): void {
		for (const [path, content] of Object.entries(files)) {
			const file = join(folder, path.replaceAll('@', mark));
			mkdirSync(dirname(file), { recursive: true });
			writeFileSync(file, content.replace(/(?<=[ab])@/g, mark));
		}
	}

	beforeAll(() => {
		folder = mkdtempSync(join(tmpdir(), 'menshen-boundaries-'));
		for (const file of ['.dependency-cruiser.cjs', 'tsconfig.imports.json', 'package.json'])
			cpSync(pathOf(file), join(folder, file));
		symlinkSync(pathOf('node_modules'), join(folder, 'node_modules'));
		for (const [index, [, , files]] of planted.entries()) plant(files, `-${index}-`);
		plant(allowed, '');
		found = cruise(folder, 'src', 'plugins').violations.map(({ from, rule }) => [from, rule.name]);
	});
	afterAll(() => rmSync(folder, { recursive: true }));

	it.each(planted.map(([what, rule], index) => [what, rule, index] as const))('%s', (_what, rule, index) => {
		expect(found.filter(([from]) => from.includes(`-${index}-`)).map(([, name]) => name)).toContain(rule);
	});

	it('what is allowed passes', () => {
		expect(found.filter(([from]) => from in allowed)).toEqual([]);
	});
});
