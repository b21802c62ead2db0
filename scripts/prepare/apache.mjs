/**
 * Apache httpd with mod_auth_openidc, a certified relying party, for the test that signs in through it: the
 * system's, else Debian's. Root installs the packages; anybody else unpacks them into node_modules/.cache.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { apacheNoteOf, notedApache } from './noted-apache.mjs';
import { oneAtATime } from './one-at-a-time.mjs';
import { act, cleanEnvironment, findProgram, PrepareFailed, reportAndGoOn, run } from './run.mjs';

const packages = ['apache2-bin', 'libapache2-mod-auth-openidc'];
/** Not on the PATH of an ordinary user. */
const systemFolders = ['/usr/sbin', '/usr/local/sbin'].join(delimiter);
const moduleFolders = ['lib/apache2/modules', 'lib64/httpd/modules', 'lib/httpd/modules'];

const isRoot = () => process.getuid?.() === 0;
const toUnpack = (root) => join(root, 'node_modules', '.cache', 'apache');

/** Folders of libraries as Debian has them, one per kind of machine. */
function librariesUnder(top) {
	const lib = join(top, 'usr/lib');
	const kinds = existsSync(lib) ? readdirSync(lib).filter((name) => name.includes('-linux-')) : [];
	return kinds.map((name) => join(lib, name));
}

async function whole(program, top, libraries) {
	const folders = moduleFolders.map((folder) => join(top, 'usr', folder));
	const modules = folders.find((folder) => existsSync(join(folder, 'mod_auth_openidc.so')));
	if (!program || !modules || !existsSync(program)) return undefined;
	const env = cleanEnvironment({ LD_LIBRARY_PATH: libraries.join(delimiter) });
	const { ok, output } = await run(program, ['-v'], { env, timeout: 20_000 });
	return ok && output.includes('Apache/2.4') ? { program, modules, libraries } : undefined;
}

function findInstalled() {
	const program = ['apache2', 'httpd'].map((name) => findProgram(name) ?? findProgram(name, systemFolders));
	return whole(program.find(Boolean), '/', []);
}

function findUnpacked(root) {
	const top = toUnpack(root);
	return whole(join(top, 'usr/sbin/apache2'), top, librariesUnder(top));
}

async function install(apt) {
	const env = cleanEnvironment({ DEBIAN_FRONTEND: 'noninteractive' });
	await run(apt, ['update', '-q'], { env });
	return run(apt, ['install', '-y', '-q', '--no-install-recommends', ...packages], { env });
}

/** Lists and archives in a folder of our own: the system's may be old or absent, and only root may renew them. */
async function unpack(root, apt) {
	const top = toUnpack(root);
	const archives = join(top, 'archives');
	rmSync(top, { recursive: true, force: true });
	for (const folder of ['archives', 'lists/partial', 'apt/archives/partial'])
		mkdirSync(join(top, folder), { recursive: true });
	const own = ['-q', '-o', `Dir::State::lists=${join(top, 'lists')}`, '-o', `Dir::Cache=${join(top, 'apt')}`];
	const options = { cwd: archives, env: cleanEnvironment({ LC_ALL: 'C' }) };
	const updated = await run(apt, [...own, 'update'], options);
	if (!updated.ok) return updated;
	const plan = ['install', '--simulate', '--no-install-recommends', ...packages];
	const planned = await run(apt, [...own, ...plan], options);
	const names = [...planned.output.matchAll(/^Inst (\S+)/gm)].map(([, name]) => name);
	// Installed, and yet not found where it should be: unpacking the two is worth the try.
	const got = await run(apt, [...own, 'download', ...(names.length > 0 ? names : packages)], options);
	if (!got.ok) return got;
	for (const file of readdirSync(archives)) {
		const unpacked = await run('dpkg', ['-x', file, top], options);
		if (!unpacked.ok) return unpacked;
	}
	for (const name of ['lists', 'apt', 'archives']) rmSync(join(top, name), { recursive: true, force: true });
	return { ok: true, output: '' };
}

async function getFromDebian(root) {
	const apt = findProgram('apt-get');
	if (!apt) return undefined;
	const words = {
		doing: `${isRoot() ? 'installing' : 'downloading'} Apache httpd and mod_auth_openidc with apt`,
		done: 'Apache httpd is there',
		failed: 'apt-get could not get Apache httpd:',
	};
	await act(words, () => (isRoot() ? install(apt) : unpack(root, apt))).catch(reportAndGoOn);
	return isRoot() ? findInstalled() : findUnpacked(root);
}

/** @throws {PrepareFailed} */
export async function prepareApache(root) {
	const isDone = () => notedApache(root) !== undefined;
	await oneAtATime(root, isDone, async () => {
		const found = (await findInstalled()) ?? (await findUnpacked(root)) ?? (await getFromDebian(root));
		if (!found)
			throw new PrepareFailed(
				'No Apache httpd with mod_auth_openidc: please install apache2-bin and libapache2-mod-auth-openidc ' +
					'(Debian, Ubuntu) or httpd and mod_auth_openidc (Fedora).',
			);
		writeFileSync(apacheNoteOf(root), JSON.stringify(found));
	});
}
