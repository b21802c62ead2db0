/**
 * A password sign-in written by hand: node:http, one read, the hash, one commit of a session, the user's row and a
 * line of the log, fsynced. No API, no limits, no plugins: what is left is what the core and the disk ask for.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hash, verify } from '@node-rs/argon2';
import Database from 'better-sqlite3';

const folder = mkdtempSync(join(tmpdir(), 'menshen-floor-'));
const db = new Database(join(folder, 'floor.db'));
db.pragma('journal_mode = WAL');
db.pragma('synchronous = FULL');
db.exec(`
	create table user (id text primary key, name text unique, secret text, seen_at integer);
	create table session (id text primary key, user_id text, expires_at integer, device text);
	create index session_user on session (user_id);
	create index session_expiry on session (expires_at);
	create table audit (seq integer primary key, action text, target text, at integer);
	create index audit_target on audit (target, seq);
`);
const secret = await hash('correct-horse-battery', { memoryCost: 19_456, timeCost: 2, parallelism: 1 });
const addUser = db.prepare('insert into user values (?, ?, ?, 0)');
for (let i = 0; i < 64; i++) addUser.run(randomUUID(), `person${i}`, secret);
const find = db.prepare('select * from user where name = ?');
const addSession = db.prepare('insert into session values (?, ?, ?, ?)');
const see = db.prepare('update user set seen_at = ? where id = ?');
const note = db.prepare('insert into audit (action, target, at) values (?, ?, ?)');
const commit = db.transaction((user, now) => {
	const id = randomUUID();
	addSession.run(id, user.id, now, 'x'.repeat(60));
	see.run(now, user.id);
	note.run('user.sign-in', `user:${user.id}`, now);
	return id;
});

/** One hash at a time, as on the product's one core; the next begins before this one's commit. */
let last = Promise.resolve();
function inTurn(work) {
	const mine = last.then(work);
	last = mine.catch(() => undefined);
	return mine;
}

async function answer(res, body) {
	const { identifier, password } = JSON.parse(body);
	const user = find.get(identifier);
	const right = await inTurn(() => verify(user.secret, password));
	await new Promise((next) => setImmediate(next));
	const text = right ? JSON.stringify({ session: commit(user, Date.now()) }) : '{}';
	res
		.writeHead(right ? 200 : 401, { 'content-type': 'application/json', 'content-length': text.length })
		.end(text);
}

const server = createServer((req, res) => {
	let body = '';
	req.on('data', (chunk) => (body += chunk));
	req.on('end', () => void answer(res, body));
});
server.listen(Number(process.env.PORT), '127.0.0.1', () => process.stdout.write('ready\n'));
process.on('SIGTERM', () => {
	db.close();
	rmSync(folder, { recursive: true, force: true });
	process.exit(0);
});
