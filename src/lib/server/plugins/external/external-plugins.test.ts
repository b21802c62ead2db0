/** PLUGINS_DIR from the outside: what is listed, what may run, which processes exist and when they end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createVault, newDataKey } from '../../runtime/vault';
import { refusalOf } from '../host-under-test';
import { externalUnderTest, type ExternalUnderTest } from './external-under-test';

const redeem = (under: Pick<ExternalUnderTest, 'app'>, ticket: string, id = 'sample') =>
	under.app.ticket(id).redeem({ ticket, params: {} });
const summary = async (under: ExternalUnderTest, id = 'sample') =>
	(await under.app.list()).find((plugin) => plugin.id === id);
const isAlive = (pid: number): boolean => {
	if (pid === 0) throw new Error('there was no process');
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
};

describe('a folder', () => {
	it('appears without a restart, listed from its manifest, and none of its code runs', async () => {
		const under = await externalUnderTest();
		expect(await under.external.list()).toEqual([]);
		under.write({ top: `throw new Error('ran')` });
		await expect
			.poll(() => summary(under))
			.toMatchObject({ external: 'found', enabled: false, name: 'Sample' });
		expect(await under.find()).toMatchObject({ state: 'found', health: { state: 'unknown' } });
		expect((await under.find())?.pid).toBeUndefined();
		expect(await under.app.formOf('sample')).toMatchObject({ name: 'Sample', enabled: false });
	});

	it('disappears without a restart', async () => {
		const under = await externalUnderTest();
		const folder = under.write({});
		expect(await under.find()).toBeDefined();
		rmSync(folder, { recursive: true });
		expect(await under.find()).toBeUndefined();
		expect(await refusalOf(redeem(under, 'a'))).toMatchObject({ code: 'plugin/not-found' });
	});

	it('is its own authority, whatever it claims', async () => {
		const under = await externalUnderTest();
		under.write({ manifest: { authority: 'wechat' } });
		expect((await under.find())?.manifest?.authority).toBe('external:sample');
		expect(under.app.manifestOf('sample').authority).toBe('external:sample');
	});

	const broken: [string, (under: ExternalUnderTest) => void, RegExp][] = [
		['no manifest', ({ folder }) => mkdirSync(join(folder, 'sample')), /^manifest.json is missing$/],
		[
			'a manifest that is not JSON',
			(u) => u.write({ files: { 'manifest.json': '{' } }),
			/^manifest.json is not JSON$/,
		],
		['a manifest of another kit', (u) => u.write({ manifest: { kit: 2 } }), /^manifest.json: kit: /],
		['a manifest without a Chinese name', (u) => u.write({ manifest: { name: { en: 'x' } } }), /name\.zh-CN/],
		[
			'a manifest that is a list',
			(u) => u.write({ files: { 'manifest.json': '[]' } }),
			/^manifest.json: manifest: /,
		],
		[
			'an id that is not the folder',
			(u) => void renameSync(u.write({ manifest: { id: 'other' } }), join(u.folder, 'sample')),
			/the id is other, the folder sample/,
		],
		[
			'a TCP connection',
			(u) =>
				u.write({
					manifest: {
						kinds: ['sender'],
						channels: ['email'],
						endpoints: { server: { connect: { host: 'host', port: 'port' } } },
						config: ['host', 'port'].map((key) => ({ key, type: 'text', label: { en: key, 'zh-CN': key } })),
					},
				}),
			/endpoints.server: connect is for built-in plugins/,
		],
		['no code', (u) => rmSync(join(u.write({}), 'index.server.js')), /^index.server.js is missing$/],
		['a link', (u) => symlinkSync('/etc/passwd', join(u.write({}), 'link')), /link is no plain file/],
		[
			'too much',
			(u) => writeFileSync(join(u.write({}), 'big'), Buffer.alloc(11 * 1024 * 1024)),
			/larger than 10 MB/,
		],
		[
			'too many files',
			(u) => {
				const to = u.write({});
				for (let n = 0; n < 70; n += 1) writeFileSync(join(to, `f${n}`), '');
			},
			/more than 64 files/,
		],
	];
	it.each(broken)('with %s is listed with the reason; the rest goes on', async (_, make, says) => {
		const under = await externalUnderTest();
		make(under);
		under.write({ manifest: { id: 'other-one' } });
		const found = await under.find();
		expect(found).toMatchObject({ state: 'broken', digest: '' });
		expect(found?.problem).toMatch(says);
		expect(found?.problem).not.toContain('\n');
		expect(await summary(under)).toBeUndefined();
		expect(await under.find('other-one')).toMatchObject({ state: 'found' });
		expect((await under.app.list()).map(({ id }) => id)).toContain('password');
	});

	it.each(['password', 'smtp', 'github'])('with the id of a built-in one (%s) is refused', async (id) => {
		const under = await externalUnderTest();
		under.write({ manifest: { id } });
		expect(await under.find(id)).toMatchObject({
			state: 'broken',
			problem: `${id} is the id of a built-in plugin`,
		});
		expect((await under.app.list()).filter((plugin) => plugin.id === id)).toEqual([
			expect.not.objectContaining({ external: expect.anything() as unknown }),
		]);
	});

	it('without an icon, or with one too large, gets a plain one', async () => {
		const under = await externalUnderTest();
		under.write({ files: { 'icon.svg': `<svg>${' '.repeat(200_000)}</svg>` } });
		expect((await under.find())?.icon.length).toBeLessThan(1000);
	});

	it('has its README read before approval; a missing or too long one counts as empty', async () => {
		const under = await externalUnderTest();
		under.write({ files: { 'README.md': '# Sample\n\nAsk for a key.', 'README.zh-CN.md': '# 示例' } });
		under.write({ manifest: { id: 'other-one' } });
		under.write({ manifest: { id: 'third' }, files: { 'README.md': 'x'.repeat(64_001) } });
		await under.find();
		expect(await under.app.guideOf('sample')).toBe('# Sample\n\nAsk for a key.');
		expect(await under.app.guideOf('sample', 'zh-CN')).toBe('# 示例');
		expect(await under.app.guideOf('other-one')).toBe('');
		expect(await under.app.guideOf('third')).toBe('');
		under.write({ files: { 'README.md': 'Another.', 'README.zh-CN.md': '' } });
		await under.find();
		expect(await under.app.guideOf('sample')).toBe('Another.');
		expect(await under.app.guideOf('sample', 'zh-CN')).toBe('Another.');
	});
});

describe('approval', () => {
	it('lets a plugin run; without it no code is called, whatever an app switched on', async () => {
		const under = await externalUnderTest();
		under.write({ top: `throw new Error('ran')` });
		await under.find();
		expect(await refusalOf(under.app.save('sample', { enabled: true }))).toMatchObject({
			code: 'plugin/not-enabled',
		});
		expect(await refusalOf(redeem(under, 'a'))).toMatchObject({ code: 'plugin/not-enabled' });
		expect(await under.app.selfTest('sample')).toMatchObject({
			ok: false,
			detail: expect.stringContaining('waits for an owner') as string,
		});
		under.write({});
		await under.approve();
		await under.app.save('sample', { enabled: true });
		expect(await redeem(under, 'a')).toEqual({ subject: 'a', scope: 's', also: [], profile: {} });
		expect(await summary(under)).toMatchObject({
			external: 'approved',
			enabled: true,
			health: { state: 'ok' },
		});
	});

	it('is not given by the apply file, whose settings wait for it', async () => {
		const under = await externalUnderTest();
		under.write({});
		await under.find();
		await under.app.save('sample', { enabled: true, trusted: true });
		expect(await summary(under)).toMatchObject({ enabled: false });
		expect(await refusalOf(redeem(under, 'a'))).toMatchObject({ code: 'plugin/not-enabled' });
		await under.approve();
		expect(await redeem(under, 'a')).toMatchObject({ subject: 'a' });
	});

	it.each([
		['its code', 'index.server.js'],
		['its manifest', 'manifest.json'],
		['its README', 'README.md'],
		['a file that was not there', 'more/data.bin'],
	])('ends with a change of %s, until an owner looks again', async (_, file) => {
		const under = await externalUnderTest();
		await under.install({ files: { 'README.md': 'a' } });
		await redeem(under, 'a');
		const { pid = 0, digest } = (await under.find()) ?? {};
		expect(isAlive(pid)).toBe(true);
		const path = join(under.folder, 'sample', file);
		mkdirSync(join(path, '..'), { recursive: true });
		if (file === 'manifest.json')
			under.write({ manifest: { version: '2.0.0' }, files: { 'README.md': 'a' } });
		else if (file === 'index.server.js') under.write({ top: '// more', files: { 'README.md': 'a' } });
		else writeFileSync(path, 'changed');
		const found = await under.find();
		expect(found).toMatchObject({ state: 'changed' });
		expect(found?.digest).not.toBe(digest);
		expect(await refusalOf(redeem(under, 'a'))).toMatchObject({ code: 'plugin/not-enabled' });
		await expect.poll(() => isAlive(pid)).toBe(false);
		expect(await summary(under)).toMatchObject({ external: 'changed', enabled: false });
		await under.approve();
		expect(await redeem(under, 'b')).toMatchObject({ subject: 'b' });
	});

	it('notices a change that kept size and time, and reads no files when nothing changed', async () => {
		const under = await externalUnderTest();
		await under.install({ top: '/* a */' });
		const path = join(under.folder, 'sample', 'index.server.js');
		utimesSync(path, 1, 1);
		expect(await under.find()).toMatchObject({ state: 'approved' });
		under.write({ top: '/* b */' });
		utimesSync(path, 1, 1);
		expect(await under.find()).toMatchObject({ state: 'changed' });
	});

	it('is checked again at each start of a process: code changed a moment ago does not run', async () => {
		const under = await externalUnderTest();
		await under.install({});
		await under.find();
		under.write({ top: `throw new Error('ran')` });
		// Within the second in which the folder is not read again.
		const refusal = await refusalOf(redeem(under, 'a'));
		expect(['plugin/not-enabled', 'plugin/provider-unavailable']).toContain(
			(refusal as { code: string }).code,
		);
		expect(JSON.stringify(refusal)).not.toContain('ran');
	});

	it('that is withdrawn ends the process at once', async () => {
		const under = await externalUnderTest();
		await under.install({});
		await redeem(under, 'a');
		const { pid = 0 } = (await under.find()) ?? {};
		await under.revoke();
		await expect.poll(() => isAlive(pid)).toBe(false);
		expect(await refusalOf(redeem(under, 'a'))).toMatchObject({ code: 'plugin/not-enabled' });
	});

	it('lasts over a restart', async () => {
		const under = await externalUnderTest();
		await under.install({});
		await under.external.close();
		const again = await under.reopen();
		expect((await again.list()).map(({ state }) => state)).toEqual(['approved']);
		await again.close();
	});
});

describe('processes', () => {
	it('serve two apps at once, each with its own settings', async () => {
		const under = await externalUnderTest();
		await under.install({
			manifest: { config: [{ key: 'name', type: 'text', label: { en: 'N', 'zh-CN': 'N' } }] },
			parts: `{ manifest, ticket: { async redeem({ ticket }, { config, log }) {
				log.info('redeeming', { for: config.name });
				await new Promise((soon) => setTimeout(soon, 100));
				return { subject: ticket, scope: config.name };
			} } }`,
		});
		const other = under.host.forApp({
			store: await under.storage.createApp(5),
			vault: createVault(newDataKey()),
		});
		await under.app.save('sample', { values: { name: 'one' } });
		await other.save('sample', { enabled: true, values: { name: 'two' } });
		const [one, two] = await Promise.all([
			redeem(under, 'a'),
			other.ticket('sample').redeem({ ticket: 'b', params: {} }),
		]);
		expect([one, two]).toMatchObject([
			{ subject: 'a', scope: 'one' },
			{ subject: 'b', scope: 'two' },
		]);
		expect(under.logged()).toContain('redeeming');
		// Secrets of one app's settings are hidden in the log of its calls, even in a shared process.
		const { pid = 0 } = (await under.find()) ?? {};
		await redeem(under, 'c');
		expect((await under.find())?.pid).toBe(pid);
	});

	it('end after a time without calls, and start again at the next', async () => {
		const under = await externalUnderTest({ idleMs: 1500 });
		await under.install({});
		await redeem(under, 'a');
		const { pid = 0 } = (await under.find()) ?? {};
		expect(isAlive(pid)).toBe(true);
		await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
		expect((await under.find())?.pid).toBeUndefined();
		expect((await under.find())?.health).toMatchObject({ state: 'ok' });
		expect(await redeem(under, 'b')).toMatchObject({ subject: 'b' });
	});

	it('all end with the host, also one that spins and one that is just starting', async () => {
		const under = await externalUnderTest();
		for (const id of ['spins', 'rests'])
			await under.install({
				manifest: { id },
				parts: `{ manifest, ticket: { redeem({ ticket }) { if (ticket === 'spin') for (;;) {} return { subject: ticket, scope: 's' }; } } }`,
			});
		await under.install({ manifest: { id: 'starts' }, top: 'await new Promise(() => {})' });
		await redeem(under, 'a', 'spins');
		await redeem(under, 'a', 'rests');
		const pids = (await under.external.list()).flatMap(({ pid }) => pid ?? []);
		expect(pids).toHaveLength(2);
		const calls = [redeem(under, 'spin', 'spins'), redeem(under, 'a', 'starts')].map(refusalOf);
		await new Promise((soon) => setTimeout(soon, 300));
		await under.host.close();
		expect(pids.filter(isAlive)).toEqual([]);
		for (const call of calls) expect(await call).toMatchObject({ code: 'plugin/provider-unavailable' });
		expect(await childrenOf(process.pid)).toEqual([]);
	});
});

/** Processes that this one started and that run a plugin. */
async function childrenOf(pid: number): Promise<string[]> {
	const ps = spawn('ps', ['-o', 'args=', '--ppid', String(pid)], { stdio: ['ignore', 'pipe', 'inherit'] });
	let printed = '';
	ps.stdout.on('data', (piece: Buffer) => (printed += piece.toString()));
	await once(ps, 'close');
	return printed.split('\n').filter((line) => line.includes('--permission'));
}
