import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readConfig, settingsWithoutEffect, StartRefused, variables } from './environment';

const key = randomBytes(32).toString('base64');

function fileWith(content: string): string {
	const folder = mkdtempSync(join(tmpdir(), 'menshen-config-'));
	onTestFinished(() => rmSync(folder, { recursive: true }));
	const file = join(folder, 'value');
	writeFileSync(file, content);
	return file;
}

/** The line with which a start in this environment fails. */
function refusal(env: Record<string, string>): string {
	try {
		readConfig(env);
	} catch (error) {
		expect(error).toBeInstanceOf(StartRefused);
		return (error as Error).message;
	}
	return 'not refused';
}

describe('an empty environment', () => {
	it('gives the defaults', () => {
		const config = readConfig({});
		expect(config).toMatchObject({
			...{ PORT: 3000, HOST: '0.0.0.0', ORIGIN: 'http://localhost:3000', WORKERS: 1 },
			...{
				BACKUP_INTERVAL_HOURS: 12,
				BACKUP_KEEP: 30,
				AUDIT_DAYS: 400,
				LOG_LEVEL: 'info',
				LOG_FORMAT: 'json',
			},
		});
		expect(config.DATA_DIR).toBe(resolve('data'));
		expect(config.PLUGINS_DIR).toBe(resolve('data/plugins'));
		expect(config.DATABASE_URL).toBeUndefined();
		expect(config.MASTER_KEY).toBeUndefined();
	});

	it('logs prettily on a terminal only, unless set otherwise', () => {
		expect(readConfig({}, true).LOG_FORMAT).toBe('pretty');
		expect(readConfig({ LOG_FORMAT: 'json' }, true).LOG_FORMAT).toBe('json');
	});

	it('means the same as empty values', () => {
		const empty = Object.fromEntries(Object.keys(variables).map((name) => [name, '']));
		expect(readConfig(empty)).toEqual(readConfig({}));
	});
});

describe('a value', () => {
	it('is parsed by its type', () => {
		const config = readConfig({
			...{
				PORT: '8080',
				ORIGIN: 'https://id.example.com/',
				DATA_DIR: 'elsewhere',
				MASTER_KEY: key,
				ALLOW_OUTBOX: '1',
			},
			...{ TRUSTED_PROXIES: '10.0.0.0/8, ::1', EGRESS_ALLOW: 'lan.example,192.168.0.0/16' },
			ENDPOINTS: '{"dingtalk.token":"http://127.0.0.1:1/token"}',
		});
		expect(config.PORT).toBe(8080);
		expect(config.ORIGIN).toBe('https://id.example.com');
		expect(config.DATA_DIR).toBe(resolve('elsewhere'));
		expect(config.PLUGINS_DIR).toBe(resolve('elsewhere/plugins'));
		expect(config.MASTER_KEY?.toString('base64')).toBe(key);
		expect(config.ALLOW_OUTBOX).toBe(true);
		expect(config.TRUSTED_PROXIES).toEqual(['10.0.0.0/8', '::1']);
		expect(config.EGRESS_ALLOW).toEqual(['lan.example', '192.168.0.0/16']);
		expect(config.ENDPOINTS).toEqual({ 'dingtalk.token': 'http://127.0.0.1:1/token' });
	});

	it('gives ORIGIN the port that is listened on', () => {
		expect(readConfig({ PORT: '8080' }).ORIGIN).toBe('http://localhost:8080');
	});

	it.each([
		['PORT', '70000'],
		['PORT', 'http'],
		['WORKERS', '1.5'],
		['BACKUP_KEEP', '0'],
		['ORIGIN', 'id.example.com'],
		['ORIGIN', 'https://id.example.com/path'],
		['ORIGIN', 'https://id.example.com?x=1'],
		['ORIGIN', 'https://user@id.example.com'],
		['ORIGIN', 'ftp://id.example.com'],
		['DATABASE_URL', 'mysql://localhost/x'],
		['DATABASE_URL', 'postgres://one.example,two.example/x'],
		['DATABASE_URL', 'postgres://user:pass@one.example:5432,two.example:5433/x'],
		['DATABASE_URL', 'postgres://one.example/x?sslmode=require&host=two.example,three.example'],
		['WORKERS', '2'],
		['MASTER_KEY', 'c2hvcnQ='],
		['OPERATOR_EMAIL', 'nobody'],
		['ALLOW_OUTBOX', 'perhaps'],
		['TRUSTED_PROXIES', '10.0.0.0/99'],
		['TRUSTED_PROXIES', 'proxy.example'],
		['ENDPOINTS', '{"a":'],
		['ENDPOINTS', '{"a":"nowhere"}'],
		['LOG_LEVEL', 'loud'],
		['S3_ENDPOINT', 'nowhere'],
	])('of %s that is bad (%s) stops the start with one line that names it', (name, value) => {
		const line = refusal({ [name]: value });
		expect(line).toMatch(new RegExp(`^${name}: .+docs/config\\.md`));
		expect(line).not.toContain('\n');
	});

	it('of a secret is not repeated in the line', () => {
		for (const url of ['mysql://root:hunter2@localhost', 'postgres://root:hunter2@one,two/x'])
			expect(refusal({ DATABASE_URL: url })).not.toContain('hunter2');
		expect(refusal({ MASTER_KEY: 'hunter2hunter2' })).not.toContain('hunter2');
	});
});

describe('a secret in a file', () => {
	it('is read without the line break at its end', () => {
		expect(readConfig({ MASTER_KEY_FILE: fileWith(`${key}\n`) }).MASTER_KEY?.toString('base64')).toBe(key);
		expect(readConfig({ METRICS_TOKEN_FILE: fileWith('token\n') }).METRICS_TOKEN).toBe('token');
	});

	it('must not be given twice, and its file must be readable', () => {
		expect(refusal({ MASTER_KEY: key, MASTER_KEY_FILE: fileWith(key) })).toContain(
			'MASTER_KEY and MASTER_KEY_FILE',
		);
		expect(refusal({ MASTER_KEY_FILE: '/nowhere/key' })).toContain('does not exist');
		expect(refusal({ MASTER_KEY_FILE: tmpdir() })).toContain('cannot be read');
	});

	it('is checked by the same rules', () => {
		expect(refusal({ MASTER_KEY_FILE: fileWith('short') })).toMatch(/^MASTER_KEY: must be 32 bytes/);
	});
});

describe('an environment as a whole', () => {
	it('must not have unknown MENSHEN_ names, but may have any others', () => {
		expect(refusal({ MENSHEN_APLY: 'x.yaml' })).toContain('MENSHEN_APLY');
		expect(refusal({ PATH: '/bin', npm_config_x: '1' })).toBe('not refused');
	});

	it.each([
		[{ DATABASE_URL: 'postgres://localhost/menshen' }, 'MASTER_KEY'],
		[{ OPERATOR_EMAIL: 'owner@example.com' }, 'OPERATOR_PASSWORD'],
		[{ OPERATOR_PASSWORD: 'long enough' }, 'OPERATOR_EMAIL'],
		[{ S3_ENDPOINT: 'https://s3.example.com' }, 'S3_BUCKET'],
	])('that contradicts itself is refused: %o', (env, missing) => {
		expect(refusal(env as Record<string, string>)).toContain(missing);
	});

	it('may have settings of a later version: they are returned, for a warning', () => {
		const env = {
			S3_BUCKET: 'backups',
			METRICS_TOKEN_FILE: '/run/secrets/metrics',
			PORT: '3000',
			S3_REGION: '',
		};
		expect(settingsWithoutEffect(env)).toEqual(['S3_BUCKET', 'METRICS_TOKEN']);
	});

	it('with PostgreSQL and a key is accepted', () => {
		const config = readConfig({
			DATABASE_URL: 'postgres://user:p%40ss@db.example:5433/menshen?sslmode=require',
			MASTER_KEY: key,
		});
		expect(config.DATABASE_URL).toContain('db.example:5433');
		const commas = 'postgres://user:p,w,@db.example/x?application_name=a,b';
		expect(readConfig({ DATABASE_URL: commas, MASTER_KEY: key }).DATABASE_URL).toBe(commas);
	});
});
