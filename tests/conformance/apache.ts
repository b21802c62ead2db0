/** Apache httpd with mod_auth_openidc on loopback: a site that knows nothing of the appliance but its issuer. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
	chmodSync,
	chownSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { notedApache } from '../../scripts/prepare/noted-apache.mjs';

export type Apache = NonNullable<ReturnType<typeof notedApache>>;

const root = resolve(import.meta.dirname, '../..');

/**
 * The machine's, or one that is got now.
 * @returns undefined where there is none: one line has said what to install
 * @throws where CI asks for every test
 */
export async function findApache(): Promise<Apache | undefined> {
	const child = spawn(process.execPath, [join(root, 'scripts/prepare.mjs'), 'apache'], {
		stdio: ['ignore', 'inherit', 'pipe'],
		timeout: 300_000,
	});
	let told = '';
	child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()));
	await once(child, 'close');
	const found = notedApache(root);
	if (!found && process.env['CI']) throw new Error(told);
	if (!found) console.warn(`Skipped: ${told.trim()}`);
	return found;
}

export interface Site {
	readonly origin: string;
	/** Where the module takes answers, and its own commands (`?logout=`, `?info=json`). */
	readonly callback: string;
	errors(): string;
	stop(): Promise<void>;
}

interface SiteOptions {
	port: number;
	issuer: string;
	clientId: string;
	clientSecret: string;
}

/** What it runs as: root's rights are no use to it. */
const account = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

const needed = [
	...['mpm_event', 'unixd', 'log_config', 'authn_core', 'authz_core', 'authz_user', 'mime', 'dir', 'include'],
	'auth_openidc',
];

/** Some builds have a module inside, others as a file. */
const load = (apache: Apache) => (name: string) =>
	`<IfModule !${name}_module>\n\tLoadModule ${name}_module "${apache.modules}/mod_${name}.so"\n</IfModule>`;

/** A page that shows variables of the request, as JSON. */
const show = (names: string[]) =>
	`{${names.map((name) => `"${name}": "<!--#echo encoding="none" var="${name}" -->"`).join(', ')}}`;

export const everybody = 'Everybody may read this.';

const pages = {
	'private/who.shtml': show([
		'REMOTE_USER',
		...['sub', 'iss', 'aud', 'email', 'name'].map((claim) => `OIDC_CLAIM_${claim}`),
	]),
	'api/who.shtml': show([
		'REMOTE_USER',
		...['scope', 'client_id', 'iss'].map((claim) => `OIDC_CLAIM_${claim}`),
	]),
	'index.html': everybody,
};

function configuration(
	home: string,
	apache: Apache,
	{ port, issuer, clientId, clientSecret }: SiteOptions,
): string {
	return `ServerRoot "${home}"
ServerName 127.0.0.1
Listen 127.0.0.1:${port}
PidFile "${home}/httpd.pid"
DefaultRuntimeDir "${home}"
ErrorLog "${home}/error.log"
LogLevel warn auth_openidc:info
StartServers 1
ThreadsPerChild 8
MaxRequestWorkers 16
${needed.map(load(apache)).join('\n')}
TypesConfig "${home}/mime.types"
AddType text/html .shtml
AddOutputFilter INCLUDES .shtml
DirectoryIndex index.html
DocumentRoot "${home}/site"
<Directory "${home}/site">
	Options +Includes
	Require all granted
</Directory>

OIDCProviderMetadataURL ${issuer}/.well-known/openid-configuration
OIDCClientID ${clientId}
OIDCClientSecret ${clientSecret}
OIDCRedirectURI http://127.0.0.1:${port}/callback
OIDCCryptoPassphrase a-passphrase-of-the-site
OIDCScope "openid profile email"
OIDCResponseType code
OIDCPKCEMethod S256
OIDCRemoteUserClaim preferred_username
OIDCInfoHook access_token id_token userinfo
OIDCCacheType shm

OIDCOAuthServerMetadataURL ${issuer}/.well-known/openid-configuration
OIDCOAuthClientID ${clientId}
OIDCOAuthClientSecret ${clientSecret}
OIDCOAuthRemoteUserClaim sub
OIDCOAuthTokenIntrospectionInterval -1

<Location /callback>
	AuthType openid-connect
	Require valid-user
</Location>
<Location /private>
	AuthType openid-connect
	Require valid-user
</Location>
<Location /api>
	AuthType oauth20
	Require valid-user
</Location>
`;
}

function writeSite(home: string, text: string): string {
	for (const folder of ['site/private', 'site/api']) mkdirSync(join(home, folder), { recursive: true });
	for (const [name, content] of Object.entries(pages)) writeFileSync(join(home, 'site', name), content);
	writeFileSync(join(home, 'mime.types'), 'text/html html\n');
	const file = join(home, 'httpd.conf');
	writeFileSync(file, text);
	chmodSync(home, 0o755);
	if (account.uid !== undefined) chownSync(home, account.uid, account.gid);
	return file;
}

async function untilAnswers(origin: string, child: ChildProcess, told: () => string): Promise<void> {
	const deadline = performance.now() + 30_000;
	let status: number | undefined;
	while (child.exitCode === null && performance.now() < deadline) {
		status = (await fetch(origin).catch(() => undefined))?.status;
		if (status === 200) return;
		await new Promise((again) => setTimeout(again, 25));
	}
	throw new Error(`httpd did not get ready (exit ${child.exitCode}, answer ${status}):\n${told()}`);
}

export async function startSite(apache: Apache, options: SiteOptions): Promise<Site> {
	const home = mkdtempSync(join(tmpdir(), 'menshen-httpd-'));
	const file = writeSite(home, configuration(home, apache, options));
	const child = spawn(apache.program, ['-f', file, '-D', 'FOREGROUND'], {
		...account,
		stdio: ['ignore', 'pipe', 'pipe'],
		env: { PATH: process.env['PATH'], LD_LIBRARY_PATH: apache.libraries.join(':') },
	});
	let printed = '';
	for (const stream of [child.stdout, child.stderr])
		stream.on('data', (chunk: Buffer) => (printed += chunk.toString()));
	const gone = once(child, 'exit');
	const log = join(home, 'error.log');
	const errors = () => printed + (existsSync(log) ? readFileSync(log, 'utf8') : '');
	const origin = `http://127.0.0.1:${options.port}`;
	const stop = async () => {
		if (child.exitCode === null) child.kill('SIGTERM');
		await gone;
		rmSync(home, { recursive: true, force: true });
	};
	await untilAnswers(origin, child, errors).catch(async (error: unknown) => {
		await stop();
		throw error;
	});
	return { origin, callback: `${origin}/callback`, errors, stop };
}
