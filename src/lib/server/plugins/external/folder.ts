/** One operator's plugin on disk: its manifest, its icon, and the digest over all of its files. */
import { createHash } from 'node:crypto';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { manifestSchema, type Locale, type Manifest } from '../../../plugin-kit';
import { externalAuthority } from '../registry';

const mostFiles = 64;
const mostBytes = 10 * 1024 * 1024;
const mostIconBytes = 100_000;
const mostReadmeBytes = 64_000;

/** What is wrong with a folder, in one line for operators. */
export class BadFolder extends Error {}

export interface PluginFolder {
	manifest: Manifest;
	/** SVG text; empty: none. */
	icon: string;
	/** Markdown by language, README.md being the English one; empty where it is missing or too long. */
	readme: Readonly<Record<Locale, string>>;
	/** SHA-256 over names and contents of all files, in hex. */
	digest: string;
	/** `index.server.js`. */
	code: string;
}

interface FileFacts {
	name: string;
	size: number;
	/** Changes whenever the file does, as far as the file system tells. */
	stamp: string;
}

/** @throws {BadFolder} */
async function listFiles(folder: string): Promise<FileFacts[]> {
	const entries = await readdir(folder, { recursive: true, withFileTypes: true });
	if (entries.length > mostFiles) throw new BadFolder(`holds more than ${mostFiles} files`);
	const files = entries.filter((entry) => !entry.isDirectory());
	const other = files.find((entry) => !entry.isFile());
	if (other) throw new BadFolder(`${other.name} is no plain file`);
	const facts = await Promise.all(
		files.map(async (entry) => {
			const path = join(entry.parentPath, entry.name);
			const { size, mtimeMs, ctimeMs, ino } = await lstat(path);
			return { name: path.slice(folder.length + 1), size, stamp: `${size} ${mtimeMs} ${ctimeMs} ${ino}` };
		}),
	);
	if (facts.reduce((sum, { size }) => sum + size, 0) > mostBytes)
		throw new BadFolder(`is larger than ${mostBytes / 1024 / 1024} MB`);
	return facts.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Cheap to compute; differs after every change. */
export async function stampOf(folder: string): Promise<string> {
	return (await listFiles(folder)).map(({ name, stamp }) => `${name} ${stamp}`).join('\n');
}

function readManifest(name: string, text: string): Manifest {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		throw new BadFolder('manifest.json is not JSON');
	}
	const result = manifestSchema.safeParse(value);
	const issue = result.error?.issues[0];
	if (!result.success)
		throw new BadFolder(`manifest.json: ${issue?.path.join('.') || 'manifest'}: ${issue?.message ?? ''}`);
	const manifest = result.data;
	if (manifest.id !== name)
		throw new BadFolder(`manifest.json: the id is ${manifest.id}, the folder ${name}: they must be the same`);
	const endpoint = Object.entries(manifest.endpoints).find(
		([, declared]) => typeof declared === 'object' && 'connect' in declared,
	);
	if (endpoint)
		throw new BadFolder(`manifest.json: endpoints.${endpoint[0]}: connect is for built-in plugins`);
	// An operator's plugin is its own authority.
	return { ...manifest, authority: externalAuthority(manifest.id) };
}

function digestOf(files: ReadonlyMap<string, Buffer>): string {
	const whole = createHash('sha256');
	for (const [name, bytes] of files)
		whole.update(`${createHash('sha256').update(bytes).digest('hex')} ${JSON.stringify(name)}\n`);
	return whole.digest('hex');
}

/** Reads all files at once, so that the code that runs is the code that was checked. @throws {BadFolder} */
export async function readPluginFolder(parent: string, name: string): Promise<PluginFolder> {
	const folder = join(parent, name);
	const files = new Map<string, Buffer>();
	for (const file of await listFiles(folder)) files.set(file.name, await readFile(join(folder, file.name)));
	const manifest = files.get('manifest.json');
	if (!manifest) throw new BadFolder('manifest.json is missing');
	const code = files.get('index.server.js');
	if (!code) throw new BadFolder('index.server.js is missing');
	const text = (file: string, most: number): string => {
		const bytes = files.get(file);
		return bytes && bytes.length <= most ? bytes.toString() : '';
	};
	return {
		manifest: readManifest(name, manifest.toString()),
		icon: text('icon.svg', mostIconBytes),
		readme: { en: text('README.md', mostReadmeBytes), 'zh-CN': text('README.zh-CN.md', mostReadmeBytes) },
		digest: digestOf(files),
		code: code.toString(),
	};
}
